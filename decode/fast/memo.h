// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The three levels together, with what they have counted.

#ifndef PTCAP_DECODE_FAST_MEMO_H_
#define PTCAP_DECODE_FAST_MEMO_H_

#include <cstddef>
#include <cstdint>
#include <utility>

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

  // Calls visit(from, to, times) for each edge that was counted, some of them
  // several times, and counts from zero again. Allocates nothing.
  template <typename Visit>
  void take_edges(Visit visit);

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

template <typename Visit>
void Memo::take_edges(Visit visit) {
  fold();
  const auto chain = [&](const Node& node, unsigned links, uint64_t times) {
    for (unsigned i = 0; i < links; ++i) {
      const Link& link = graph.link(node, i);
      visit(link.from, link.to, times);
    }
  };
  for (NodeId id = kFirstCodeNode; id < graph.nodes(); ++id) {
    const uint64_t not_taken = std::exchange(graph.count(id, 0), 0);
    const uint64_t taken = std::exchange(graph.count(id, 1), 0);
    if ((not_taken | taken) == 0) continue;
    const NodeEnd& end = graph.end(id);
    chain(graph[id], graph[id].links, not_taken + taken);
    if (not_taken != 0) visit(end.last, end.end, not_taken);
    if (taken != 0) visit(end.last, end.target, taken);
  }
  for (uint32_t id = 1; id < graph.records(); ++id) {
    const uint64_t times = std::exchange(graph.record_count(id), 0);
    if (times == 0) continue;
    const Record& record = graph.record(id);
    if (record.kind > RecordKind::kStop) continue;  // an event
    chain(graph[record.node], record.links, times);
    if (record.kind == RecordKind::kBranch) {
      visit(graph.end(record.node).last, record.to, times);
    }
  }
}

// Where the last block of a chain begins.
inline uint64_t last_begin(const Graph& graph, const Node& node,
                           unsigned links) {
  return links == 0 ? node.ip : graph.link(node, links - 1).to;
}

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_MEMO_H_
