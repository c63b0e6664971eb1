// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Counts of the streams of a trace, by the engine that applies.

#ifndef PTCAP_DECODE_COVERAGE_STREAM_COUNTER_H_
#define PTCAP_DECODE_COVERAGE_STREAM_COUNTER_H_

#include <cstdint>
#include <memory>

#include "decode/fast/edge_counts.h"
#include "decode/fast/parallel_counter.h"
#include "decode/trace.h"

namespace ptcap::decode {

enum class EngineChoice : uint8_t { kFast, kLibipt };

class StreamCounter {
 public:
  // `trace` is borrowed. Up to `threads` threads decode.
  StreamCounter(Trace& trace, EngineChoice choice, size_t threads = 1)
      : trace_(trace), choice_(choice), threads_(threads) {}

  // The fast engine where the code never changes under the stream, else
  // libipt. Streams over the same code share what was learnt.
  fast::FlowCounts count(const TraceStream& stream);

  uint64_t gaps() const { return gaps_; }

 private:
  fast::FlowCounts count_fast(const TraceStream& stream,
                              std::shared_ptr<const CodeView> code);
  fast::FlowCounts count_in_order(const TraceStream& stream);

  Trace& trace_;
  EngineChoice choice_;
  size_t threads_;
  std::shared_ptr<const CodeView> code_;  // of counter_
  std::unique_ptr<fast::ParallelCounter> counter_;
  uint64_t gaps_ = 0;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_COVERAGE_STREAM_COUNTER_H_
