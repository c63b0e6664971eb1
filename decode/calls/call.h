// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// One call of a function, and who is told of it.

#ifndef PTCAP_DECODE_CALLS_CALL_H_
#define PTCAP_DECODE_CALLS_CALL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "decode/calls/function_map.h"
#include "decode/flow.h"

namespace ptcap::decode {

// How a function came to run.
enum class CallKind : uint8_t {
  kCall,
  kTail,     // jumped to: returns to who called the function that jumped
  kSignal,   // the kernel called it: a signal handler
  kAsync,    // an interrupt or exception, where the kernel is traced
  kKernel,   // a system call, where the kernel is traced
  kOff,      // no function: tracing was off (a system call, mostly)
  kResumed,  // it ran already when its trace began, or behind a gap
};

// How a call ended.
enum class CallEnd : uint8_t {
  kReturn,
  kTail,     // by a jump into another function
  kUnwound,  // longjmp, an exception, or a return to an outer caller
  kExec,     // the program was replaced
  kGap,      // somewhere in a gap
  kOpen,     // not in this trace
};

std::string_view call_kind_name(CallKind kind);
std::string_view call_end_name(CallEnd end);

// Times are of the perf clock in ns, 0 where unknown.
struct Call {
  const Function* function = nullptr;  // nullptr for kOff
  const Function* caller = nullptr;    // of the parent
  uint64_t serial = 0;                 // of the stream, in order of entry
  uint64_t parent = 0;                 // its serial; 0: none
  uint64_t from = 0;                   // the branch; 0 unknown
  uint64_t entry = 0;                  // where it began to run
  uint64_t begin_ns = 0;
  uint64_t end_ns = 0;       // once it ended, as all below
  uint64_t self_insns = 0;   // without those of calls
  uint64_t total_insns = 0;  // with them
  // Core cycles, where CYC packets count them; those of a packet are of the
  // call that runs when it comes.
  uint64_t self_cycles = 0;
  uint64_t total_cycles = 0;
  uint64_t children_ns = 0;  // in calls; tracing off not counted
  uint64_t off_ns = 0;       // of its own while tracing was off
  uint32_t depth = 0;        // 0: nobody is known to have called it
  CallKind kind = CallKind::kCall;
  CallEnd end = CallEnd::kOpen;
  FlowCause cause = FlowCause::kNone;  // of kOff
  bool cut = false;  // there was a gap meanwhile: parts may be missing

  uint64_t duration_ns() const {
    return begin_ns == 0 || end_ns < begin_ns ? 0 : end_ns - begin_ns;
  }
  uint64_t self_ns() const {
    return duration_ns() -
           (children_ns < duration_ns() ? children_ns : duration_ns());
  }
};

// The function's name, "[syscall]" for kOff, the address where nothing has a
// name.
std::string shown_name(const Call& call);

// Hears of the calls of one stream. Calls nest: the one entered last is left
// first.
class CallSink {
 public:
  virtual ~CallSink() = default;

  virtual void enter(const Call& call) = 0;
  virtual void leave(const Call& call) = 0;
  virtual void gap(uint64_t time_ns, FlowCause cause) = 0;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CALLS_CALL_H_
