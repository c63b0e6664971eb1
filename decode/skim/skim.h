// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The shape of a trace without its flow: who ran when, how much trace that
// made, and in which functions; from the PSBs, which the index names, and from
// the TIP and TSC packets behind some of them.

#ifndef PTCAP_DECODE_SKIM_SKIM_H_
#define PTCAP_DECODE_SKIM_SKIM_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "decode/calls/function_map.h"
#include "decode/names.h"
#include "decode/trace.h"

namespace ptcap::decode {

struct SkimOptions {
  // Parts that the time is cut into.
  size_t buckets = 100;
  // Perf clock; where the trace has no time, all of it is shown.
  uint64_t begin_ns = 0;
  uint64_t end_ns = ~0ull;
  // At most so many bytes are looked into, behind PSBs spread over the trace...
  uint64_t read_limit_bytes = 4 << 20;
  // ...in at most so many bytes of frames, but in one frame a bucket at least.
  uint64_t open_limit_bytes = 64 << 20;
};

// A bucket of a thread.
struct SkimCell {
  // Of the trace; what two known times have between them is spread evenly.
  uint64_t bytes = 0;
  // Of those, that follow an IP that was looked at; by Function::id.
  uint64_t seen_bytes = 0;
  std::unordered_map<uint32_t, uint64_t> functions;
  uint64_t losses = 0;
  uint64_t lost_bytes = 0;  // as far as known

  bool empty() const { return bytes == 0 && losses == 0; }
};

// One thread, wherever it ran; or a CPU of which it is not known what ran.
struct SkimThread {
  std::optional<uint32_t> pid, tid, cpu;
  const TraceStream* lane = nullptr;  // one of them, for its name
  uint64_t bytes = 0;
  std::vector<SkimCell> cells;  // SkimOptions::buckets of them
};

struct Skim {
  // Positions are times of the perf clock, or else offsets in the stream.
  bool has_time = false;
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t bytes = 0;
  uint64_t seen_bytes = 0;
  std::vector<SkimThread> threads;  // in order of appearance

  // Where bucket `i` of `count` begins.
  uint64_t bucket_begin(size_t i, size_t count) const;
};

// Looks over the streams that are given, and of those with lanes at the ones
// that are wanted. Functions are added to `seen`.
Skim skim(Trace& trace, const std::vector<const TraceStream*>& streams,
          const std::function<bool(const TraceStream& lane)>& wanted,
          Names& names, SeenFunctions& seen, const SkimOptions& options);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_SKIM_SKIM_H_
