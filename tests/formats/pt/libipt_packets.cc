// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/formats/pt/libipt_packets.h"

#include "formats/pt/scanner.h"

namespace ptcap::pt {

void PrintTo(const Packet& packet, std::ostream* out) {
  *out << packet_name(packet.type) << " size " << packet.size << " value 0x"
       << std::hex << packet.value << " detail 0x" << packet.detail << " flag "
       << packet.flag << std::dec;
}

namespace testing {

namespace {

uint32_t pair(uint32_t low, uint32_t high) { return low | high << 1; }

Packet ip_packet(PacketType type, const pt_packet& packet) {
  return {.type = type,
          .detail = static_cast<uint32_t>(packet.payload.ip.ipc),
          .value = packet.payload.ip.ip};
}

Packet fields(const pt_packet& packet) {
  const auto& p = packet.payload;
  switch (packet.type) {
    case ppt_pad:
      return {.type = PacketType::kPad};
    case ppt_psb:
      return {.type = PacketType::kPsb};
    case ppt_psbend:
      return {.type = PacketType::kPsbEnd};
    case ppt_ovf:
      return {.type = PacketType::kOvf};
    case ppt_stop:
      return {.type = PacketType::kStop};
    case ppt_fup:
      return ip_packet(PacketType::kFup, packet);
    case ppt_tip:
      return ip_packet(PacketType::kTip, packet);
    case ppt_tip_pge:
      return ip_packet(PacketType::kTipPge, packet);
    case ppt_tip_pgd:
      return ip_packet(PacketType::kTipPgd, packet);
    case ppt_tnt_8:
      return {.type = PacketType::kTnt8,
              .detail = p.tnt.bit_size,
              .value = p.tnt.payload};
    case ppt_tnt_64:
      return {.type = PacketType::kTnt64,
              .detail = p.tnt.bit_size,
              .value = p.tnt.payload};
    case ppt_mode:
      if (p.mode.leaf == pt_mol_exec) {
        return {.type = PacketType::kModeExec,
                .value = pair(p.mode.bits.exec.csl, p.mode.bits.exec.csd)};
      }
      return {.type = PacketType::kModeTsx,
              .value = pair(p.mode.bits.tsx.intx, p.mode.bits.tsx.abrt)};
    case ppt_pip:
      return {
          .type = PacketType::kPip, .flag = p.pip.nr != 0, .value = p.pip.cr3};
    case ppt_vmcs:
      return {.type = PacketType::kVmcs, .value = p.vmcs.base};
    case ppt_cbr:
      return {.type = PacketType::kCbr, .value = p.cbr.ratio};
    case ppt_tsc:
      return {.type = PacketType::kTsc, .value = p.tsc.tsc};
    case ppt_tma:
      return {.type = PacketType::kTma, .detail = p.tma.fc, .value = p.tma.ctc};
    case ppt_mtc:
      return {.type = PacketType::kMtc, .value = p.mtc.ctc};
    case ppt_cyc:
      return {.type = PacketType::kCyc, .value = p.cyc.value};
    case ppt_mnt:
      return {.type = PacketType::kMnt, .value = p.mnt.payload};
    case ppt_exstop:
      return {.type = PacketType::kExstop, .flag = p.exstop.ip != 0};
    case ppt_mwait:
      return {.type = PacketType::kMwait,
              .detail = p.mwait.ext,
              .value = p.mwait.hints};
    case ppt_pwre:
      return {.type = PacketType::kPwre,
              .flag = p.pwre.hw != 0,
              .detail = p.pwre.sub_state,
              .value = p.pwre.state};
    case ppt_pwrx:
      return {.type = PacketType::kPwrx,
              .detail = pair(p.pwrx.interrupt, 0) |
                        pair(p.pwrx.store, p.pwrx.autonomous) << 2,
              .value = uint64_t{p.pwrx.deepest} | uint64_t{p.pwrx.last} << 4};
    case ppt_ptw:
      return {.type = PacketType::kPtw,
              .flag = p.ptw.ip != 0,
              .detail = static_cast<uint32_t>(pt_ptw_size(p.ptw.plc)),
              .value = p.ptw.payload};
    default:
      return {.type = PacketType::kUnknown};
  }
}

}  // namespace

LibiptPackets libipt_packets(std::span<const uint8_t> bytes) {
  pt_config config;
  pt_config_init(&config);
  // libipt does not write through it.
  config.begin = const_cast<uint8_t*>(bytes.data());
  config.end = config.begin + bytes.size();
  pt_packet_decoder* decoder = pt_pkt_alloc_decoder(&config);
  LibiptPackets result;
  result.error = pt_pkt_sync_set(decoder, 0);
  while (result.error >= 0) {
    pt_packet packet;
    result.error = pt_pkt_next(decoder, &packet, sizeof(packet));
    if (result.error < 0) break;
    Packet ours = fields(packet);
    ours.size = packet.size;
    result.packets.push_back(ours);
    pt_pkt_get_offset(decoder, &result.offset);
  }
  pt_pkt_free_decoder(decoder);
  return result;
}

std::vector<uint8_t> libipt_encode(const pt_packet& packet) {
  std::vector<uint8_t> bytes(64);
  pt_config config;
  pt_config_init(&config);
  config.begin = bytes.data();
  config.end = bytes.data() + bytes.size();
  pt_encoder* encoder = pt_alloc_encoder(&config);
  const int size = pt_enc_next(encoder, &packet);
  pt_free_encoder(encoder);
  bytes.resize(size < 0 ? 0 : size);
  return bytes;
}

std::vector<Packet> scan(std::span<const uint8_t> bytes) {
  std::vector<Packet> packets;
  PacketScanner scanner(bytes);
  Packet packet;
  while (scanner.next(packet)) packets.push_back(packet);
  return packets;
}

}  // namespace testing
}  // namespace ptcap::pt
