// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/journal.h"

#include <algorithm>

namespace ptcap::decode::fast {

void Journal::advance(uint64_t bytes) {
  while (bytes > 0) {
    const uint64_t part = std::min<uint64_t>(bytes, kMaxAdvance);
    add(Element(ElementKind::kAdvance, static_cast<uint32_t>(part)));
    bytes -= part;
  }
}

void Journal::tsc(uint64_t tsc) {
  add(Element(ElementKind::kTsc, tsc >> kTscBits & Element::kMaxId));
  add(Element(ElementKind::kTsc, tsc & Element::kMaxId));
}

std::optional<size_t> Journal::find_psb() const {
  for (size_t i = size_; i-- > 0;) {
    const Element entry = entries_[i];
    if (entry.kind() == ElementKind::kPsb ||
        (entry.kind() == ElementKind::kChunk &&
         chunks_[entry.id()].begins_with_psb)) {
      return i;
    }
  }
  return std::nullopt;
}

void Journal::make_room() {
  const std::optional<size_t> psb = find_psb();
  // Too far back to be taken back: forget, and let the end of trouble be where
  // it is.
  if (!keeps_settled_) forget(psb && size_ < kMaxEntries ? *psb : size_);
  if (size_ * 2 > entries_.size()) entries_.resize(entries_.size() * 2);
}

void Journal::forget(size_t count) {
  std::copy(entries_.begin() + static_cast<long>(count),
            entries_.begin() + static_cast<long>(size_), entries_.begin());
  size_ -= count;
}

void Journal::take_settled(std::vector<Element>& out) {
  const size_t count = size_ < kMaxEntries ? find_psb().value_or(size_) : size_;
  out.insert(out.end(), entries_.begin(),
             entries_.begin() + static_cast<long>(count));
  forget(count);
}

std::optional<Journal::Tail> Journal::since_psb() const {
  const std::optional<size_t> psb = find_psb();
  if (!psb) return std::nullopt;
  Tail tail;
  tail.entries = std::span(entries_).subspan(*psb, size_ - *psb);
  const Element first = tail.entries.front();
  tail.node = first.kind() == ElementKind::kPsb ? first.id()
                                                : chunks_[first.id()].node_in;
  for (const Element entry : tail.entries) {
    if (entry.kind() == ElementKind::kChunk) {
      tail.bytes += chunks_[entry.id()].size;
    } else if (entry.kind() == ElementKind::kAdvance &&
               entry.id() <= kMaxAdvance) {
      tail.bytes += entry.id();
    }
  }
  return tail;
}

}  // namespace ptcap::decode::fast
