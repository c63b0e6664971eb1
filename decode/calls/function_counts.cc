// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/calls/function_counts.h"

#include <algorithm>

namespace ptcap::decode {

FunctionCount& FunctionCounts::of(const Function& function) {
  if (function.id >= counts_.size()) {
    counts_.resize(std::max<size_t>(function.id + 1, counts_.size() * 2));
  }
  return counts_[function.id];
}

void CountedStack::enter(const Call& call) {
  if (call.function == nullptr) return;
  const uint32_t id = call.function->id;
  if (id >= open_.size()) {
    open_.resize(std::max<size_t>(id + 1, open_.size() * 2));
  }
  ++open_[id];
  if (call.kind != CallKind::kResumed) ++counts_.of(*call.function).calls;
}

void CountedStack::leave(const Call& call) {
  if (call.function == nullptr) return;
  FunctionCount& count = counts_.of(*call.function);
  count.self_insns += call.self_insns;
  count.self_cycles += call.self_cycles;
  count.self_ns += call.self_ns();
  count.off_ns += call.off_ns;
  if (--open_[call.function->id] != 0) return;
  count.total_insns += call.total_insns;
  count.total_cycles += call.total_cycles;
  count.total_ns += call.duration_ns();
}

}  // namespace ptcap::decode
