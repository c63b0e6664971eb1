// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The call stack of one thread, followed along its flow.
//
// A trace has no stack pointers, so the stack is what calls and returns make
// of it, and what breaks that order is told by where it leads:
//   a jump to another function's entry   a tail call: that one takes its place
//   a jump out of a PLT stub             the call was one of where it leads,
//                                        through lazy binding, too
//   a return or an indirect jump into the middle of a function that is on the
//   stack                                longjmp (to who called setjmp from
//                                        there), an exception's landing pad
//                                        (by the unwind tables): what lies
//                                        above it was unwound
//   tracing resumes at a function's entry  a signal handler; it ends where
//                                        tracing resumes at what was
//                                        interrupted
// Not done by names, but for setjmp, PLT stubs and the _start of a new
// program: stripped programs are followed by their calls and returns alone.
// Where none of this explains the flow, and behind gaps, the function that
// runs is kResumed: its beginning was not seen.

#ifndef PTCAP_DECODE_CALLS_CALL_MACHINE_H_
#define PTCAP_DECODE_CALLS_CALL_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/calls/call.h"
#include "decode/calls/function_map.h"
#include "decode/flow.h"

namespace ptcap::decode {

class CallMachine {
 public:
  // What the times of calls are.
  enum class Clock : uint8_t {
    kTrace,         // perf clock, ns; unknown where the trace has no time
    kInstructions,  // so many ran before, in this thread
  };

  // Borrows both.
  CallMachine(FunctionMap& functions, CallSink& sink,
              Clock clock = Clock::kTrace)
      : functions_(functions), sink_(sink), clock_(clock) {}

  void add(std::span<const FlowItem> items);
  // The end of the stream: what is open ends as kOpen.
  void finish();

  size_t depth() const { return stack_.size(); }

  // Deeper than any sane program; a trace of calls alone stays in memory.
  static constexpr size_t kMaxDepth = size_t{1} << 20;

 private:
  struct Frame {
    Call call;
    FunctionPart part;       // where it runs now
    uint64_t return_to = 0;  // 0: unknown
    // Of a signal handler or an interrupt: where the interrupted code goes on.
    uint64_t resume = 0;
    uint64_t resume_again = 0;  // the system call, if that is done once more
    uint64_t gaps = 0;          // before it
    bool silent = false;        // a call within a function: no row
    bool pending = false;       // in a PLT stub: who is called is not known yet
    bool setjmp = false;
    bool interrupts = false;  // has `resume`
    bool returned = false;    // a signal handler that is done
  };
  // A place where setjmp returned.
  struct Landing {
    uint64_t serial = 0;  // of the call that called setjmp
    uint64_t ip = 0;
  };
  struct Off {
    bool active = false;
    FlowCause cause = FlowCause::kNone;
    uint64_t from = 0;
    uint64_t next = 0;  // where the thread goes on if nothing happens
    uint64_t time = 0;
  };
  static constexpr size_t kNone = ~size_t{0};

  void block(const FlowItem& item);
  void event(const FlowItem& item);
  void off(const FlowItem& item);
  void on(uint64_t to);
  void gap(const FlowItem& item);
  void leave_off();

  void resolve(uint64_t to);  // the branch of last_
  void call(uint64_t to);
  void jump(uint64_t to, bool indirect);
  void jump_out_of_stub(uint64_t to, const FunctionPart& part);
  void tail_call(uint64_t to, const FunctionPart& part);
  void ret(uint64_t to);
  void add_landing(uint64_t ip);
  void return_below(uint64_t to);
  void return_elsewhere(uint64_t to);
  void kernel_return(uint64_t to);

  void resume_from_kernel(uint64_t to, const Off& off);
  void leave_kernel_to(uint64_t to, uint64_t resume, uint64_t resume_again);
  void begin_signal(uint64_t to, const FunctionPart& part, uint64_t resume,
                    uint64_t resume_again);
  void relocate(uint64_t to);

  size_t find_return(uint64_t to) const;
  size_t find_landing(uint64_t to) const;
  size_t find_function(const Function* function, size_t below) const;
  size_t find_catcher(uint64_t to, const Function* function);
  size_t find_interrupted(uint64_t to) const;
  size_t find_kernel_entry() const;
  bool unwind_to(uint64_t to, const FunctionPart& part);

  Frame& push(CallKind kind, uint64_t from, uint64_t entry,
              const FunctionPart& part, FlowCause cause = FlowCause::kNone);
  void push_resumed(uint64_t to, const FunctionPart& part);
  void enter(Frame& frame);
  void pop(CallEnd end);
  void pop_above(size_t index, CallEnd end);
  void close(Frame& frame, CallEnd end);

  Frame& top() { return stack_.back(); }
  FunctionPart at(uint64_t ip) { return functions_.at(ip, time_); }
  void advance(uint64_t time) {
    if (time == 0) return;
    time_ = time;
    if (clock_ == Clock::kTrace) now_ = time;
  }

  FunctionMap& functions_;
  CallSink& sink_;
  std::vector<Frame> stack_;
  std::vector<Landing> landings_;
  FlowItem last_;          // block
  bool branched_ = false;  // last_ ends in a branch that is not resolved yet
  Off off_;
  bool lost_ = false;  // behind a gap, until tracing is on
  uint64_t gaps_ = 0;
  uint64_t serial_ = 0;
  Clock clock_;
  uint64_t time_ = 0;  // of the trace
  uint64_t now_ = 0;   // of clock_
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CALLS_CALL_MACHINE_H_
