// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/libipt/flow_builder.h"

#include <algorithm>

#include "decode/insn_info.h"

namespace ptcap::decode {

namespace {

// Whether `next` goes on where `block` was cut. The size of an instruction
// that only libipt knows is seen here.
bool continues(const FlowItem& block, const FlowItem& next) {
  if (block.branch != BranchClass::kNone || block.slice != next.slice) {
    return false;
  }
  if (block.end == next.begin) return true;
  return block.end == block.last && next.begin > block.last &&
         next.begin - block.last <= kMaxInsnSize;
}

}  // namespace

void FlowBuilder::block(const FlowItem& item) {
  if (block_ && !off_) [[likely]] {
    if (continues(*block_, item)) {
      block_->ninsn += item.ninsn;
      block_->last = item.last;
      block_->end = item.end;
      block_->branch = item.branch;
      block_->time = item.time;
      block_->offset = item.offset;
      block_->detail += item.detail;
      return;
    }
    batch_->push_back(*block_);
    block_ = item;
    return;
  }
  flush();
  block_ = item;
}

void FlowBuilder::event(FlowItem item) {
  // Where libipt fails in a PSB+ it says that it is at its begin again.
  item.offset = offset_ = std::max(offset_, item.offset);
  if (item.kind == FlowKind::kOn) {
    on_ = true;
    if (restart_ && off_ && off_->cause == FlowCause::kAsync &&
        off_->from == item.to) {
      restart_ = false;
      off_.reset();
      return;
    }
  }
  if (item.kind == FlowKind::kGap) on_ = item.has_to;
  restart_ = false;
  if (off_) flush();
  if (item.kind == FlowKind::kOff) {
    on_ = false;
    off_ = item;
    return;
  }
  flush();
  batch_->push_back(item);
}

void FlowBuilder::set_off_cause(FlowCause cause) {
  if (!off_) return;
  if (off_->cause == FlowCause::kAsync && !off_->has_to) {
    off_->has_to = true;  // as for that cause
    off_->to = off_->from;
  }
  off_->cause = cause;
}

const FlowItem* FlowBuilder::last_block() const {
  return block_ ? &*block_ : nullptr;
}

void FlowBuilder::flush() {
  if (block_) batch_->push_back(*block_);
  if (off_) batch_->push_back(*off_);
  block_.reset();
  off_.reset();
}

}  // namespace ptcap::decode
