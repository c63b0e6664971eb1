// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/time_interpolator.h"

#include <algorithm>

namespace ptcap::decode {

bool TimeInterpolator::next(FlowBatch& batch) {
  batch.clear();
  incoming_.reserve(std::max<size_t>(batch.capacity(), 64));
  while (!done_ && begin_ == given_) {
    if (!engine_->next(incoming_)) {
      done_ = true;
      break;
    }
    size_t index = items_.size();
    items_.insert(items_.end(), incoming_.begin(), incoming_.end());
    for (; index < items_.size(); ++index) take(index);
    if (items_.size() - begin_ > kMaxWaiting) {
      begin_ = items_.size();
      uneven_ = true;
    }
  }
  give(batch, done_ ? items_.size() : begin_);
  return !batch.empty();
}

void TimeInterpolator::take(size_t index) {
  const FlowItem& item = items_[index];
  if (item.time > time_) {
    if (time_ != 0 && !uneven_) spread(index);
    begin_ = index;
    time_ = item.time;
    insns_ = 0;
    uneven_ = false;
  }
  switch (item.kind) {
    case FlowKind::kBlock:
      insns_ += item.ninsn;
      break;
    case FlowKind::kOn:
      uneven_ = uneven_ || index != begin_;
      break;
    case FlowKind::kOff:
    case FlowKind::kGap:
      uneven_ = true;
      break;
    case FlowKind::kAsync:
    case FlowKind::kTxAbort:
    case FlowKind::kMode:
    case FlowKind::kOther:
      break;
  }
}

// Those from begin_ on; the packet with the time of `end` came while its
// instructions ran.
void TimeInterpolator::spread(size_t end) {
  const FlowItem& next = items_[end];
  const uint64_t all =
      insns_ + (next.kind == FlowKind::kBlock ? next.ninsn : 0);
  if (all == 0) return;
  const double rate =
      static_cast<double>(next.time - time_) / static_cast<double>(all);
  uint64_t ran = 0;
  for (size_t i = begin_; i < end; ++i) {
    if (items_[i].kind == FlowKind::kBlock) ran += items_[i].ninsn;
    const auto after = static_cast<uint64_t>(rate * static_cast<double>(ran));
    items_[i].time = std::min(time_ + after, next.time - 1);
  }
}

void TimeInterpolator::give(FlowBatch& batch, size_t end) {
  const auto at = [&](size_t index) {
    return items_.begin() + static_cast<std::ptrdiff_t>(index);
  };
  batch.assign(at(given_), at(end));
  given_ = end;
  begin_ = std::max(begin_, end);
  if (given_ == items_.size() || given_ > kMaxWaiting) {
    items_.erase(items_.begin(), at(given_));
    begin_ -= given_;
    given_ = 0;
  }
}

}  // namespace ptcap::decode
