// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/ordered_engine.h"

#include <algorithm>
#include <utility>

namespace ptcap::decode::fast {

namespace {

// Of trace, walked at a time: a few hundred thousand branches at most.
constexpr uint64_t kSliceBytes = 32 << 10;
constexpr size_t kStretchBatch = 1024;

// A step of a walk is up to some hundred items: a batch ends in front of one
// that might not fit, so that it does not grow.
constexpr size_t kMostItems = 4096;
constexpr size_t kStepItems = 768;

}  // namespace

OrderedEngine::OrderedEngine(StreamInput input, SectionCache& sections,
                             const EngineOptions& options, uint64_t window_size)
    : input_(std::move(input)),
      code_is_constant_(input_.code.constant_view() != nullptr),
      code_(code_is_constant_ ? input_.code.constant_view()
                              : input_.code.view()),
      sections_(sections),
      window_size_(window_size),
      windows_(*input_.aux, window_size),
      segments_(*input_.aux, window_size),
      walker_(*code_, options, input_.settings.clock.has_value()),
      expander_(walker_.memo(), input_.settings.clock, joiner_),
      next_offset_(input_.begin),
      bdm70_(has_bdm70(input_.settings)) {
  walker_.journal().keep_settled();
  walker_.start();
}

OrderedEngine::~OrderedEngine() = default;

bool OrderedEngine::next(FlowBatch& batch) {
  batch.clear();
  const size_t room = std::clamp<size_t>(batch.capacity(), 64, kMostItems);
  const size_t wanted = room - std::min(kStepItems, room / 2);
  joiner_.set_batch(&batch);
  while (batch.size() < wanted) {
    if (ready_at_ < ready_.size()) [[likely]] {
      expander_.expand(ready_[ready_at_++]);
    } else if (stretch_) {
      pull_stretch();
    } else if (then_ == Then::kEnd) {
      finish();
      break;
    } else {
      advance();
    }
  }
  return !batch.empty();
}

void OrderedEngine::advance() {
  ready_.clear();
  ready_at_ = 0;
  if (seek_) expander_.set_offset(*std::exchange(seek_, std::nullopt));
  switch (std::exchange(then_, Then::kWalk)) {
    case Then::kWalk:
      return walk();
    case Then::kEvict:
      return walker_.evict();
    case Then::kStretch:
      return begin_stretch();
    case Then::kLost:
      return lose(FlowCause::kLost);
    case Then::kBroken:
      return lose(FlowCause::kDesync);
    case Then::kEnd:
      return;
  }
}

// Behind the end of a part the flow goes on, and who reads the next one knows.
void OrderedEngine::finish() {
  if (goes_on_) return joiner_.finish();
  joiner_.finish(expander_.event(FlowKind::kOff, FlowCause::kEnd));
}

// All that was walked is for good.
void OrderedEngine::leave_off(Then then) {
  const auto entries = walker_.journal().entries();
  ready_.assign(entries.begin(), entries.end());
  walker_.journal().clear();
  then_ = then;
}

void OrderedEngine::lose(FlowCause cause) {
  joiner_.lose(expander_.event(FlowKind::kGap, cause));
  lost_ = true;
}

void OrderedEngine::walk() {
  if (!window_ && !open_window()) return leave_off(Then::kEnd);
  switch (walker_.run(offset_, offset_ + kSliceBytes)) {
    case Walker::End::kLimit:
      if (offset_ >= window_->end_offset()) return close_window();
      return walker_.journal().take_settled(ready_);
    case Walker::End::kFull:
      return leave_off(Then::kEvict);
    case Walker::End::kNeedsStack:
      return start_with_stack();
    case Walker::End::kPartial:
      hand_over();
      // What a stream that is cut short ends with is no trouble, not even if
      // that is a PSB+.
      if (window_ && window_->end == AuxWindow::End::kStream) {
        stretch_end_ = window_->end_offset();
      }
      return;
    case Walker::End::kTrouble:
    case Walker::End::kChange:
      return hand_over();
  }
}

// ----------------------------------------------------------------- windows

bool OrderedEngine::open_window() {
  const auto pieces = input_.aux->pieces();
  if (pieces.empty()) return false;
  const uint64_t from = std::max(next_offset_, pieces.front().offset);
  window_ = windows_.next(from, input_.code.next_offset(), input_.end);
  if (!window_) {
    const uint64_t end = pieces.back().offset + pieces.back().size;
    if (from == pieces.front().offset && input_.begin == 0 &&
        holds_flow(*input_.aux, from, end)) {
      lose(FlowCause::kDesync);
    }
    return false;
  }
  if (input_.code.next_offset().value_or(~0ull) <= window_->offset) {
    // Code was added there, and what stood around it was no event of the
    // program.
    if (input_.code.advance_offset(window_->offset)) set_code();
    if (!is_code(walker_.state().node)) joiner_.expect_restart();
    window_ = windows_.next(from, input_.code.next_offset(), input_.end);
  }
  if (window_->offset > from &&
      holds_flow(*input_.aux, from, window_->offset)) {
    lose(FlowCause::kDesync);
  }
  if (std::exchange(lost_, false) && can_start(window_->bytes) &&
      !start_ip(window_->bytes, bdm70_)) {
    joiner_.settle_gap();  // it resumes with tracing off
  }
  if (walker_.state().node == kUnsynced) {
    expander_.set_offset(window_->offset);
  }
  if (walker_.state().node == kUnsynced) pass_code(window_->header.tsc);
  offset_ = window_->offset;
  next_offset_ = window_->end_offset();
  walker_.set_bytes(window_->bytes, window_->offset);
  return true;
}

void OrderedEngine::close_window() {
  goes_on_ = window_->end == AuxWindow::End::kPsb && window_->next.ip;
  switch (window_->end) {
    case AuxWindow::End::kPsb:
      walker_.end_window(window_->next.ip);
      walker_.journal().take_settled(ready_);
      break;
    case AuxWindow::End::kChange:
      walker_.end_window(window_->next.ip);
      leave_off(Then::kWalk);
      break;
    case AuxWindow::End::kHole:
    case AuxWindow::End::kStream:
      if (!walker_.finish()) return hand_over();
      leave_off(window_->end == AuxWindow::End::kHole ? Then::kLost
                                                      : Then::kWalk);
      walker_.start();
      break;
  }
  window_.reset();
}

// ----------------------------------------------------------------- trouble

void OrderedEngine::go_on_at(uint64_t offset) {
  seek_ = offset;
  if (window_ && offset >= window_->offset && offset < window_->end_offset()) {
    offset_ = offset;
    return;
  }
  window_.reset();
  next_offset_ = offset;
}

// From now on the return stack is kept, and was not since the last PSB: goes
// back to there.
void OrderedEngine::start_with_stack() {
  walker_.keep_stack();
  const auto retreat = walker_.retreat(offset_);
  leave_off(Then::kWalk);
  if (!retreat) return lose_way();
  walker_.state().node = retreat->node;
  go_on_at(retreat->begin);
}

void OrderedEngine::hand_over() {
  const auto retreat = walker_.retreat(offset_);
  leave_off(Then::kStretch);
  if (retreat) {
    retreat_ = *retreat;
    return;
  }
  lose_way();
}

// Nothing is known of how the flow came here, and no PSB is near.
void OrderedEngine::lose_way() {
  ++walker_.stats().abandoned;
  then_ = Then::kBroken;
  walker_.start();
  window_.reset();
  next_offset_ = offset_ + 1;
}

// From one PSB to the next one, so that it does not depend on what came before
// it, as nothing does when segments are decoded in parallel.
void OrderedEngine::begin_stretch() {
  segment_ = segments_.next(retreat_.begin, std::nullopt, retreat_.begin + 1);
  if (!segment_) return lose_way();  // it can no longer be read
  ++walker_.stats().stretches;
  walker_.stats().stretch_bytes += segment_->bytes.size();
  stretch_ = std::make_unique<LibiptEngine>(
      StreamInput{.aux = input_.aux,
                  .code = code_is_constant_ ? StreamCode(code_) : input_.code,
                  .settings = input_.settings,
                  .begin = retreat_.begin,
                  .end = std::max(segment_->end_offset(), stretch_end_)},
      sections_, window_size_);
  stretch_batch_.reserve(kStretchBatch);
  entered_ = false;
  last_.reset();
}

void OrderedEngine::pull_stretch() {
  if (!stretch_->next(stretch_batch_)) return leave_stretch();
  if (!std::exchange(entered_, true)) enter_stretch(stretch_batch_);
  joiner_.add(stretch_batch_);
  last_ = stretch_batch_.back();
}

// The flow was at a node in front of the PSB; libipt begins at the ip that the
// PSB+ says. Gives what is between.
void OrderedEngine::enter_stretch(std::span<const FlowItem> items) {
  const FlowItem& first = items.front();
  if (is_code(retreat_.node) && first.kind == FlowKind::kOn) {
    Graph& graph = walker_.memo().graph;
    const auto at = graph.locate(retreat_.node, first.to);
    if (at) {
      expander_.expand(Element::record(
          graph.find_record(Graph::stop_record(retreat_.node, *at, first.to))));
    }
  }
  joiner_.begin_part(start_ip(segment_->bytes, bdm70_));
}

void OrderedEngine::leave_stretch() {
  goes_on_ = segment_->end == AuxWindow::End::kPsb && segment_->next.ip;
  joiner_.end_part();
  stretch_.reset();
  walker_.start();
  if (last_) {
    expander_.set_time(last_->time);
    pass_code(segment_->next.tsc);
    walker_.state().node = node_behind_stretch();
  }
  go_on_at(std::max(segment_->end_offset(), stretch_end_));
}

// ---------------------------------------------------------------- code

void OrderedEngine::set_code() {
  if (code_is_constant_) return;
  code_ = input_.code.view();
  walker_.set_code(*code_);
}

// The segment in which code changes is for libipt, which knows how; goes on
// with what the code is behind it.
void OrderedEngine::pass_code(std::optional<uint64_t> tsc) {
  if (code_is_constant_ || !input_.settings.clock || !tsc) return;
  if (input_.code.advance_time(input_.settings.clock->to_ns(*tsc))) set_code();
  walker_.set_change(input_.code.next_time());
}

NodeId OrderedEngine::node_behind_stretch() {
  Graph& graph = walker_.memo().graph;
  switch (last_->kind) {
    case FlowKind::kBlock:
    case FlowKind::kOn:
    case FlowKind::kAsync:
    case FlowKind::kTxAbort:
      if (segment_->end != AuxWindow::End::kPsb || !segment_->next.ip) break;
      return graph.find(*segment_->next.ip, last_->mode);
    case FlowKind::kOff:
      return kOffBase + mode_index(last_->mode);
    case FlowKind::kGap:
    case FlowKind::kMode:
    case FlowKind::kOther:
      break;
  }
  return kUnsynced;
}

}  // namespace ptcap::decode::fast
