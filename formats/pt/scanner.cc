// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/pt/scanner.h"

#include <cstring>

namespace ptcap::pt {

namespace {

constexpr uint8_t kPsbPattern[kPsbSize] = {0x02, 0x82, 0x02, 0x82, 0x02, 0x82,
                                           0x02, 0x82, 0x02, 0x82, 0x02, 0x82,
                                           0x02, 0x82, 0x02, 0x82};

}  // namespace

std::optional<uint64_t> find_psb(std::span<const uint8_t> bytes,
                                 uint64_t from) {
  if (from >= bytes.size()) return std::nullopt;
  const void* hit =
      memmem(bytes.data() + from, bytes.size() - from, kPsbPattern, kPsbSize);
  if (hit == nullptr) return std::nullopt;
  return static_cast<const uint8_t*>(hit) - bytes.data();
}

std::optional<uint64_t> find_last_psb(std::span<const uint8_t> bytes,
                                      uint64_t before) {
  if (bytes.size() < kPsbSize) return std::nullopt;
  uint64_t at = bytes.size() - kPsbSize + 1;
  if (before < at) at = before;
  while (at-- > 0) {
    if (bytes[at] == 0x02 &&
        std::memcmp(bytes.data() + at, kPsbPattern, kPsbSize) == 0) {
      return at;
    }
  }
  return std::nullopt;
}

std::optional<uint64_t> psb_tsc(std::span<const uint8_t> bytes,
                                uint64_t psb_offset) {
  PacketScanner scanner(bytes, psb_offset);
  Packet packet;
  if (!scanner.next(packet) || packet.type != PacketType::kPsb) return {};
  while (scanner.next(packet)) {
    switch (packet.type) {
      case PacketType::kTsc:
        return packet.value;
      // What a PSB+ may hold before its TSC (SDM 33.4.2.17).
      case PacketType::kPad:
      case PacketType::kTma:
      case PacketType::kPip:
      case PacketType::kVmcs:
      case PacketType::kCbr:
      case PacketType::kModeExec:
      case PacketType::kModeTsx:
      case PacketType::kFup:
      case PacketType::kMnt:
      case PacketType::kMtc:
      case PacketType::kCyc:
        break;
      default:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

bool PacketScanner::whole(Packet& packet, PacketType type, uint64_t size) {
  packet = {.type = type, .size = size};
  if (left() >= size) {
    at_ += size;
    return true;
  }
  packet = {.type = PacketType::kTruncated, .size = left()};
  at_ = end_;
  return false;
}

// whole() has stepped over the packet by `size`, so the field is behind at_.
uint64_t PacketScanner::load(unsigned offset, unsigned size) const {
  uint64_t value = 0;
  std::memcpy(&value, at_ - offset, size);
  return value;
}

void PacketScanner::decode(Packet& packet) {
  const unsigned byte = *at_;
  if (bip_size_ != 0 && (byte & 7) == 4) return decode_block_item(packet);
  if ((byte & 1) == 0) {
    if (byte == 0x02) return decode_extended(packet);
    if (byte == 0x00) {
      whole(packet, PacketType::kPad, 1);
      return;
    }
    bip_size_ = 0;
    return tnt8(byte, packet);
  }
  if ((byte & 3) == 3) return decode_cyc(packet);
  switch (byte & 0x1f) {
    case 0x0d:
      return decode_ip(packet, PacketType::kTip);
    case 0x11:
      return decode_ip(packet, PacketType::kTipPge);
    case 0x01:
      return decode_ip(packet, PacketType::kTipPgd);
    case 0x1d:
      return decode_ip(packet, PacketType::kFup);
    default:
      break;
  }
  switch (byte) {
    case 0x19:
      if (whole(packet, PacketType::kTsc, 8)) packet.value = load(7, 7);
      return;
    case 0x59:
      if (whole(packet, PacketType::kMtc, 2)) packet.value = load(1, 1);
      return;
    case 0x99:
      return decode_mode(packet);
    default:
      return unknown(packet);
  }
}

void PacketScanner::decode_ip(Packet& packet, PacketType type) {
  const unsigned ip_bytes = *at_ >> 5;
  const int payload = ip_payload_size(ip_bytes);
  if (payload < 0) return unknown(packet);
  if (type != PacketType::kFup) bip_size_ = 0;
  // A whole word at once where there is room: the common case by far.
  if (left() >= 9) {
    uint64_t word;
    std::memcpy(&word, at_ + 1, 8);
    if (payload < 8) word &= (1ull << (payload * 8)) - 1;
    packet.type = type;
    packet.flag = false;
    packet.detail = ip_bytes;
    packet.size = 1 + static_cast<unsigned>(payload);
    packet.value = word;
    at_ += packet.size;
    return;
  }
  if (!whole(packet, type, 1 + static_cast<unsigned>(payload))) return;
  packet.detail = ip_bytes;
  packet.value = load(payload, payload);
}

void PacketScanner::decode_mode(Packet& packet) {
  if (left() < 2) {
    whole(packet, PacketType::kModeExec, 2);
    return;
  }
  const unsigned leaf = at_[1] >> 5;
  if (leaf > 1) return unknown(packet);
  bip_size_ = 0;
  whole(packet, leaf == 0 ? PacketType::kModeExec : PacketType::kModeTsx, 2);
  packet.value = load(1, 1) & 0x1f;
}

// 5 bits, then 7 a byte as long as the extension bit says so; what does not
// fit into 64 bits makes it no packet.
void PacketScanner::decode_cyc(Packet& packet) {
  uint64_t value = *at_ >> 3;
  bool more = (*at_ & 4) != 0;
  unsigned shift = 5;
  unsigned size = 1;
  while (more) {
    if (size == left()) {
      whole(packet, PacketType::kCyc, size + 1);
      return;
    }
    const uint64_t bits = at_[size] >> 1;
    if (shift >= 64 || (bits << shift) >> shift != bits) {
      return unknown(packet);
    }
    value |= bits << shift;
    more = (at_[size] & 1) != 0;
    shift += 7;
    ++size;
  }
  whole(packet, PacketType::kCyc, size);
  packet.value = value;
}

void PacketScanner::decode_psb(Packet& packet) {
  const uint64_t size = left() < kPsbSize ? left() : kPsbSize;
  if (std::memcmp(at_, kPsbPattern, size) != 0) return unknown(packet);
  bip_size_ = 0;
  whole(packet, PacketType::kPsb, kPsbSize);
}

void PacketScanner::decode_tnt64(Packet& packet) {
  if (!whole(packet, PacketType::kTnt64, 8)) return;
  const uint64_t payload = load(6, 6);
  if (payload == 0) {  // without stop bit: no packet
    at_ -= 8;
    return unknown(packet);
  }
  const unsigned stop = 63 - static_cast<unsigned>(__builtin_clzll(payload));
  bip_size_ = 0;
  packet.detail = stop;
  packet.value = payload ^ (1ull << stop);
}

void PacketScanner::decode_block_item(Packet& packet) {
  const unsigned size = bip_size_;
  if (!whole(packet, PacketType::kBip, 1 + size)) return;
  packet.detail = static_cast<uint32_t>(load(1 + size, 1) >> 3);
  packet.value = load(size, size);
}

// Bytes that are no packet, up to where packets begin again.
void PacketScanner::unknown(Packet& packet) {
  bip_size_ = 0;
  const uint64_t size = find_psb({at_, end_}, 1).value_or(left());
  packet = {.type = PacketType::kUnknown, .size = size};
  at_ += size;
}

void PacketScanner::decode_extended(Packet& packet) {
  if (left() < 2) {
    whole(packet, PacketType::kPad, 2);
    return;
  }
  const unsigned opcode = at_[1];
  // PTW and EXSTOP carry fields in the opcode.
  if ((opcode & 0x1f) == 0x12) {
    const unsigned length = (opcode >> 5) & 3;
    if (length > 1) return unknown(packet);
    const unsigned payload = length == 0 ? 4 : 8;
    bip_size_ = 0;
    if (!whole(packet, PacketType::kPtw, 2 + payload)) return;
    packet.flag = (opcode & 0x80) != 0;
    packet.detail = payload;
    packet.value = load(payload, payload);
    return;
  }
  switch (opcode) {
    case 0x82:
      return decode_psb(packet);
    case 0xa3:
      return decode_tnt64(packet);
    case 0x23:
      bip_size_ = 0;
      whole(packet, PacketType::kPsbEnd, 2);
      return;
    case 0xf3:
      bip_size_ = 0;
      whole(packet, PacketType::kOvf, 2);
      return;
    case 0x83:
      bip_size_ = 0;
      whole(packet, PacketType::kStop, 2);
      return;
    case 0x43:
      bip_size_ = 0;
      if (!whole(packet, PacketType::kPip, 8)) return;
      packet.value = load(6, 6);
      packet.flag = (packet.value & 1) != 0;
      packet.value = (packet.value >> 1) << 5;
      return;
    case 0xc8:
      bip_size_ = 0;
      if (whole(packet, PacketType::kVmcs, 7)) packet.value = load(5, 5) << 12;
      return;
    case 0x03:
      if (whole(packet, PacketType::kCbr, 4)) packet.value = load(2, 1);
      return;
    case 0x73:
      if (!whole(packet, PacketType::kTma, 7)) return;
      packet.value = load(5, 2);
      packet.detail = static_cast<uint32_t>(load(2, 2));
      if (packet.detail > 0x1ff) {  // reserved bits
        at_ -= 7;
        unknown(packet);
      }
      return;
    case 0xc3:
      if (left() > 2 && at_[2] != 0x88) return unknown(packet);
      if (whole(packet, PacketType::kMnt, 11)) packet.value = load(8, 8);
      return;
    case 0x62:
    case 0xe2:
      if (whole(packet, PacketType::kExstop, 2)) packet.flag = opcode == 0xe2;
      return;
    case 0xc2:
      bip_size_ = 0;
      if (!whole(packet, PacketType::kMwait, 10)) return;
      packet.value = load(8, 4);
      packet.detail = static_cast<uint32_t>(load(4, 4));
      return;
    case 0x22:
      if (!whole(packet, PacketType::kPwre, 4)) return;
      // Bit 7 in the SDM and in perf; libipt 2.0.5 reads bit 3.
      packet.flag = (load(2, 1) & 0x80) != 0;
      packet.value = load(1, 1) >> 4;
      packet.detail = static_cast<uint32_t>(load(1, 1) & 0xf);
      return;
    case 0xa2:
      if (!whole(packet, PacketType::kPwrx, 7)) return;
      packet.value = load(5, 1);
      packet.detail = static_cast<uint32_t>(load(4, 1) & 0xf);
      return;
    case 0x63:
      if (!whole(packet, PacketType::kBbp, 3)) return;
      packet.value = load(1, 1) & 0x1f;
      packet.detail = bip_size_ = (load(1, 1) & 0x80) != 0 ? 4 : 8;
      return;
    case 0x33:
    case 0xb3:
      bip_size_ = 0;
      if (whole(packet, PacketType::kBep, 2)) packet.flag = opcode == 0xb3;
      return;
    case 0x13:
      bip_size_ = 0;
      if (!whole(packet, PacketType::kCfe, 4)) return;
      packet.flag = (load(2, 1) & 0x80) != 0;
      packet.value = load(2, 1) & 0x1f;
      packet.detail = static_cast<uint32_t>(load(1, 1));
      return;
    case 0x53:
      bip_size_ = 0;
      if (!whole(packet, PacketType::kEvd, 11)) return;
      packet.detail = static_cast<uint32_t>(load(9, 1) & 0x3f);
      packet.value = load(8, 8);
      return;
    default:
      return unknown(packet);
  }
}

}  // namespace ptcap::pt
