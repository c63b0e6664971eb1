// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/timing.h"

#include <algorithm>
#include <cstring>

#include "decode/psb_header.h"
#include "formats/pt/packet.h"
#include "formats/pt/scanner.h"

namespace ptcap::decode::fast {

namespace {

using pt::Packet;
using pt::PacketType;

// Of trace, to judge it by: so many packets of flow, within so many bytes.
constexpr size_t kSampleBytes = 16 << 10;
constexpr unsigned kSamplePackets = 32;
// How many packets of flow there may be for one CYC or MTC.
constexpr unsigned kMuch = 8;

bool is_timing(PacketType type) {
  return type == PacketType::kTsc || type == PacketType::kTma ||
         type == PacketType::kMtc || type == PacketType::kCyc;
}

bool is_short_tnt_or_pad(unsigned byte) { return (byte & 1) == 0 && byte != 2; }
bool is_cyc(unsigned byte) { return (byte & 3) == 3; }
bool is_tip_or_fup(unsigned byte) {
  const unsigned opcode = byte & 0x1f;
  return opcode == 0x0d || opcode == 0x11 || opcode == 0x01 || opcode == 0x1d;
}

// Bytes of the CYC at `at`, and its value; 0 if it is cut short or too long.
unsigned read_cyc(const uint8_t* at, const uint8_t* end, uint64_t& value) {
  value = *at >> 3;
  if ((*at & 4) == 0) return 1;
  unsigned shift = 5;
  for (unsigned size = 1; size < kMaxCycBytes && at + size < end; ++size) {
    value |= static_cast<uint64_t>(at[size] >> 1) << shift;
    shift += 7;
    if ((at[size] & 1) == 0) return size + 1;
  }
  return 0;
}

}  // namespace

std::optional<bool> has_much_timing(std::span<const uint8_t> trace) {
  const auto psb = find_sync(trace, 0);
  if (!psb) return std::nullopt;
  pt::PacketScanner scanner(
      trace.subspan(*psb, std::min(kSampleBytes, trace.size() - *psb)));
  Packet packet;
  unsigned timing = 0;
  unsigned flow = 0;
  while (flow < kSamplePackets && scanner.next(packet)) {
    const bool is_fine =
        packet.type == PacketType::kCyc || packet.type == PacketType::kMtc;
    timing += is_fine ? 1 : 0;
    const bool is_flow = packet.type == PacketType::kTnt8 ||
                         packet.type == PacketType::kTnt64 ||
                         packet.type == PacketType::kTip;
    flow += is_flow ? 1 : 0;
  }
  if (flow < kSamplePackets) return std::nullopt;
  return timing * kMuch >= flow;
}

void StrippedTrace::assign(std::span<const uint8_t> trace, bool with_marks) {
  size_ = marks_size_ = 0;
  cycles_ = 0;
  parts_.clear();
  // Copies may write a word too much.
  bytes_.resize(std::max(bytes_.size(), trace.size() + 2 * sizeof(uint64_t)));
  auto psb = find_sync(trace, 0);
  while (psb) {
    const auto next = find_sync(trace, *psb + pt::kPsbSize);
    const auto part = trace.subspan(*psb, next.value_or(trace.size()) - *psb);
    const size_t size = size_;
    const size_t marks = marks_size_;
    const bool stripped = strip(part, with_marks);
    if (!stripped) {
      size_ = size;
      marks_size_ = marks;
      std::memcpy(bytes_.data() + size_, part.data(), part.size());
      size_ += part.size();
    }
    parts_.push_back({size, *psb, !stripped});
    psb = next;
  }
}

void StrippedTrace::mark(uint64_t cycles) {
  cycles_ += cycles;
  if (marks_size_ == marks_.size()) {
    marks_.resize(std::max<size_t>(4096, 2 * marks_.size()));
  }
  marks_[marks_size_++] = {size_, cycles_};
}

// False if there is something in it that is not known here.
bool StrippedTrace::strip(std::span<const uint8_t> part, bool with_marks) {
  const uint8_t* at = part.data();
  const uint8_t* end = at + part.size();
  uint8_t* out = bytes_.data() + size_;
  const uint8_t* begin = out - size_;
  while (at < end) {
    const unsigned byte = *at;
    if (is_short_tnt_or_pad(byte)) {
      *out++ = static_cast<uint8_t>(byte);
      ++at;
      continue;
    }
    if (is_cyc(byte)) {
      // Without a branch on how long it is, which nobody can predict.
      const unsigned more = byte >> 2 & 1;
      if (!with_marks && end - at > 2 && (at[1] & more) == 0) [[likely]] {
        at += 1 + more;
        continue;
      }
      uint64_t cycles = 0;
      const unsigned size = read_cyc(at, end, cycles);
      if (size == 0) return false;
      at += size;
      if (with_marks) {
        size_ = static_cast<size_t>(out - begin);
        mark(cycles);
      }
      continue;
    }
    const int payload = pt::ip_payload_size(byte >> 5);
    if (is_tip_or_fup(byte) && payload >= 0 &&
        end - at >= 2 * static_cast<long>(sizeof(uint64_t))) {
      std::memcpy(out, at, 2 * sizeof(uint64_t));
      out += 1 + payload;
      at += 1 + payload;
      continue;
    }
    pt::PacketScanner scanner({at, end});
    Packet packet;
    scanner.next(packet);
    if (packet.type == PacketType::kUnknown ||
        packet.type == PacketType::kTruncated ||
        packet.type == PacketType::kBbp) {  // what follows reads differently
      return false;
    }
    if (!is_timing(packet.type)) {
      std::memcpy(out, at, packet.size);
      out += packet.size;
    }
    at += packet.size;
  }
  size_ = static_cast<size_t>(out - begin);
  return true;
}

uint64_t StrippedTrace::original(uint64_t offset) const {
  auto at = std::upper_bound(
      parts_.begin(), parts_.end(), offset,
      [](uint64_t value, const Part& part) { return value < part.stripped; });
  if (at == parts_.begin()) return 0;
  --at;
  return at->original + (at->raw ? offset - at->stripped : 0);
}

uint64_t StrippedTrace::stripped(uint64_t original) const {
  const auto at = std::lower_bound(
      parts_.begin(), parts_.end(), original,
      [](const Part& part, uint64_t value) { return part.original < value; });
  return at == parts_.end() ? size_ : at->stripped;
}

}  // namespace ptcap::decode::fast
