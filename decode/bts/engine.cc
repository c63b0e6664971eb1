// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/bts/engine.h"

#include <algorithm>

#include "formats/io/byte_reader.h"

namespace ptcap::decode {

namespace {

// Longer straight-line code between two taken branches is not believed.
constexpr uint64_t kMaxWalk = 1 << 20;  // instructions

// The kernel's half of the address space; some CPUs log it even with
// BTS_OFF_OS, on the way back to user code.
bool is_kernel(uint64_t address) { return address >> 63 != 0; }

}  // namespace

BtsEngine::BtsEngine(StreamInput input) : input_(std::move(input)) {
  const auto pieces = input_.aux->pieces();
  if (!pieces.empty()) offset_ = pieces.front().offset;
}

bool BtsEngine::next(FlowBatch& batch) {
  batch.clear();
  const size_t wanted = std::max<size_t>(batch.capacity(), 64);
  batch_ = &batch;
  // A record may make a few items; capacity is only about the size.
  while (!done_ && batch.size() + 8 < wanted) {
    if (const auto branch = read()) {
      take(*branch);
      continue;
    }
    done_ = true;
    if (!ip_) break;
    FlowItem off = item(FlowKind::kOff);
    off.cause = FlowCause::kEnd;
    off.has_from = true;
    off.from = last_;
    off.has_to = true;
    off.to = *ip_;
    batch.push_back(off);
  }
  return !batch.empty();
}

// Whole records from touching pieces; a record may straddle two.
bool BtsEngine::refill() {
  constexpr size_t kChunk = kBtsRecordSize * 4096;
  const auto pieces = input_.aux->pieces();
  chunk_.resize(kChunk);
  chunk_at_ = 0;
  size_t size = 0;
  while (size < kChunk && piece_ < pieces.size()) {
    const formats::AuxPiece& piece = pieces[piece_];
    const uint64_t at = offset_ + size;
    if (at < piece.offset) {
      if (size >= kBtsRecordSize) break;
      hole_ = started_;
      offset_ = piece.offset;
      size = 0;
      continue;
    }
    const uint64_t read =
        at < piece.offset + piece.size
            ? input_.aux->read(at, std::span(chunk_).subspan(size))
            : 0;
    size += read;
    if (read == 0) ++piece_;  // at its end, or it is damaged
  }
  chunk_.resize(size - size % kBtsRecordSize);
  return !chunk_.empty();
}

std::optional<BtsEngine::Branch> BtsEngine::read() {
  if (chunk_at_ == chunk_.size() && !refill()) return std::nullopt;
  formats::ByteReader reader(
      formats::Bytes(chunk_).subspan(chunk_at_, kBtsRecordSize));
  Branch branch;
  branch.from = reader.u64();
  branch.to = reader.u64();
  chunk_at_ += kBtsRecordSize;
  at_ = offset_;
  const auto losses = input_.aux->losses();
  for (; loss_ < losses.size() && losses[loss_] <= at_; ++loss_) {
    hole_ = started_;
  }
  offset_ += kBtsRecordSize;
  return branch;
}

// Another thread's records begin: what the one before did last is not in them.
void BtsEngine::pass_slice() {
  if (!input_.code.has_slices()) return;
  StreamCode& code = input_.code;
  const auto& slices = code.timeline().slices;
  if (code.slice() + 1 >= slices.size() ||
      slices[code.slice() + 1].begin > at_) {
    return;
  }
  if (ip_) {
    FlowItem off = item(FlowKind::kOff);
    off.cause = FlowCause::kSwitch;
    off.has_from = true;
    off.from = *ip_;
    off.has_to = true;
    off.to = *ip_;
    batch_->push_back(off);
    ip_.reset();
  }
  if (code.advance_slice(0, at_)) insns_.clear();
}

void BtsEngine::take(const Branch& branch) {
  pass_slice();
  if (hole_) {
    hole_ = false;
    gap(FlowCause::kLost, branch.from);
  }
  if (is_kernel(branch.from)) {
    if (is_kernel(branch.to)) return;
    if (ip_) {  // it went there without a record
      FlowItem off = item(FlowKind::kOff);
      off.cause = FlowCause::kAsync;
      off.has_from = true;
      off.from = *ip_;
      off.has_to = true;
      off.to = *ip_;
      batch_->push_back(off);
    }
    return enter(branch.to);
  }
  if (!ip_) enter(branch.from);
  const InsnInfo info = insn(branch.from);
  // In front of an instruction that is no branch, the kernel interrupted.
  const bool executed = !is_kernel(branch.to) || needs_packet(info.branch);
  if (!walk(branch.from, executed)) {
    gap(info.size != 0 ? FlowCause::kDesync : FlowCause::kNoCode, branch.from);
    if (info.size != 0 && executed) block(branch.from, branch.from, 1);
  }
  if (is_kernel(branch.to)) return leave(branch);
  ip_ = branch.to;
}

void BtsEngine::enter(uint64_t ip) {
  FlowItem on = item(FlowKind::kOn);
  on.has_to = true;
  on.to = ip;
  batch_->push_back(on);
  ip_ = ip;
  started_ = true;
}

// To the kernel: by the instruction itself, or in front of it.
void BtsEngine::leave(const Branch& branch) {
  FlowItem off = item(FlowKind::kOff);
  const BranchClass kind = insn(branch.from).branch;
  const bool syscall =
      kind == BranchClass::kSyscall || kind == BranchClass::kInterrupt;
  off.cause = syscall ? FlowCause::kSyscall : FlowCause::kAsync;
  off.has_from = true;
  off.from = branch.from;
  batch_->push_back(off);
  ip_.reset();
}

// The blocks from where the flow is to the branch at `from`, that one included
// or not. False, with nothing written, if the code does not lead there.
bool BtsEngine::walk(uint64_t from, bool inclusive) {
  const size_t before = batch_->size();
  uint64_t begin = *ip_;
  uint64_t at = begin;
  uint64_t last = begin;
  uint32_t count = 0;
  for (uint64_t steps = 0; steps < kMaxWalk && at <= from; ++steps) {
    const InsnInfo& info = insn(at);
    if (at == from && !inclusive) {
      if (count != 0) block(begin, last, count);
      return true;
    }
    if (info.size == 0) break;
    ++count;
    last = at;
    if (at == from) {
      block(begin, at, count);
      return true;
    }
    const uint64_t next = at + info.size;
    if (info.branch == BranchClass::kCondJump) {  // fell through
      block(begin, at, count);
      begin = next;
      count = 0;
    } else if (info.branch == BranchClass::kSyscall ||
               info.branch == BranchClass::kInterrupt) {
      block(begin, at, count);
      leave({at, 0});
      enter(next);
      begin = next;
      count = 0;
    } else if (info.branch != BranchClass::kNone) {
      break;
    }
    at = next;
  }
  batch_->resize(before);
  return false;
}

void BtsEngine::block(uint64_t begin, uint64_t last, uint32_t ninsn) {
  const InsnInfo& info = insn(last);
  FlowItem made = item(FlowKind::kBlock);
  made.begin = begin;
  made.last = last;
  made.end = last + info.size;
  made.ninsn = ninsn;
  made.branch = info.branch;
  batch_->push_back(made);
  last_ = last;
}

void BtsEngine::gap(FlowCause cause, uint64_t to) {
  FlowItem made = item(FlowKind::kGap);
  made.cause = cause;
  made.has_from = started_;
  made.from = ip_.value_or(last_);
  made.end = ip_.value_or(0);
  made.has_to = true;
  made.to = to;
  batch_->push_back(made);
  ip_ = to;
  started_ = true;
}

FlowItem BtsEngine::item(FlowKind kind) const {
  FlowItem made;
  made.kind = kind;
  made.mode = input_.settings.mode;
  made.offset = at_;
  made.slice = input_.code.slice();
  return made;
}

const InsnInfo& BtsEngine::insn(uint64_t ip) {
  return insns_.at(*input_.code.view(), ip, input_.settings.mode);
}

}  // namespace ptcap::decode
