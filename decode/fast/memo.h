// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The three levels together, with what they have counted.

#ifndef PTCAP_DECODE_FAST_MEMO_H_
#define PTCAP_DECODE_FAST_MEMO_H_

#include <cstddef>
#include <cstdint>

#include "decode/fast/chunks.h"
#include "decode/fast/edge_counts.h"
#include "decode/fast/follower.h"
#include "decode/fast/graph.h"
#include "decode/fast/runs.h"

namespace ptcap::decode::fast {

// Counts are kept in the entries that were hit and passed down once, when they
// are asked for or when entries have to go: a chunk's count goes to the runs,
// records and branches of its path, a run's to its branches.
class Memo {
 public:
  // `code` is borrowed; `limit_bytes` bounds the memory.
  Memo(const CodeView& code, size_t limit_bytes);

  Graph graph;
  Runs runs;
  Chunks chunks;
  Pools pools;

  // Adds `times` (which may be negative) to what `element` counts.
  void count(Element element, int64_t times);

  // Adds everything counted to `counts` (not normalized), and counts from zero
  // again.
  void take_counts(FlowCounts& counts);

  // Whether runs and chunks for one more piece find room within the limit.
  bool has_room() const;
  size_t size_bytes() const;
  // Forgets chunks and runs, and the graph as well if `all`. Node ids are
  // then no longer valid. REQUIRES: take_counts() since anything was counted.
  void clear(bool all);

 private:
  void fold();
  void take_nodes(FlowCounts& counts);
  void take_records(FlowCounts& counts);
  void add_chain(const Node& node, unsigned links, uint64_t times,
                 FlowCounts& counts) const;
  void add_end(NodeId id, uint64_t times, FlowCounts& counts) const;

  size_t limit_bytes_;
};

// Where the last block of a chain begins.
inline uint64_t last_begin(const Graph& graph, const Node& node,
                           unsigned links) {
  return links == 0 ? node.ip : graph.link(node, links - 1).to;
}

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_MEMO_H_
