// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/part_joiner.h"

#include <utility>

namespace ptcap::decode::fast {

void PartJoiner::put(const FlowItem& item) {
  const auto resumed_at = std::exchange(resumed_at_, std::nullopt);
  if (item.kind == FlowKind::kGap && resumed_at) {
    FlowItem gap = item;
    gap.has_from = true;
    gap.from = gap.end = *resumed_at;
    return builder_.event(gap);
  }
  if (item.kind == FlowKind::kBlock) [[likely]] {
    builder_.block(item);
  } else {
    builder_.event(item);
  }
}

// Whether `first` only says what is known. Settles a gap in front of it.
bool PartJoiner::resumes(const FlowItem& first) {
  const bool starts_on =
      first.kind == FlowKind::kOn && start_ip_ && first.to == *start_ip_;
  if (gap_) {
    const bool part_of_gap = starts_on || first.kind == FlowKind::kGap;
    if (part_of_gap) {
      gap_->has_to = first.has_to;
      gap_->to = first.to;
    }
    builder_.event(*gap_);
    gap_.reset();
    return part_of_gap;
  }
  if (!starts_on || !builder_.on()) return false;
  resumed_at_ = start_ip_;
  return true;
}

void PartJoiner::begin_part(std::optional<uint64_t> start_ip) {
  start_ip_ = start_ip;
  at_start_ = true;
}

void PartJoiner::add(std::span<const FlowItem> items) {
  for (const FlowItem& item : items) {
    if (std::exchange(at_start_, false) && resumes(item)) continue;
    if (held_) put(*held_);
    held_ = item;
  }
}

void PartJoiner::end_part() {
  if (!held_) return;
  const FlowItem last = *std::exchange(held_, std::nullopt);
  if (last.kind != FlowKind::kGap || last.has_to) return put(last);
  gap_ = last;
  if (resumed_at_) {
    gap_->has_from = true;
    gap_->from = gap_->end = *resumed_at_;
  }
  resumed_at_.reset();
}

void PartJoiner::flow(const FlowItem& item) {
  settle_gap();
  put(item);
}

void PartJoiner::settle_gap() {
  if (!gap_) [[likely]]
    return;
  builder_.event(*gap_);
  gap_.reset();
}

void PartJoiner::lose(const FlowItem& gap) {
  if (gap_) return;
  gap_ = gap;
  if (const FlowItem* block = builder_.last_block()) {
    gap_->has_from = true;
    gap_->from = block->last;
  }
}

void PartJoiner::finish(const FlowItem& off) {
  if (!gap_ && builder_.on()) {
    FlowItem item = off;
    if (const FlowItem* block = builder_.last_block()) {
      item.has_from = true;
      item.from = block->last;
    }
    builder_.event(item);
  }
  finish();
}

void PartJoiner::finish() {
  settle_gap();
  builder_.flush();
}

}  // namespace ptcap::decode::fast
