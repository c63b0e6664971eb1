// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/calls/call_machine.h"

#include <algorithm>

namespace ptcap::decode {

namespace {

// How far down the stack a return without a call is looked for: bounds what a
// damaged trace costs.
constexpr size_t kSearch = size_t{1} << 16;

}  // namespace

void CallMachine::add(std::span<const FlowItem> items) {
  for (const FlowItem& item : items) {
    if (item.kind == FlowKind::kBlock) [[likely]] {
      block(item);
    } else {
      event(item);
    }
  }
}

void CallMachine::finish() {
  branched_ = false;
  leave_off();
  while (!stack_.empty()) pop(CallEnd::kOpen);
  landings_.clear();
}

void CallMachine::block(const FlowItem& item) {
  resolve(item.begin);
  advance(item.time);
  // Code before any `on`, or that goes on elsewhere for no reason we know.
  if (stack_.empty()) [[unlikely]] {
    push_resumed(item.begin, at(item.begin));
  }
  top().call.self_insns += item.ninsn;
  top().call.self_cycles += item.detail;
  if (clock_ == Clock::kInstructions) now_ += item.ninsn;
  last_ = item;
  branched_ = item.branch != BranchClass::kNone;
}

void CallMachine::event(const FlowItem& item) {
  const bool after_branch = branched_;
  switch (item.kind) {
    case FlowKind::kBlock:
    case FlowKind::kMode:
    case FlowKind::kOther:
      return;
    case FlowKind::kOn:
      advance(item.time);
      branched_ = false;
      on(item.to);
      return;
    case FlowKind::kOff:
      off(item);
      return;
    case FlowKind::kGap:
      gap(item);
      return;
    case FlowKind::kAsync:
    case FlowKind::kTxAbort:
      if (after_branch && item.has_from) resolve(item.from);
      branched_ = false;
      advance(item.time);
      if (item.kind == FlowKind::kTxAbort) {
        relocate(item.to);
        return;
      }
      Frame& frame = push(CallKind::kAsync, item.from, item.to, at(item.to));
      frame.interrupts = true;
      frame.resume = item.from;
      return;
  }
}

// ------------------------------------------------------------ on, off, gaps

void CallMachine::off(const FlowItem& item) {
  if (item.has_to) {
    resolve(item.to);
  } else if (item.cause == FlowCause::kAsync && item.has_from) {
    resolve(item.from);
  }
  branched_ = false;
  advance(item.time);
  if (stack_.empty()) return;
  off_ = {true, item.cause, item.from, item.from, now_};
  if (item.cause == FlowCause::kSyscall) off_.next = last_.end;
  if (top().pending) enter(top());
  push(CallKind::kOff, item.from, 0, {}, item.cause);
}

void CallMachine::leave_off() {
  if (!off_.active) return;
  off_.active = false;
  pop(CallEnd::kReturn);
}

void CallMachine::on(uint64_t to) {
  const Off off = off_;
  leave_off();
  if (stack_.empty()) {
    push_resumed(to, at(to));
    return;
  }
  const bool lost = lost_;
  lost_ = false;
  if (lost || !off.active) {
    relocate(to);
    return;
  }
  if (to == off.next) return;
  switch (off.cause) {
    case FlowCause::kSyscall:
    case FlowCause::kAsync:
      resume_from_kernel(to, off);
      return;
    default:
      relocate(to);
      return;
  }
}

void CallMachine::gap(const FlowItem& item) {
  if (item.end != 0) resolve(item.end);
  branched_ = false;
  leave_off();
  advance(item.time);
  ++gaps_;
  sink_.gap(now_, item.cause);
  lost_ = !item.has_to;
  if (!item.has_to) return;
  if (stack_.empty()) {
    push_resumed(item.to, at(item.to));
  } else {
    relocate(item.to);
  }
}

// Tracing goes on at `to`, which is not behind where it left.
void CallMachine::resume_from_kernel(uint64_t to, const Off& off) {
  const size_t interrupted = find_interrupted(to);
  if (interrupted != kNone) {
    pop_above(interrupted, CallEnd::kUnwound);
    pop(CallEnd::kReturn);
    return;
  }
  if (to == off.from && off.cause == FlowCause::kSyscall) return;  // restarted
  leave_kernel_to(to, off.next, off.from);
}

// The kernel went on elsewhere than at `resume`: a new program, or a signal.
void CallMachine::leave_kernel_to(uint64_t to, uint64_t resume,
                                  uint64_t resume_again) {
  const FunctionPart part = at(to);
  if (part.function->program_entry) {
    while (!stack_.empty()) pop(CallEnd::kExec);
  }
  if (stack_.empty()) return push_resumed(to, part);
  if (top().returned) {
    // The handler is done, but what it interrupted is not where we are: it
    // changed that, or the next signal came first.
    resume = top().resume;
    resume_again = top().resume_again;
    pop(CallEnd::kReturn);
    if (stack_.empty()) return push_resumed(to, part);
  }
  if (part.begins_at(to) || !part.known) {
    begin_signal(to, part, resume, resume_again);
  } else {
    relocate(to);
  }
}

void CallMachine::begin_signal(uint64_t to, const FunctionPart& part,
                               uint64_t resume, uint64_t resume_again) {
  Frame& frame = push(CallKind::kSignal, 0, to, part);
  frame.interrupts = true;
  frame.resume = resume;
  frame.resume_again = resume_again;
}

// The thread is at `to`, and nothing says how it came there.
void CallMachine::relocate(uint64_t to) {
  const size_t returned = find_return(to);
  if (returned != kNone) {
    pop_above(returned, CallEnd::kGap);
    pop(CallEnd::kGap);
    if (stack_.empty()) push_resumed(to, at(to));
    return;
  }
  const FunctionPart part = at(to);
  const size_t index =
      part.known ? find_function(part.function, stack_.size()) : kNone;
  if (index == kNone) return push_resumed(to, part);
  pop_above(index, CallEnd::kGap);
  top().part = part;
}

// ---------------------------------------------------------------- branches

void CallMachine::resolve(uint64_t to) {
  if (!branched_) return;
  branched_ = false;
  switch (last_.branch) {
    case BranchClass::kNone:
    case BranchClass::kVmEntry:
    case BranchClass::kVmExit:
      return;
    case BranchClass::kCondJump:
      if (to != last_.end) jump(to, /*indirect=*/false);
      return;
    case BranchClass::kJump:
    case BranchClass::kFarBranch:
      return jump(to, /*indirect=*/false);
    case BranchClass::kIndirectJump:
      return jump(to, /*indirect=*/true);
    case BranchClass::kCall:
    case BranchClass::kIndirectCall:
      return call(to);
    case BranchClass::kReturn:
      return ret(to);
    case BranchClass::kSyscall:
    case BranchClass::kInterrupt: {
      Frame& frame = push(CallKind::kKernel, last_.last, to, at(to));
      frame.interrupts = true;
      frame.resume = last_.end;
      frame.resume_again = last_.last;
      return;
    }
    case BranchClass::kSysret:
    case BranchClass::kIret:
      return kernel_return(to);
  }
}

void CallMachine::call(uint64_t to) {
  // Code that asks for its own address calls the next instruction.
  if (to == last_.end) return;
  Frame& caller = top();
  const FunctionPart part = at(to);
  const bool within = part.known && part.function == caller.part.function &&
                      !part.begins_at(to);
  if (within) {  // a retpoline, or a subroutine of assembly code
    Frame frame;
    frame.call = caller.call;
    frame.part = part;
    frame.return_to = last_.end;
    frame.silent = true;
    frame.call.self_insns = 0;
    frame.call.total_insns = 0;
    frame.call.self_cycles = 0;
    frame.call.total_cycles = 0;
    frame.call.children_ns = 0;
    frame.call.off_ns = 0;
    stack_.push_back(frame);
    return;
  }
  Frame& frame = push(CallKind::kCall, last_.last, to, part);
  frame.return_to = last_.end;
}

void CallMachine::jump(uint64_t to, bool indirect) {
  Frame& frame = top();
  if (frame.part.holds(to)) [[likely]] {
    return;
  }
  const FunctionPart part = at(to);
  if (frame.pending) return jump_out_of_stub(to, part);
  if (part.function == frame.call.function) {
    frame.part = part;
    return;
  }
  const bool out_of_known = frame.part.known && !part.known;
  if (part.begins_at(to) || out_of_known) return tail_call(to, part);
  if (indirect && unwind_to(to, part)) return;
  frame.part = part;  // code that functions written in assembly share
}

void CallMachine::jump_out_of_stub(uint64_t to, const FunctionPart& part) {
  Frame& frame = top();
  // Lazy binding goes on in the PLT's head, which has no name.
  const bool within = part.function->module == frame.part.function->module &&
                      (!part.known || part.function->plt_stub);
  if (within) return;
  frame.part = part;
  frame.call.function = part.function;
  frame.call.entry = to;
  enter(frame);
}

void CallMachine::tail_call(uint64_t to, const FunctionPart& part) {
  while (top().silent) pop(CallEnd::kTail);
  const Frame old = top();
  pop(CallEnd::kTail);
  Frame& frame = push(CallKind::kTail, last_.last, to, part);
  frame.return_to = old.return_to;
  frame.interrupts = old.interrupts;
  frame.resume = old.resume;
  frame.resume_again = old.resume_again;
  frame.returned = old.returned;
  frame.setjmp = frame.setjmp || old.setjmp;
}

void CallMachine::ret(uint64_t to) {
  Frame& frame = top();
  if (frame.return_to == to && to != 0) [[likely]] {
    if (frame.setjmp && stack_.size() > 1) add_landing(to);
    pop(CallEnd::kReturn);
    return;
  }
  const size_t index = find_return(to);
  if (index != kNone) {
    pop_above(index, CallEnd::kUnwound);
    pop(CallEnd::kReturn);
    return;
  }
  if (frame.interrupts && frame.return_to == 0 && !frame.returned) {
    frame.returned = true;  // into what makes the system call sigreturn
    frame.part = at(to);
    return;
  }
  return_elsewhere(to);
}

// setjmp, called by the frame below, returns to `ip`.
void CallMachine::add_landing(uint64_t ip) {
  const uint64_t serial = stack_[stack_.size() - 2].call.serial;
  for (size_t i = landings_.size(); i-- > 0;) {
    if (landings_[i].serial != serial) break;
    if (landings_[i].ip == ip) return;
  }
  landings_.push_back({serial, ip});
}

// To where no call came from.
void CallMachine::return_elsewhere(uint64_t to) {
  bool within = false;
  while (top().silent) {
    pop(CallEnd::kReturn);
    within = true;
  }
  const FunctionPart part = at(to);
  Frame& frame = top();
  if (within && part.function == frame.call.function) {
    frame.part = part;
    return;
  }
  if (within || part.begins_at(to)) return jump(to, /*indirect=*/true);
  if (frame.return_to == 0) return return_below(to);
  if (unwind_to(to, part)) return;
  pop(CallEnd::kReturn);
  push_resumed(to, part);
}

// From a call whose caller was not seen.
void CallMachine::return_below(uint64_t to) {
  const FunctionPart part = at(to);
  pop(CallEnd::kReturn);
  const size_t index =
      part.known ? find_function(part.function, stack_.size()) : kNone;
  if (index == kNone) return push_resumed(to, part);
  pop_above(index, CallEnd::kUnwound);
  top().part = part;
}

// SYSRET and IRET.
void CallMachine::kernel_return(uint64_t to) {
  const size_t index = find_interrupted(to);
  if (index != kNone) {
    pop_above(index, CallEnd::kUnwound);
    pop(CallEnd::kReturn);
    return;
  }
  const size_t entered = find_kernel_entry();
  if (entered == kNone) return relocate(to);
  const uint64_t resume = stack_[entered].resume;
  const uint64_t resume_again = stack_[entered].resume_again;
  pop_above(entered, CallEnd::kUnwound);
  pop(CallEnd::kReturn);
  leave_kernel_to(to, resume, resume_again);
}

// ------------------------------------------------------- looking for frames

size_t CallMachine::find_return(uint64_t to) const {
  const size_t end = stack_.size() > kSearch ? stack_.size() - kSearch : 0;
  for (size_t i = stack_.size(); i-- > end;) {
    if (stack_[i].return_to == to && to != 0) return i;
  }
  return kNone;
}

size_t CallMachine::find_interrupted(uint64_t to) const {
  const size_t end = stack_.size() > kSearch ? stack_.size() - kSearch : 0;
  for (size_t i = stack_.size(); i-- > end;) {
    const Frame& frame = stack_[i];
    if (frame.interrupts && (frame.resume == to || frame.resume_again == to)) {
      return i;
    }
  }
  return kNone;
}

size_t CallMachine::find_kernel_entry() const {
  const size_t end = stack_.size() > kSearch ? stack_.size() - kSearch : 0;
  for (size_t i = stack_.size(); i-- > end;) {
    const CallKind kind = stack_[i].call.kind;
    if (kind == CallKind::kKernel || kind == CallKind::kAsync) return i;
  }
  return kNone;
}

size_t CallMachine::find_function(const Function* function,
                                  size_t below) const {
  const size_t end = below > kSearch ? below - kSearch : 0;
  for (size_t i = below; i-- > end;) {
    const Frame& frame = stack_[i];
    if (frame.call.function == function && !frame.silent) return i;
  }
  return kNone;
}

// The call that called setjmp, if that returned to `to`.
size_t CallMachine::find_landing(uint64_t to) const {
  for (size_t i = landings_.size(); i-- > 0;) {
    if (landings_[i].ip != to) continue;
    const auto at =
        std::lower_bound(stack_.begin(), stack_.end(), landings_[i].serial,
                         [](const Frame& frame, uint64_t serial) {
                           return frame.call.serial < serial;
                         });
    return static_cast<size_t>(at - stack_.begin());
  }
  return kNone;
}

// The innermost call of the function that an exception could have come out of
// to here: by the unwind tables of the call it was waiting for, which are
// exact but for several activations at the same place, of which an exception
// takes the innermost.
size_t CallMachine::find_catcher(uint64_t to, const Function* function) {
  size_t fallback = kNone;
  const size_t end = stack_.size() > kSearch ? stack_.size() - kSearch : 0;
  uint64_t waits_for = top().return_to;
  for (size_t i = stack_.size() - 1; i-- > end;) {
    const Frame& frame = stack_[i];
    if (frame.call.function == function && !frame.silent) {
      if (fallback == kNone) fallback = i;
      const auto pad = functions_.landing_pad(waits_for, time_);
      if (pad == to) return i;
    }
    waits_for = frame.return_to;
  }
  return fallback;
}

bool CallMachine::unwind_to(uint64_t to, const FunctionPart& part) {
  size_t index = find_landing(to);
  if (index == kNone && part.known) index = find_catcher(to, part.function);
  if (index == kNone) return false;
  pop_above(index, CallEnd::kUnwound);
  top().part = part;
  return true;
}

// ----------------------------------------------------------- push and pop

CallMachine::Frame& CallMachine::push(CallKind kind, uint64_t from,
                                      uint64_t entry, const FunctionPart& part,
                                      FlowCause cause) {
  if (stack_.size() >= kMaxDepth) [[unlikely]] {
    while (!stack_.empty()) pop(CallEnd::kGap);
  }
  if (!stack_.empty() && top().pending) enter(top());
  Frame frame;
  frame.part = part;
  frame.call.function = part.function;
  frame.call.kind = kind;
  frame.call.cause = cause;
  frame.call.from = from;
  frame.call.entry = entry;
  frame.call.begin_ns = now_;
  frame.gaps = gaps_;
  if (!stack_.empty()) {
    frame.call.parent = top().call.serial;
    frame.call.caller = top().call.function;
    frame.call.depth = top().call.depth + 1;
  }
  frame.call.serial = ++serial_;
  if (part.function != nullptr) {
    frame.setjmp = part.function->setjmp;
    frame.pending = part.function->plt_stub &&
                    (kind == CallKind::kCall || kind == CallKind::kTail);
  }
  stack_.push_back(frame);
  if (!frame.pending) sink_.enter(top().call);
  return top();
}

void CallMachine::push_resumed(uint64_t to, const FunctionPart& part) {
  push(CallKind::kResumed, 0, to, part);
}

void CallMachine::enter(Frame& frame) {
  frame.pending = false;
  sink_.enter(frame.call);
}

void CallMachine::pop(CallEnd end) {
  if (top().pending) enter(top());
  close(top(), end);
  if (!top().silent) sink_.leave(top().call);
  const Call ended = top().call;
  const bool silent = top().silent;
  stack_.pop_back();
  // Landings in calls that are over.
  if (stack_.empty()) {
    landings_.clear();
    return;
  }
  Call& caller = top().call;
  if (silent) {
    caller.self_insns += ended.self_insns;
    caller.total_insns += ended.total_insns - ended.self_insns;
    caller.self_cycles += ended.self_cycles;
    caller.total_cycles += ended.total_cycles - ended.self_cycles;
    caller.children_ns += ended.children_ns;
    caller.off_ns += ended.off_ns;
    return;
  }
  while (!landings_.empty() && landings_.back().serial >= ended.serial) {
    landings_.pop_back();
  }
  if (ended.kind == CallKind::kOff) {
    caller.off_ns += ended.duration_ns();
    return;
  }
  caller.total_insns += ended.total_insns;
  caller.total_cycles += ended.total_cycles;
  caller.children_ns += ended.duration_ns();
}

void CallMachine::pop_above(size_t index, CallEnd end) {
  while (stack_.size() > index + 1) pop(end);
}

void CallMachine::close(Frame& frame, CallEnd end) {
  Call& call = frame.call;
  call.total_insns += call.self_insns;
  call.total_cycles += call.self_cycles;
  call.end_ns = now_;
  call.end = end;
  call.cut = frame.gaps != gaps_ || call.kind == CallKind::kResumed;
}

}  // namespace ptcap::decode
