// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What each function ran, alone and with what it called.

#ifndef PTCAP_DECODE_CALLS_FUNCTION_COUNTS_H_
#define PTCAP_DECODE_CALLS_FUNCTION_COUNTS_H_

#include <cstdint>
#include <vector>

#include "decode/calls/call.h"

namespace ptcap::decode {

struct FunctionCount {
  uint64_t calls = 0;
  uint64_t self_insns = 0;
  uint64_t total_insns = 0;
  uint64_t self_cycles = 0;  // where CYC packets count them
  uint64_t total_cycles = 0;
  uint64_t self_ns = 0;  // with off_ns
  uint64_t total_ns = 0;
  uint64_t off_ns = 0;  // of its own while tracing was off
};

// Of all threads, by Function::id.
class FunctionCounts {
 public:
  FunctionCount& of(const Function& function);

  // Shorter than the functions seen if the last ones never ran.
  const std::vector<FunctionCount>& counts() const { return counts_; }

 private:
  std::vector<FunctionCount> counts_;
};

// The calls of one stack. A function that calls itself, directly or not, has
// in its totals only what the outermost of those calls has.
class CountedStack : public CallSink {
 public:
  explicit CountedStack(FunctionCounts& counts) : counts_(counts) {}

  void enter(const Call& call) override;
  void leave(const Call& call) override;
  void gap(uint64_t /*time_ns*/, FlowCause /*cause*/) override {}

 private:
  FunctionCounts& counts_;
  std::vector<uint32_t> open_;  // by id: its calls on this stack
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CALLS_FUNCTION_COUNTS_H_
