// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/psb_header.h"

#include "formats/pt/packet.h"
#include "formats/pt/scanner.h"

namespace ptcap::decode {

PsbHeader parse_psb_header(std::span<const uint8_t> bytes) {
  PsbHeader header;
  pt::PacketScanner scanner(bytes);
  pt::Packet packet;
  scanner.next(packet);
  while (scanner.next(packet)) {
    switch (packet.type) {
      case pt::PacketType::kPsbEnd:
        header.whole = true;
        return header;
      case pt::PacketType::kTsc:
        header.tsc = packet.value;
        break;
      case pt::PacketType::kModeExec:
        header.has_mode = true;
        break;
      case pt::PacketType::kFup:
        if (packet.detail != 0) header.ip = pt::expand_ip(packet, 0);
        break;
      case pt::PacketType::kOvf:
      case pt::PacketType::kUnknown:
      case pt::PacketType::kTruncated:
        return header;
      default:
        break;
    }
  }
  return header;
}

std::optional<uint64_t> find_sync(std::span<const uint8_t> bytes,
                                  uint64_t from) {
  auto at = pt::find_psb(bytes, from);
  // A payload may end in 02 82: of a longer run the end is the packet.
  while (at && *at + pt::kPsbSize + 2 <= bytes.size() &&
         bytes[*at + pt::kPsbSize] == 0x02 &&
         bytes[*at + pt::kPsbSize + 1] == 0x82) {
    *at += 2;
  }
  return at;
}

std::optional<uint64_t> find_last_sync(std::span<const uint8_t> bytes,
                                       uint64_t after, uint64_t before) {
  const auto at = pt::find_last_psb(bytes, before);
  if (!at || *at <= after) return std::nullopt;
  const auto sync = find_sync(bytes, *at);
  if (sync && *sync < before) return sync;
  return std::nullopt;
}

}  // namespace ptcap::decode
