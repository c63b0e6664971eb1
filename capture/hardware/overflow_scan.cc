// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/overflow_scan.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "formats/pt/scanner.h"

namespace ptcap::capture {
namespace {

constexpr uint8_t kOvf[] = {0x02, 0xf3};  // SDM vol. 3, 33.4.2.16

std::optional<uint64_t> find_pattern(formats::Bytes bytes, uint64_t from) {
  if (from >= bytes.size()) return std::nullopt;
  const auto* found = static_cast<const uint8_t*>(
      ::memmem(bytes.data() + from, bytes.size() - from, kOvf, sizeof kOvf));
  if (!found) return std::nullopt;
  return static_cast<uint64_t>(found - bytes.data());
}

}  // namespace

std::vector<uint64_t> find_overflows(formats::Bytes bytes) {
  std::vector<uint64_t> overflows;
  uint64_t read = 0;  // packets are read up to there
  for (auto at = find_pattern(bytes, 0); at; at = find_pattern(bytes, read)) {
    const auto psb = pt::find_last_psb(bytes, *at);
    pt::PacketScanner scanner(bytes, std::max(read, psb.value_or(0)));
    pt::Packet packet;
    while (scanner.offset() <= *at && scanner.next(packet)) {
      if (packet.type == pt::PacketType::kOvf) {
        overflows.push_back(scanner.offset() - packet.size);
      }
    }
    read = std::max(scanner.offset(), *at + 1);
  }
  return overflows;
}

}  // namespace ptcap::capture
