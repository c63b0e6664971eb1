// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/memo.h"

#include <algorithm>
#include <utility>

namespace ptcap::decode::fast {

namespace {

// What the arenas may hold at most; only pages that are used count, and the
// limit is on those.
constexpr size_t kMaxEntries = 1 << 24;
constexpr size_t kBytesPerEntry = 200;

size_t entries_for(size_t limit_bytes) {
  return std::clamp<size_t>(limit_bytes / kBytesPerEntry, 1 << 15, kMaxEntries);
}

size_t pool_for(size_t entries) { return 8 * entries; }

size_t bytes_for(size_t entries) {
  return Graph::bytes_for(entries) + Runs::bytes_for(entries) +
         Chunks::bytes_for(entries) + Pools::bytes_for(pool_for(entries));
}

}  // namespace

Memo::Memo(const CodeView& code, size_t limit_bytes)
    : memory_(bytes_for(entries_for(limit_bytes))),
      graph(code, memory_, entries_for(limit_bytes)),
      runs(memory_, entries_for(limit_bytes)),
      chunks(memory_, entries_for(limit_bytes)),
      pools(memory_, pool_for(entries_for(limit_bytes))),
      limit_bytes_(limit_bytes) {}

void Memo::count(Element element, int64_t times) {
  const uint32_t id = element.id();
  const auto add_to = [&](uint64_t& count, DirtyList& dirty) {
    if (count == 0) dirty.add(id);
    count += times;
  };
  switch (element.kind()) {
    case ElementKind::kNotTaken:
      add_to(graph.count(id, 0), dirty_nodes_);
      break;
    case ElementKind::kTaken:
      add_to(graph.count(id, 1), dirty_nodes_);
      break;
    case ElementKind::kRecord:
      add_to(graph.record_count(id), dirty_records_);
      break;
    case ElementKind::kRun:
      add_to(runs[id].count, dirty_runs_);
      break;
    case ElementKind::kChunk:
      add_to(chunks[id].count, dirty_chunks_);
      break;
    case ElementKind::kAdvance:
    case ElementKind::kPsb:
    case ElementKind::kTsc:
      break;
  }
}

void Memo::fold_chunks() {
  dirty_chunks_.take([&](uint32_t id) {
    count_path(chunks[id], std::exchange(chunks[id].count, 0));
  });
}

void Memo::fold_runs() {
  dirty_runs_.take([&](uint32_t id) {
    count_path(runs[id], std::exchange(runs[id].count, 0));
  });
}

void Memo::take_counts(FlowCounts& counts) {
  fold_chunks();
  fold_runs();
  take_nodes(counts);
  take_records(counts);
}

void Memo::take_nodes(FlowCounts& counts) {
  dirty_nodes_.take([&](NodeId id) {
    const uint64_t not_taken = std::exchange(graph.count(id, 0), 0);
    const uint64_t taken = std::exchange(graph.count(id, 1), 0);
    if ((not_taken | taken) == 0) return;
    const Node& node = graph[id];
    const NodeEnd& end = graph.end(id);
    add_chain(node, node.links, not_taken + taken, counts);
    add_end(id, not_taken + taken, counts);
    if (not_taken != 0) {
      counts.edges.push_back({{end.last, end.end}, not_taken, end.branch});
    }
    if (taken != 0) {
      counts.edges.push_back({{end.last, end.target}, taken, end.branch});
    }
  });
}

void Memo::take_records(FlowCounts& counts) {
  dirty_records_.take([&](uint32_t id) {
    const uint64_t times = std::exchange(graph.record_count(id), 0);
    if (times != 0) add_record(graph.record(id), times, counts);
  });
}

void Memo::add_record(const Record& record, uint64_t times,
                      FlowCounts& counts) const {
  const Node& node = graph[record.node];
  switch (record.kind) {
    case RecordKind::kBranch:
    case RecordKind::kBranchOut: {
      const NodeEnd& end = graph.end(record.node);
      add_chain(node, record.links, times, counts);
      add_end(record.node, times, counts);
      counts.edges.push_back({{end.last, record.to}, times, end.branch});
      break;
    }
    case RecordKind::kLeave:
      add_chain(node, record.links, times, counts);
      add_end(record.node, times, counts);
      break;
    case RecordKind::kStop:
      add_chain(node, record.links, times, counts);
      if (record.ninsn != 0) {
        counts.blocks.push_back(
            {{last_begin(graph, node, record.links), record.from},
             times,
             record.ninsn});
      }
      break;
    case RecordKind::kOn:
    case RecordKind::kSync:
    case RecordKind::kOff:
    case RecordKind::kStopped:
    case RecordKind::kAsync:
    case RecordKind::kTxAbort:
      break;
  }
}

void Memo::add_chain(const Node& node, unsigned links, uint64_t times,
                     FlowCounts& counts) const {
  uint64_t begin = node.ip;
  for (unsigned i = 0; i < links; ++i) {
    const Link& link = graph.link(node, i);
    counts.blocks.push_back(
        {{begin, link.from + link.size}, times, link.ninsn});
    counts.edges.push_back(
        {{link.from, link.to},
         times,
         link.is_call ? BranchClass::kCall : BranchClass::kJump});
    begin = link.to;
  }
}

// The last block of the chain.
void Memo::add_end(NodeId id, uint64_t times, FlowCounts& counts) const {
  const Node& node = graph[id];
  const NodeEnd& end = graph.end(id);
  counts.blocks.push_back(
      {{last_begin(graph, node, node.links), end.end}, times, end.ninsn});
}

void Memo::forget_counts() {
  dirty_chunks_.take([&](uint32_t id) { chunks[id].count = 0; });
  dirty_runs_.take([&](uint32_t id) { runs[id].count = 0; });
  dirty_nodes_.take([&](NodeId id) {
    graph.count(id, 0) = 0;
    graph.count(id, 1) = 0;
  });
  dirty_records_.take([&](uint32_t id) { graph.record_count(id) = 0; });
}

bool Memo::has_room() const {
  return chunks.has_room() && runs.has_room() && pools.paths.room(1 << 13) &&
         pools.lists.room(1 << 13) && graph.has_room() &&
         size_bytes() < limit_bytes_;
}

size_t Memo::size_bytes() const {
  return graph.size_bytes() + runs.size_bytes() + chunks.size_bytes() +
         pools.size_bytes() + dirty_chunks_.size_bytes() +
         dirty_runs_.size_bytes() + dirty_nodes_.size_bytes() +
         dirty_records_.size_bytes();
}

void Memo::clear(bool all) {
  runs.clear();
  chunks.clear();
  pools.clear();
  if (all) graph.clear();
}

}  // namespace ptcap::decode::fast
