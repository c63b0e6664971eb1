// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Every packet that the writer knows: our scanner and libipt read back what
// was written, and libipt's encoder writes the same bytes.

#include <gmock/gmock.h>

#include <functional>

#include "formats/pt/packet_writer.h"
#include "tests/formats/pt/libipt_packets.h"

namespace ptcap::pt {
namespace {

using ::testing::ElementsAre;
using testing::libipt_encode;
using testing::libipt_packets;
using testing::scan;

using Write = std::function<uint8_t*(uint8_t*)>;

std::vector<uint8_t> written(const Write& write) {
  std::vector<uint8_t> bytes(64);
  bytes.resize(write(bytes.data()) - bytes.data());
  return bytes;
}

// `packet.size` is checked against the bytes written.
void expect_packet(const Write& write, Packet packet) {
  const auto bytes = written(write);
  packet.size = bytes.size();
  EXPECT_THAT(scan(bytes), ElementsAre(packet));
}

void expect_same_as_libipt(const Write& write, Packet packet,
                           const pt_packet& theirs) {
  expect_packet(write, packet);
  const auto bytes = written(write);
  packet.size = bytes.size();
  EXPECT_THAT(libipt_packets(bytes).packets, ElementsAre(packet));
  EXPECT_EQ(bytes, libipt_encode(theirs)) << packet_name(packet.type);
}

TEST(PtPacket, PacketsWithoutPayload) {
  const struct {
    uint8_t* (*write)(uint8_t*);
    PacketType type;
    pt_packet_type theirs;
  } kCases[] = {
      {put_pad, PacketType::kPad, ppt_pad},
      {put_psb, PacketType::kPsb, ppt_psb},
      {put_psbend, PacketType::kPsbEnd, ppt_psbend},
      {put_ovf, PacketType::kOvf, ppt_ovf},
      {put_stop, PacketType::kStop, ppt_stop},
  };
  for (const auto& c : kCases) {
    expect_same_as_libipt(c.write, {.type = c.type}, {.type = c.theirs});
  }
}

TEST(PtPacket, Tnt8HoldsOneToSixBranches) {
  for (unsigned count = 1; count <= 6; ++count) {
    for (uint64_t bits = 0; bits < 1u << count; ++bits) {
      pt_packet theirs = {.type = ppt_tnt_8};
      theirs.payload.tnt = {.bit_size = static_cast<uint8_t>(count),
                            .payload = bits};
      expect_same_as_libipt(
          [&](uint8_t* out) { return put_tnt8(out, bits, count); },
          {.type = PacketType::kTnt8, .detail = count, .value = bits}, theirs);
    }
  }
}

TEST(PtPacket, Tnt64HoldsUpTo47Branches) {
  for (unsigned count = 1; count <= 47; ++count) {
    for (uint64_t bits : {0ull, ~0ull, 0x5555555555555555ull}) {
      bits &= (1ull << count) - 1;
      pt_packet theirs = {.type = ppt_tnt_64};
      theirs.payload.tnt = {.bit_size = static_cast<uint8_t>(count),
                            .payload = bits};
      expect_same_as_libipt(
          [&](uint8_t* out) { return put_tnt64(out, bits, count); },
          {.type = PacketType::kTnt64, .detail = count, .value = bits}, theirs);
    }
  }
}

TEST(PtPacket, IpPacketsInEachCompression) {
  const struct {
    IpPacket kind;
    PacketType type;
    pt_packet_type theirs;
  } kKinds[] = {
      {IpPacket::kTip, PacketType::kTip, ppt_tip},
      {IpPacket::kTipPge, PacketType::kTipPge, ppt_tip_pge},
      {IpPacket::kTipPgd, PacketType::kTipPgd, ppt_tip_pgd},
      {IpPacket::kFup, PacketType::kFup, ppt_fup},
  };
  const struct {
    IpCompression compression;
    uint64_t mask;
  } kCompressions[] = {
      {IpCompression::kSuppressed, 0},
      {IpCompression::kUpdate16, 0xffff},
      {IpCompression::kUpdate32, 0xffffffff},
      {IpCompression::kUpdate48, 0xffffffffffff},
      {IpCompression::kSext48, 0xffffffffffff},
      {IpCompression::kFull, ~0ull},
  };
  for (const auto& kind : kKinds) {
    for (const auto& c : kCompressions) {
      const uint64_t ip = 0xfedcba9876543210 & c.mask;
      pt_packet theirs = {.type = kind.theirs};
      theirs.payload.ip = {.ipc = static_cast<pt_ip_compression>(c.compression),
                           .ip = ip};
      expect_same_as_libipt(
          [&](uint8_t* out) {
            return put_ip(out, kind.kind, c.compression, ip);
          },
          {.type = kind.type,
           .detail = static_cast<uint32_t>(c.compression),
           .value = ip},
          theirs);
    }
  }
}

TEST(PtPacket, ShortestIpCompressionExpandsToTheSameIp) {
  const uint64_t kIps[] = {0x1000,
                           0x1234,
                           0x55550000,
                           0x5555fff0,
                           0x7fff12345678,
                           0x7fff12345000,
                           0xffffffff81000000,
                           0xffffffff81000010,
                           0x4000000000,
                           0x0123456789abcdef,
                           0};
  uint64_t writer_last = 0;
  uint64_t reader_last = 0;
  for (const uint64_t ip : kIps) {
    uint8_t bytes[16];
    uint8_t* end = put_tip(bytes, IpPacket::kTip, ip, writer_last);
    const auto packets = scan({bytes, end});
    ASSERT_EQ(packets.size(), 1u);
    reader_last = expand_ip(packets[0], reader_last);
    EXPECT_EQ(reader_last, ip);
  }
}

TEST(PtPacket, ModeExec) {
  for (uint8_t bits : {kModeExec16, kModeExec32, kModeExec64}) {
    pt_packet theirs = {.type = ppt_mode};
    theirs.payload.mode.leaf = pt_mol_exec;
    theirs.payload.mode.bits.exec = {.csl = bits & 1u, .csd = bits >> 1 & 1u};
    expect_same_as_libipt(
        [&](uint8_t* out) { return put_mode_exec(out, bits); },
        {.type = PacketType::kModeExec, .value = bits}, theirs);
  }
}

TEST(PtPacket, ModeTsx) {
  for (unsigned bits = 0; bits < 4; ++bits) {
    pt_packet theirs = {.type = ppt_mode};
    theirs.payload.mode.leaf = pt_mol_tsx;
    theirs.payload.mode.bits.tsx = {.intx = bits & 1, .abrt = bits >> 1};
    expect_same_as_libipt(
        [&](uint8_t* out) {
          return put_mode_tsx(out, (bits & 1) != 0, (bits & 2) != 0);
        },
        {.type = PacketType::kModeTsx, .value = bits}, theirs);
  }
}

TEST(PtPacket, PipAndVmcs) {
  for (const bool non_root : {false, true}) {
    const uint64_t cr3 = 0x0000123456789fe0;
    pt_packet theirs = {.type = ppt_pip};
    theirs.payload.pip = {.cr3 = cr3, .nr = non_root ? 1u : 0u};
    expect_same_as_libipt(
        [&](uint8_t* out) { return put_pip(out, cr3, non_root); },
        {.type = PacketType::kPip, .flag = non_root, .value = cr3}, theirs);
  }
  pt_packet theirs = {.type = ppt_vmcs};
  theirs.payload.vmcs.base = 0x000ffedcba987000;
  expect_same_as_libipt(
      [](uint8_t* out) { return put_vmcs(out, 0x000ffedcba987000); },
      {.type = PacketType::kVmcs, .value = 0x000ffedcba987000}, theirs);
}

TEST(PtPacket, TimePackets) {
  pt_packet cbr = {.type = ppt_cbr};
  cbr.payload.cbr.ratio = 0x2a;
  expect_same_as_libipt([](uint8_t* out) { return put_cbr(out, 0x2a); },
                        {.type = PacketType::kCbr, .value = 0x2a}, cbr);
  pt_packet tsc = {.type = ppt_tsc};
  tsc.payload.tsc.tsc = 0x00fedcba98765432;
  expect_same_as_libipt(
      [](uint8_t* out) { return put_tsc(out, 0x00fedcba98765432); },
      {.type = PacketType::kTsc, .value = 0x00fedcba98765432}, tsc);
  pt_packet tma = {.type = ppt_tma};
  tma.payload.tma = {.ctc = 0xabcd, .fc = 0x1f3};
  expect_same_as_libipt(
      [](uint8_t* out) { return put_tma(out, 0xabcd, 0x1f3); },
      {.type = PacketType::kTma, .detail = 0x1f3, .value = 0xabcd}, tma);
  pt_packet mtc = {.type = ppt_mtc};
  mtc.payload.mtc.ctc = 0x9f;
  expect_same_as_libipt([](uint8_t* out) { return put_mtc(out, 0x9f); },
                        {.type = PacketType::kMtc, .value = 0x9f}, mtc);
}

// libipt refuses what is longer than 61 bits; so does every CPU.
TEST(PtPacket, CycOfEachLength) {
  expect_packet([](uint8_t* out) { return put_cyc(out, ~0ull); },
                {.type = PacketType::kCyc, .value = ~0ull});
  for (unsigned shift = 3; shift < 64; ++shift) {
    const uint64_t cycles = ~0ull >> shift;
    pt_packet theirs = {.type = ppt_cyc};
    theirs.payload.cyc.value = cycles;
    expect_same_as_libipt([&](uint8_t* out) { return put_cyc(out, cycles); },
                          {.type = PacketType::kCyc, .value = cycles}, theirs);
  }
}

TEST(PtPacket, PowerAndMaintenance) {
  pt_packet mnt = {.type = ppt_mnt};
  mnt.payload.mnt.payload = 0x0123456789abcdef;
  expect_same_as_libipt(
      [](uint8_t* out) { return put_mnt(out, 0x0123456789abcdef); },
      {.type = PacketType::kMnt, .value = 0x0123456789abcdef}, mnt);
  for (const bool fup : {false, true}) {
    pt_packet exstop = {.type = ppt_exstop};
    exstop.payload.exstop.ip = fup ? 1 : 0;
    expect_same_as_libipt([&](uint8_t* out) { return put_exstop(out, fup); },
                          {.type = PacketType::kExstop, .flag = fup}, exstop);
  }
  pt_packet pwre = {.type = ppt_pwre};
  pwre.payload.pwre = {.state = 6, .sub_state = 3};
  expect_same_as_libipt([](uint8_t* out) { return put_pwre(out, 6, 3, false); },
                        {.type = PacketType::kPwre, .detail = 3, .value = 6},
                        pwre);
  // libipt has this flag in another bit than the SDM.
  expect_packet(
      [](uint8_t* out) { return put_pwre(out, 6, 3, true); },
      {.type = PacketType::kPwre, .flag = true, .detail = 3, .value = 6});
  pt_packet mwait = {.type = ppt_mwait};
  mwait.payload.mwait = {.hints = 0x52, .ext = 1};
  expect_same_as_libipt(
      [](uint8_t* out) { return put_mwait(out, 0x52, 1); },
      {.type = PacketType::kMwait, .detail = 1, .value = 0x52}, mwait);
  for (unsigned wake : {1u, 4u, 8u}) {
    pt_packet pwrx = {.type = ppt_pwrx};
    pwrx.payload.pwrx = {.last = 2,
                         .deepest = 7,
                         .interrupt = wake & 1,
                         .store = wake >> 2 & 1,
                         .autonomous = wake >> 3 & 1};
    expect_same_as_libipt(
        [&](uint8_t* out) {
          return put_pwrx(out, 2, 7, static_cast<uint8_t>(wake));
        },
        {.type = PacketType::kPwrx, .detail = wake, .value = 0x27}, pwrx);
  }
}

TEST(PtPacket, PtwOfBothSizes) {
  for (const bool fup : {false, true}) {
    for (const unsigned size : {4u, 8u}) {
      const uint64_t payload = 0xfedcba9876543210 >> (64 - 8 * size);
      pt_packet theirs = {.type = ppt_ptw};
      theirs.payload.ptw = {.payload = payload,
                            .plc = static_cast<uint8_t>(size == 8 ? 1 : 0),
                            .ip = fup ? 1u : 0u};
      expect_same_as_libipt(
          [&](uint8_t* out) { return put_ptw(out, payload, size, fup); },
          {.type = PacketType::kPtw,
           .flag = fup,
           .detail = size,
           .value = payload},
          theirs);
    }
  }
}

// libipt 2.0.5 knows none of these: the bytes are those of the SDM.

TEST(PtPacket, BlockItemsOfBothSizes) {
  for (const unsigned size : {4u, 8u}) {
    const uint64_t payload = 0xfedcba9876543210 >> (64 - 8 * size);
    const auto bytes = written([&](uint8_t* out) {
      out = put_bbp(out, 4, size);
      out = put_bip(out, 0x1f, payload, size);
      out = put_bep(out, /*fup_follows=*/true);
      return put_tnt8(out, 2, 2);  // 0x0c: a BIP inside a block
    });
    EXPECT_THAT(
        scan(bytes),
        ElementsAre(Packet{.type = PacketType::kBbp,
                           .detail = size,
                           .size = 3,
                           .value = 4},
                    Packet{.type = PacketType::kBip,
                           .detail = 0x1f,
                           .size = 1 + size,
                           .value = payload},
                    Packet{.type = PacketType::kBep, .flag = true, .size = 2},
                    Packet{.type = PacketType::kTnt8,
                           .detail = 2,
                           .size = 1,
                           .value = 2}));
    EXPECT_EQ(bytes[2], size == 4 ? 0x84 : 0x04);
  }
}

TEST(PtPacket, EventTrace) {
  const auto write = [](uint8_t* out) { return put_cfe(out, 1, 0x0e, true); };
  expect_packet(
      write,
      {.type = PacketType::kCfe, .flag = true, .detail = 0x0e, .value = 1});
  EXPECT_THAT(written(write), ElementsAre(0x02, 0x13, 0x81, 0x0e));
  expect_packet(
      [](uint8_t* out) { return put_evd(out, 2, 0x7fff12345678); },
      {.type = PacketType::kEvd, .detail = 2, .value = 0x7fff12345678});
}

TEST(PtPacket, NamesAreThoseOfPtdump) {
  EXPECT_STREQ(packet_name(PacketType::kPad), "pad");
  EXPECT_STREQ(packet_name(PacketType::kTnt8), "tnt.8");
  EXPECT_STREQ(packet_name(PacketType::kModeExec), "mode.exec");
  EXPECT_STREQ(packet_name(PacketType::kPtw), "ptw");
  EXPECT_STREQ(packet_name(PacketType::kTruncated), "truncated");
}

}  // namespace
}  // namespace ptcap::pt
