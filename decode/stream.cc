// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/stream.h"

#include <algorithm>

namespace ptcap::decode {

StreamCode::StreamCode(std::shared_ptr<const CpuTimeline> timeline,
                       CodeOf code_of)
    : timeline_(std::move(timeline)), code_of_(std::move(code_of)) {
  process_ = code_of_(timeline_->slices.front().pid).process_;
}

bool StreamCode::apply(const CodeChange& change) {
  bool other = false;
  for (const CodeRange& range : change.ranges) {
    if (!process_.view->holds(range)) other = true;
  }
  if (!other) return false;
  auto next = std::make_shared<CodeView>(*process_.view);
  for (const CodeRange& range : change.ranges) next->add(range);
  process_.view = std::move(next);
  return true;
}

bool StreamCode::advance_time(uint64_t time_ns) {
  bool other = false;
  while (process_.by_time && process_.next_by_time < process_.by_time->size() &&
         (*process_.by_time)[process_.next_by_time].time_ns <= time_ns) {
    other |= apply((*process_.by_time)[process_.next_by_time++]);
  }
  return other;
}

bool StreamCode::advance_offset(uint64_t aux_offset) {
  bool other = false;
  while (next_offset().value_or(~0ull) <= aux_offset) {
    other |= apply((*by_offset_)[next_by_offset_++]);
  }
  return other;
}

bool StreamCode::advance_slice(uint64_t time_ns, uint64_t aux_offset) {
  if (!timeline_) return false;
  const auto& slices = timeline_->slices;
  const uint64_t reached = timeline_->by_offset ? aux_offset : time_ns;
  uint32_t slice = slice_;
  while (slice + 1 < slices.size() && slices[slice + 1].begin <= reached) {
    ++slice;
  }
  if (slice == slice_) return false;
  enter_slice(slice);
  advance_time(time_ns);
  return true;
}

bool StreamCode::enter_slice(uint32_t slice) {
  if (!timeline_ || slice <= slice_) return false;
  const uint32_t before = timeline_->slices[slice_].pid;
  const uint32_t pid = timeline_->slices[slice].pid;
  slice_ = slice;
  if (pid == before) return false;
  others_[before] = std::move(process_);
  const auto at = others_.find(pid);
  process_ = at != others_.end() ? at->second : code_of_(pid).process_;
  return true;
}

uint64_t StreamCode::time_in_slice(uint64_t time_ns) const {
  if (!timeline_ || timeline_->by_offset ||
      slice_ + 1 >= timeline_->slices.size()) {
    return time_ns;
  }
  return std::min(time_ns, timeline_->slices[slice_ + 1].begin - 1);
}

std::shared_ptr<const CodeView> StreamCode::constant_view() const {
  if (timeline_) return nullptr;
  auto view = std::make_shared<CodeView>(*process_.view);
  for (const Changes& changes : {process_.by_time, by_offset_}) {
    if (!changes) continue;
    for (const CodeChange& change : *changes) {
      for (const CodeRange& range : change.ranges) {
        if (view->holds(range)) continue;
        if (view->overlaps(range)) return nullptr;
        view->add(range);
      }
    }
  }
  return view;
}

uint64_t StreamCode::next_time() const {
  const auto& [view, by_time, next] = process_;
  return by_time && next < by_time->size() ? (*by_time)[next].time_ns : ~0ull;
}

std::optional<uint64_t> StreamCode::next_offset() const {
  if (!by_offset_ || next_by_offset_ >= by_offset_->size()) return {};
  return (*by_offset_)[next_by_offset_].aux_offset;
}

}  // namespace ptcap::decode
