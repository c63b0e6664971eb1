// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/libipt/cycle_counter.h"

#include "formats/pt/packet.h"
#include "formats/pt/scanner.h"

namespace ptcap::decode {

void CycleCounter::read(std::span<const uint8_t> bytes, uint64_t offset) {
  const uint64_t left = take(offset);
  marks_ = {{offset, left}};
  next_ = 0;
  pt::PacketScanner scanner(bytes);
  pt::Packet packet;
  while (scanner.next(packet)) {
    switch (packet.type) {
      case pt::PacketType::kCyc:
        if (!off_) marks_.push_back({offset + scanner.offset(), packet.value});
        break;
      case pt::PacketType::kTipPgd:
        off_ = true;
        break;
      case pt::PacketType::kTipPge:
      case pt::PacketType::kTip:
      case pt::PacketType::kTnt8:
      case pt::PacketType::kTnt64:
      case pt::PacketType::kFup:  // of a PSB+, or behind an overflow
        off_ = false;
        break;
      default:
        break;
    }
  }
}

uint64_t CycleCounter::take(uint64_t offset) {
  uint64_t cycles = 0;
  for (; next_ < marks_.size() && marks_[next_].offset <= offset; ++next_) {
    cycles += marks_[next_].cycles;
  }
  return cycles;
}

}  // namespace ptcap::decode
