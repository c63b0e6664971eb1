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
#include "decode/fast/dirty_list.h"
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

 private:
  Reservation memory_;

 public:
  Graph graph;
  Runs runs;
  Chunks chunks;
  Pools pools;

  // Adds `times` (which may be negative) to what `element` counts.
  void count(Element element, int64_t times);
  void count_chunk(uint32_t id) {
    if (chunks[id].count++ == 0) [[unlikely]]
      dirty_chunks_.add(id);
  }

  // Adds everything counted to `counts` (not normalized), and counts from zero
  // again.
  void take_counts(FlowCounts& counts);

  // Counts from zero again.
  void forget_counts();

  // Adds `times` of a record to `counts`.
  void add_record(const Record& record, uint64_t times,
                  FlowCounts& counts) const;

  // Calls visit(from, to, times) for each edge that was counted, some of them
  // several times, and counts from zero again. Allocates nothing when warm.
  template <typename Visit>
  void take_edges(Visit visit);

  // The same, but take_chunk(id, times) is called for each chunk that was
  // counted, whose edges are not visited.
  template <typename TakeChunk, typename Visit>
  void take_chunks_and_edges(TakeChunk take_chunk, Visit visit);

  // Calls visit(from, to) for each edge of what `element` stands for, in order.
  template <typename Visit>
  void visit_edges(Element element, Visit visit) const;

  // Whether runs and chunks for one more piece find room within the limit.
  bool has_room() const;
  size_t size_bytes() const;
  // Forgets chunks and runs, and the graph as well if `all`. Node ids are
  // then no longer valid. REQUIRES: take_counts() since anything was counted.
  void clear(bool all);

 private:
  template <typename Visit>
  void visit_chain(const Node& node, unsigned links, Visit visit) const;
  template <typename Visit>
  void visit_record(const Record& record, Visit visit) const;
  template <typename Visit>
  void visit_path(uint32_t path, unsigned size, Visit visit) const;

  // Counts what is on the path of a chunk or run.
  template <typename Entry>
  void count_path(const Entry& entry, uint64_t times) {
    for (unsigned i = 0; i < entry.path_size; ++i) {
      count(pools.paths[entry.path + i], static_cast<int64_t>(times));
    }
  }
  void fold_chunks();
  void fold_runs();
  void take_nodes(FlowCounts& counts);
  void take_records(FlowCounts& counts);
  void add_chain(const Node& node, unsigned links, uint64_t times,
                 FlowCounts& counts) const;
  void add_end(NodeId id, uint64_t times, FlowCounts& counts) const;

  size_t limit_bytes_;
  DirtyList dirty_chunks_;
  DirtyList dirty_runs_;
  DirtyList dirty_nodes_;
  DirtyList dirty_records_;
};

template <typename Visit>
void Memo::visit_chain(const Node& node, unsigned links, Visit visit) const {
  for (unsigned i = 0; i < links; ++i) {
    const Link& link = graph.link(node, i);
    visit(link.from, link.to);
  }
}

template <typename Visit>
void Memo::visit_record(const Record& record, Visit visit) const {
  if (!ran_code(record.kind)) return;
  visit_chain(graph[record.node], record.links, visit);
  if (has_edge(record.kind)) {
    visit(graph.end(record.node).last, record.to);
  }
}

template <typename Visit>
void Memo::visit_path(uint32_t path, unsigned size, Visit visit) const {
  for (unsigned i = 0; i < size; ++i) {
    visit_edges(pools.paths[path + i], visit);
  }
}

template <typename Visit>
void Memo::visit_edges(Element element, Visit visit) const {
  const uint32_t id = element.id();
  switch (element.kind()) {
    case ElementKind::kNotTaken:
    case ElementKind::kTaken: {
      const NodeEnd& end = graph.end(id);
      visit_chain(graph[id], graph[id].links, visit);
      visit(end.last,
            element.kind() == ElementKind::kTaken ? end.target : end.end);
      break;
    }
    case ElementKind::kRecord:
      visit_record(graph.record(id), visit);
      break;
    case ElementKind::kRun:
      visit_path(runs[id].path, runs[id].path_size, visit);
      break;
    case ElementKind::kChunk:
      visit_path(chunks[id].path, chunks[id].path_size, visit);
      break;
    case ElementKind::kAdvance:
    case ElementKind::kPsb:
    case ElementKind::kTsc:
      break;
  }
}

template <typename TakeChunk, typename Visit>
void Memo::take_chunks_and_edges(TakeChunk take_chunk, Visit visit) {
  dirty_chunks_.take([&](uint32_t id) {
    const uint64_t times = std::exchange(chunks[id].count, 0);
    if (times != 0) take_chunk(id, times);
  });
  fold_runs();
  dirty_nodes_.take([&](NodeId id) {
    const uint64_t not_taken = std::exchange(graph.count(id, 0), 0);
    const uint64_t taken = std::exchange(graph.count(id, 1), 0);
    if ((not_taken | taken) == 0) return;
    const NodeEnd& end = graph.end(id);
    visit_chain(graph[id], graph[id].links, [&](uint64_t from, uint64_t to) {
      visit(from, to, not_taken + taken);
    });
    if (not_taken != 0) visit(end.last, end.end, not_taken);
    if (taken != 0) visit(end.last, end.target, taken);
  });
  dirty_records_.take([&](uint32_t id) {
    const uint64_t times = std::exchange(graph.record_count(id), 0);
    if (times == 0) return;
    visit_record(graph.record(id),
                 [&](uint64_t from, uint64_t to) { visit(from, to, times); });
  });
}

template <typename Visit>
void Memo::take_edges(Visit visit) {
  take_chunks_and_edges(
      [&](uint32_t id, uint64_t times) { count_path(chunks[id], times); },
      visit);
}

// Where the last block of a chain begins.
inline uint64_t last_begin(const Graph& graph, const Node& node,
                           unsigned links) {
  return links == 0 ? node.ip : graph.link(node, links - 1).to;
}

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_MEMO_H_
