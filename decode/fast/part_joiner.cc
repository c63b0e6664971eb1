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
bool PartJoiner::resumes(const FlowItem& first,
                         std::optional<uint64_t> start_ip) {
  const bool starts_on =
      first.kind == FlowKind::kOn && start_ip && first.to == *start_ip;
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
  resumed_at_ = start_ip;
  return true;
}

void PartJoiner::part(std::span<const FlowItem> items,
                      std::optional<uint64_t> start_ip, FlowBatch& out) {
  if (items.empty()) return;
  builder_.set_batch(&out);
  if (resumes(items.front(), start_ip)) items = items.subspan(1);
  if (items.empty()) return;
  for (const FlowItem& item : items.first(items.size() - 1)) put(item);
  const FlowItem& last = items.back();
  if (last.kind == FlowKind::kGap && !last.has_to) {
    gap_ = last;
    if (resumed_at_ && items.size() == 1) {
      gap_->has_from = true;
      gap_->from = gap_->end = *resumed_at_;
    }
    resumed_at_.reset();
  } else {
    put(last);
  }
}

void PartJoiner::finish(FlowBatch& out) {
  builder_.set_batch(&out);
  if (gap_) builder_.event(*gap_);
  gap_.reset();
  builder_.flush();
}

}  // namespace ptcap::decode::fast
