// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/stream.h"

namespace ptcap::decode {

bool StreamCode::apply(const CodeChange& change) {
  bool other = false;
  for (const CodeRange& range : change.ranges) {
    if (!view_->holds(range)) other = true;
  }
  if (!other) return false;
  auto next = std::make_shared<CodeView>(*view_);
  for (const CodeRange& range : change.ranges) next->add(range);
  view_ = std::move(next);
  return true;
}

bool StreamCode::advance_time(uint64_t time_ns) {
  bool other = false;
  while (by_time_ && next_by_time_ < by_time_->size() &&
         (*by_time_)[next_by_time_].time_ns <= time_ns) {
    other |= apply((*by_time_)[next_by_time_++]);
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

std::shared_ptr<const CodeView> StreamCode::constant_view() const {
  auto view = std::make_shared<CodeView>(*view_);
  for (const Changes& changes : {by_time_, by_offset_}) {
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

std::optional<uint64_t> StreamCode::next_offset() const {
  if (!by_offset_ || next_by_offset_ >= by_offset_->size()) return {};
  return (*by_offset_)[next_by_offset_].aux_offset;
}

}  // namespace ptcap::decode
