// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/aux_buffer.h"

#include <algorithm>
#include <cassert>

#include "formats/pt/packet.h"
#include "formats/pt/scanner.h"

namespace ptcap::formats::ptz {

namespace {

constexpr uint64_t kAlignment = 8;  // of AUXTRACE data
constexpr uint64_t kFirstCapacity = 4 << 10;
// So that a cut without a PSB does not go through one that ends later.
constexpr uint64_t kKeptBack = pt::kPsbSize - 1;

// 24 bytes each, never cut apart: perf reads BTS buffer by buffer.
constexpr uint64_t kBtsRecordSize = 8 + 8 + 8;  // from, to, flags

uint64_t padding_of(uint64_t size) { return (0 - size) % kAlignment; }

// Where to cut `size` bytes that hold no PSB but at their begin.
uint64_t cut_without_psb(AuxFormat format, uint64_t size) {
  if (format == AuxFormat::kOther) return size - size % kBtsRecordSize;
  return size > kKeptBack ? (size - kKeptBack) / kAlignment * kAlignment : 0;
}

}  // namespace

std::vector<PsbEntry> find_psbs(Bytes bytes, uint64_t offset) {
  std::vector<PsbEntry> psbs;
  for (auto at = pt::find_psb(bytes, 0); at;
       at = pt::find_psb(bytes, *at + pt::kPsbSize)) {
    psbs.push_back({.offset = offset + *at, .tsc = pt::psb_tsc(bytes, *at)});
  }
  return psbs;
}

AuxBuffer::AuxBuffer(uint32_t idx, uint32_t tid, uint32_t cpu, uint64_t offset)
    : bytes_(kAuxtraceHeaderSize),
      idx_(idx),
      tid_(tid),
      cpu_(cpu),
      offset_(offset) {}

uint64_t AuxBuffer::append(Bytes bytes, uint64_t limit, uint64_t reference) {
  const uint64_t room = limit > size() ? limit - size() : 0;
  bytes = bytes.first(std::min<uint64_t>(bytes.size(), room));
  // With room for padding, so that emit() allocates nothing.
  const uint64_t needed = bytes_.size() + bytes.size() + kAlignment;
  if (needed > bytes_.capacity()) {
    const uint64_t largest = kAuxtraceHeaderSize + limit + kAlignment;
    const uint64_t doubled =
        std::max<uint64_t>(2 * bytes_.capacity(), kFirstCapacity);
    bytes_.reserve(std::max(needed, std::min(doubled, largest)));
  }
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  reference_ = std::max<uint64_t>(reference, 1);
  return bytes.size();
}

void AuxBuffer::emit_full(AuxFormat format, const Emit& take) {
  std::vector<PsbEntry> psbs;
  if (format == AuxFormat::kPt) psbs = find_psbs(data(), offset_);
  if (!psbs.empty() && psbs.back().offset > offset_) {
    const uint64_t cut = psbs.back().offset - offset_;
    psbs.pop_back();
    return emit(cut, std::move(psbs), take);
  }
  if (const uint64_t cut = cut_without_psb(format, size()); cut > 0) {
    emit(cut, std::move(psbs), take);
  }
}

void AuxBuffer::emit_all(AuxFormat format, const Emit& take) {
  std::vector<PsbEntry> psbs;
  if (format == AuxFormat::kPt) psbs = find_psbs(data(), offset_);
  emit(size(), std::move(psbs), take);
}

void AuxBuffer::emit(uint64_t size, std::vector<PsbEntry> psbs,
                     const Emit& take) {
  const auto end =
      bytes_.begin() + static_cast<ptrdiff_t>(kAuxtraceHeaderSize + size);
  const Buffer tail(end, bytes_.end());
  const uint64_t padding = padding_of(size);
  bytes_.erase(end, bytes_.end());
  bytes_.resize(bytes_.size() + padding);
  const AuxInfo info = {.idx = idx_,
                        .tid = tid_,
                        .cpu = cpu_,
                        .offset = offset_,
                        .size = size,
                        .reference = reference_,
                        .psbs = std::move(psbs)};
  write_auxtrace(info, padding);
  take(bytes_, info);
  offset_ += size;
  bytes_.resize(kAuxtraceHeaderSize);
  bytes_.insert(bytes_.end(), tail.begin(), tail.end());
}

void AuxBuffer::write_auxtrace(const AuxInfo& info, uint64_t padding) {
  Buffer record;
  ByteWriter writer(record);
  writer.u32(kRecordAuxtrace);
  writer.u16(0);  // misc
  writer.u16(kAuxtraceHeaderSize);
  writer.u64(info.size + padding);
  writer.u64(info.offset);
  writer.u64(info.reference);
  writer.u32(info.idx);
  writer.u32(info.tid);
  writer.u32(info.cpu);
  writer.u32(static_cast<uint32_t>(padding));
  assert(record.size() == kAuxtraceHeaderSize);
  std::copy(record.begin(), record.end(), bytes_.begin());
}

void AuxBuffer::shrink() { bytes_.shrink_to_fit(); }

void AuxBuffer::jump_to(uint64_t offset) {
  assert(empty());
  offset_ = offset;
}

}  // namespace ptcap::formats::ptz
