// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/pt/scanner.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>

#include "formats/pt/packet_writer.h"
#include "tests/formats/pt/libipt_packets.h"

namespace ptcap::pt {
namespace {

using ::testing::ElementsAre;
using testing::libipt_packets;
using testing::scan;

using Buffer = std::vector<uint8_t>;

// A small language to lay bytes out: packets through put(), raw bytes.
class PtBytes {
 public:
  template <typename Put, typename... Args>
  PtBytes& put(Put write, Args... args) {
    uint8_t room[32];
    bytes_.insert(bytes_.end(), room, write(room, args...));
    return *this;
  }
  PtBytes& raw(std::initializer_list<uint8_t> bytes) {
    bytes_.insert(bytes_.end(), bytes);
    return *this;
  }
  const Buffer& bytes() const { return bytes_; }

 private:
  Buffer bytes_;
};

std::vector<PacketType> types(std::span<const uint8_t> bytes) {
  std::vector<PacketType> result;
  for (const auto& packet : scan(bytes)) result.push_back(packet.type);
  return result;
}

TEST(PtScanner, UnknownOpcodeEndsAtTheNextPsb) {
  PtBytes pt;
  pt.put(put_tnt8, 1, 1).raw({0x02, 0xff, 0x12, 0x34}).put(put_psb);
  const auto packets = scan(pt.bytes());
  ASSERT_EQ(packets.size(), 3u);
  EXPECT_EQ(packets[1].type, PacketType::kUnknown);
  EXPECT_EQ(packets[1].size, 4u);
  EXPECT_EQ(packets[2].type, PacketType::kPsb);
}

TEST(PtScanner, UnknownOpcodeWithoutPsbTakesTheRest) {
  EXPECT_THAT(scan(Buffer{0x02, 0xff, 0x00, 0x00}),
              ElementsAre(Packet{.type = PacketType::kUnknown, .size = 4}));
}

TEST(PtScanner, EveryPacketCutShortIsTruncated) {
  const Buffer kWhole[] = {
      PtBytes().put(put_psb).bytes(),
      PtBytes().put(put_tnt64, 5, 40).bytes(),
      PtBytes().put(put_ip, IpPacket::kTip, IpCompression::kFull, 1).bytes(),
      PtBytes()
          .put(put_ip, IpPacket::kFup, IpCompression::kUpdate16, 1)
          .bytes(),
      PtBytes().put(put_tsc, 1).bytes(),
      PtBytes().put(put_cyc, ~0ull).bytes(),
      PtBytes().put(put_mode_exec, kModeExec64).bytes(),
      PtBytes().put(put_pip, 0x1000, false).bytes(),
      PtBytes().put(put_tma, 1, 2).bytes(),
      PtBytes().put(put_mnt, 3).bytes(),
      PtBytes().put(put_ptw, 3, 8, true).bytes(),
      PtBytes().put(put_mwait, 3, 8).bytes(),
      PtBytes().put(put_evd, 3, 8).bytes(),
  };
  for (const Buffer& whole : kWhole) {
    for (size_t size = 1; size < whole.size(); ++size) {
      // A heap block of the exact size: ASan sees a read beyond it.
      const auto part = std::make_unique<uint8_t[]>(size);
      std::copy_n(whole.begin(), size, part.get());
      EXPECT_THAT(
          scan({part.get(), size}),
          ElementsAre(Packet{.type = PacketType::kTruncated, .size = size}))
          << "first byte " << int{whole[0]} << " of " << whole.size();
    }
  }
}

TEST(PtScanner, ReservedEncodingsAreUnknown) {
  const Buffer kReserved[] = {
      {0xad, 0, 0, 0, 0, 0, 0, 0, 0},           // TIP with IPBytes 5
      {0xed, 0, 0, 0, 0, 0, 0, 0, 0},           // IPBytes 7
      {0x02, 0xa3, 0, 0, 0, 0, 0, 0},           // TNT-64 without stop bit
      {0x02, 0x52, 0, 0, 0, 0, 0, 0, 0, 0},     // PTW of size 2
      {0x99, 0x40},                             // MODE leaf 2
      {0x02, 0xc3, 0x89, 0, 0, 0, 0, 0, 0, 0},  // not MNT
      {0x02, 0x82, 0x02, 0x83},                 // a PSB that breaks off
      {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},  // CYC
  };
  for (const Buffer& bytes : kReserved) {
    EXPECT_THAT(types(bytes), ElementsAre(PacketType::kUnknown))
        << int{bytes[0]} << ' ' << int{bytes[1]};
  }
}

TEST(PtScanner, FindsPsbs) {
  PtBytes pt;
  pt.raw({0x02, 0x82, 0x02, 0x82}).put(put_pad).put(put_psb).put(put_pad);
  pt.put(put_psb).raw({0x02});
  EXPECT_EQ(find_psb(pt.bytes(), 0), 5u);
  EXPECT_EQ(find_psb(pt.bytes(), 5), 5u);
  EXPECT_EQ(find_psb(pt.bytes(), 6), 22u);
  EXPECT_EQ(find_psb(pt.bytes(), 23), std::nullopt);
  EXPECT_EQ(find_psb(pt.bytes(), 1000), std::nullopt);
  EXPECT_EQ(find_last_psb(pt.bytes(), 1000), 22u);
  EXPECT_EQ(find_last_psb(pt.bytes(), 22), 5u);
  EXPECT_EQ(find_last_psb(pt.bytes(), 5), std::nullopt);
  EXPECT_EQ(find_last_psb(Buffer{2, 0x82}, 2), std::nullopt);
}

TEST(PtScanner, PsbTscReadsTheHeaderOnly) {
  PtBytes with;
  with.put(put_psb).put(put_mode_exec, kModeExec64).put(put_tsc, 77);
  EXPECT_EQ(psb_tsc(with.put(put_psbend).bytes(), 0), 77u);
  PtBytes behind;
  behind.put(put_psb).put(put_psbend).put(put_tsc, 77);
  EXPECT_EQ(psb_tsc(behind.bytes(), 0), std::nullopt);
  EXPECT_EQ(psb_tsc(behind.bytes(), 3), std::nullopt);
  EXPECT_EQ(psb_tsc(PtBytes().put(put_psb).bytes(), 0), std::nullopt);
}

// Packets that libipt does not know; it stops there.
bool only_ours(PacketType type) {
  return type >= PacketType::kBbp && type <= PacketType::kEvd;
}

void expect_same_as_libipt(std::span<const uint8_t> bytes) {
  const auto theirs = libipt_packets(bytes);
  const auto ours = scan(bytes);
  ASSERT_GE(ours.size(), theirs.packets.size());
  for (size_t i = 0; i < theirs.packets.size(); ++i) {
    Packet packet = ours[i];
    if (packet.type == PacketType::kModeExec) packet.value &= 3;
    if (packet.type == PacketType::kModeTsx) packet.value &= 3;
    if (packet.type == PacketType::kPwrx) packet.detail &= 0xd;
    if (packet.type == PacketType::kPwre) packet.flag = theirs.packets[i].flag;
    ASSERT_EQ(packet, theirs.packets[i]) << "packet " << i;
  }
  if (theirs.offset == bytes.size()) {
    EXPECT_EQ(ours.size(), theirs.packets.size());
    return;
  }
  const Packet& stop = ours[theirs.packets.size()];
  if (theirs.error == -pte_eos) {
    // What cannot become a packet any more is unknown before its end, too.
    EXPECT_TRUE(stop.type == PacketType::kTruncated ||
                stop.type == PacketType::kUnknown)
        << "at " << theirs.offset << ": " << packet_name(stop.type);
  } else {
    EXPECT_TRUE(stop.type == PacketType::kUnknown || only_ours(stop.type) ||
                stop.type == PacketType::kTruncated ||
                (stop.type == PacketType::kCyc && stop.value >> 61 != 0))
        << "at " << theirs.offset << ": " << packet_name(stop.type);
  }
}

TEST(PtScanner, RandomBytesReadAsLibiptReadsThem) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20000; ++round) {
    // Of the exact size, for ASan.
    const size_t size = 1 + random() % 64;
    const auto bytes = std::make_unique<uint8_t[]>(size);
    for (size_t i = 0; i < size; ++i) {
      // Extended opcodes more often than chance makes them.
      bytes[i] = random() % 4 == 0 ? 0x02 : static_cast<uint8_t>(random());
    }
    expect_same_as_libipt({bytes.get(), size});
    if (HasFatalFailure()) FAIL() << "round " << round;
  }
}

TEST(PtScanner, EveryByteBelongsToOnePacket) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 2000; ++round) {
    Buffer bytes(random() % 300);
    for (auto& byte : bytes) byte = static_cast<uint8_t>(random());
    uint64_t sum = 0;
    for (const Packet& packet : scan(bytes)) {
      EXPECT_GT(packet.size, 0u);
      sum += packet.size;
    }
    EXPECT_EQ(sum, bytes.size());
  }
}

Buffer random_packets(std::mt19937_64& random, int count) {
  PtBytes pt;
  for (int i = 0; i < count; ++i) {
    const uint64_t r = random();
    switch (random() % 16) {
      case 0:
        pt.put(put_psb);
        break;
      case 1:
        pt.put(put_tsc, r >> 8);
        break;
      case 2:
        pt.put(put_tnt64, r & 0xffffffff, 32);
        break;
      case 3:
        pt.put(put_ip, IpPacket::kTip, IpCompression::kUpdate32, r);
        break;
      case 4:
        pt.put(put_ip, IpPacket::kFup, IpCompression::kSext48, r);
        break;
      case 5:
        pt.put(put_cyc, r >> (3 + r % 60));
        break;
      case 6:
        pt.put(put_ptw, r, 8, true);
        break;
      case 7:
        pt.put(put_pip, r, true);
        break;
      case 8:
        pt.put(put_mwait, 1, 2);
        break;
      case 9:
        pt.put(put_tma, 1, 2);
        break;
      case 10:
        pt.put(put_pad);
        break;
      default:
        pt.put(put_tnt8, r & 0x1f, 5);
    }
  }
  return pt.bytes();
}

TEST(PtScanner, RandomPacketsReadAsLibiptReadsThem) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 50; ++round) {
    const Buffer bytes = random_packets(random, 1000);
    ASSERT_EQ(libipt_packets(bytes).offset, bytes.size());
    expect_same_as_libipt(bytes);
  }
}

// Real traces: see the README of the corpus.
std::filesystem::path shared_folder() {
  if (const char* folder = std::getenv("PTCAP_SHARED")) return folder;
  return std::filesystem::path(PTCAP_SOURCE_DIR) / ".." / "shared";
}

TEST(PtScanner, CorpusReadsAsLibiptReadsIt) {
  const auto corpus = shared_folder() / "corpus";
  if (!std::filesystem::is_directory(corpus)) {
    GTEST_SKIP() << "no corpus of real traces in " << corpus
                 << "; PTCAP_SHARED says where it is";
  }
  int traces = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(corpus)) {
    const auto name = entry.path().filename().string();
    if (!entry.is_regular_file() || !name.ends_with(".pt")) continue;
    ++traces;
    std::ifstream file(entry.path(), std::ios::binary);
    const Buffer bytes{std::istreambuf_iterator<char>(file), {}};
    const uint64_t start = find_psb(bytes, 0).value_or(0);
    SCOPED_TRACE(entry.path().string());
    expect_same_as_libipt(std::span(bytes).subspan(start));
  }
  EXPECT_GE(traces, 5);
}

}  // namespace
}  // namespace ptcap::pt
