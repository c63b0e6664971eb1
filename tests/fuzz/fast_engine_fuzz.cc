// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Any bytes as a trace of a program: what the fast engine follows by itself is
// what libipt says, cold and from memory. Where it asked libipt, there is only
// to be no crash: what libipt makes of damage can depend on its cache.

#include <cstdio>
#include <cstdlib>

#include "decode/fast/counting_engine.h"
#include "tests/decode/fast/corpus.h"
#include "tests/decode/fast/random_trace.h"

namespace {

using ptcap::decode::fast::count_with_libipt;
using ptcap::decode::fast::CountingEngine;
using ptcap::decode::fast::FlowCounts;
using ptcap::decode::fast::RandomTrace;

// fast_engine_seeds writes traces of this program.
const RandomTrace& program() {
  static const RandomTrace trace(1, 10);
  return trace;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> bytes(data, size);
  CountingEngine engine(program().code, {.limit_bytes = 16 << 20});
  engine.decode(bytes);
  const FlowCounts cold = engine.take_counts();
  engine.decode(bytes);
  const FlowCounts warm = engine.take_counts();
  if (engine.stats().stretches != 0) return 0;
  const FlowCounts expected =
      count_with_libipt(bytes, program().code, {}, {.by_segment = true});
  for (const FlowCounts* got : {&cold, &warm}) {
    if (*got == expected) continue;
    std::fputs(difference(expected, *got).c_str(), stderr);
    std::abort();
  }
  return 0;
}
