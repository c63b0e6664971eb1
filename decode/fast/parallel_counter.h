// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Counts of one stream, by several threads.

#ifndef PTCAP_DECODE_FAST_PARALLEL_COUNTER_H_
#define PTCAP_DECODE_FAST_PARALLEL_COUNTER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "decode/code_view.h"
#include "decode/fast/counting_engine.h"
#include "decode/fast/edge_counts.h"
#include "decode/fast/engine_options.h"
#include "decode/stream.h"

namespace ptcap::decode::fast {

// Cuts a stream at PSBs into parts that are read (which decompresses them) and
// decoded by several threads. Each has an engine of its own, which stays warm
// from stream to stream: nothing is shared but the code. The counts are those
// of one engine that decodes all of it.
class ParallelCounter {
 public:
  // `threads` of them, 1 at least. Each engine may use its part of the memory
  // that `options` allow.
  ParallelCounter(const std::shared_ptr<const CodeView>& code,
                  const EngineOptions& options, size_t threads);

  // Counts [begin, end) of `aux`, a run without a hole, up to where it cannot
  // be read; returns where that is, or `end`. `part_size` is about what one
  // thread takes at a time.
  static constexpr uint64_t kPartSize = 4 << 20;
  uint64_t decode(const AuxBytes& aux, uint64_t begin, uint64_t end,
                  uint64_t part_size = kPartSize);

  // Everything counted so far, normalized; counting begins anew, warm.
  FlowCounts take_counts();

  uint64_t gaps() const { return gaps_; }
  // How often parts did not fit together, so that one thread had to do it all.
  uint64_t retries() const { return retries_; }

 private:
  struct Span {
    uint64_t begin;
    uint64_t end;
  };

  std::vector<Span> cut(const AuxBytes& aux, uint64_t begin, uint64_t end,
                        uint64_t part_size) const;
  std::vector<CountingEngine::Part> decode_parts(const AuxBytes& aux,
                                                 std::span<const Span> parts,
                                                 uint64_t end);
  bool join_parts(std::span<const CountingEngine::Part> parts);
  uint64_t decode_as_one(const AuxBytes& aux, uint64_t begin, uint64_t end);
  uint64_t engine_gaps() const;

  std::vector<std::unique_ptr<CountingEngine>> engines_;  // by thread
  FlowCounts counts_;
  uint64_t gaps_ = 0;
  uint64_t retries_ = 0;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_PARALLEL_COUNTER_H_
