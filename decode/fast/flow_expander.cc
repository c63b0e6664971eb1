// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/flow_expander.h"

#include <utility>

#include "decode/fast/journal.h"

namespace ptcap::decode::fast {

void FlowExpander::expand(Element element) {
  const uint32_t id = element.id();
  switch (element.kind()) {
    case ElementKind::kNotTaken:
    case ElementKind::kTaken:
      return expand_node(id);
    case ElementKind::kRecord:
      return expand_record(memo_.graph.record(id));
    case ElementKind::kRun:
      return expand_path(memo_.runs[id].path, memo_.runs[id].path_size);
    case ElementKind::kChunk: {
      const Chunk& chunk = memo_.chunks[id];
      offset_ += chunk.size;
      if (chunk.event_first) meet_event();
      return expand_path(chunk.path, chunk.path_size);
    }
    case ElementKind::kAdvance:
      if (element == kEventMark) {
        meet_event();
      } else if (element == kWindowEnd) {
        at_window_end_ = !at_window_end_;
      } else {
        offset_ += id;
      }
      return;
    case ElementKind::kTsc:
      return take_tsc(id);
    case ElementKind::kPsb:
      return;
  }
}

void FlowExpander::expand_path(uint32_t path, unsigned size) {
  for (unsigned i = 0; i < size; ++i) expand(memo_.pools.paths[path + i]);
}

void FlowExpander::take_tsc(uint32_t bits) {
  if (!std::exchange(in_tsc_, !in_tsc_)) {
    tsc_ = bits;
  } else if (clock_) {
    time_ = clock_->to_ns(tsc_ << kTscBits | bits);
  }
}

void FlowExpander::meet_event() { last_time_ = time_; }

void FlowExpander::expand_node(NodeId id) {
  put_chain(id, memo_.graph[id].links);
  put_end(id);
  last_time_ = time_;
}

void FlowExpander::expand_record(const Record& record) {
  if (record.kind != RecordKind::kBranch && !at_window_end_) meet_event();
  if (!ran_code(record.kind)) return put_event(record);
  put_chain(record.node, record.links);
  if (record.kind == RecordKind::kStop) return put_stop(record);
  put_end(record.node);
  last_time_ = time_;
}

void FlowExpander::put_block(const FlowItem& block) {
  mode_ = block.mode;
  joiner_.flow(block);
}

// The blocks that direct jumps and calls end.
void FlowExpander::put_chain(NodeId id, unsigned links) {
  const Node& node = memo_.graph[id];
  FlowItem block;
  block.mode = memo_.graph.end(id).mode;
  block.begin = node.ip;
  block.time = last_time_;
  block.offset = offset_;
  for (unsigned i = 0; i < links; ++i) {
    const Link& link = memo_.graph.link(node, i);
    block.branch = link.is_call ? BranchClass::kCall : BranchClass::kJump;
    block.ninsn = link.ninsn;
    block.last = link.from;
    block.end = link.from + link.size;
    put_block(block);
    block.begin = link.to;
  }
}

// The last block of the chain.
void FlowExpander::put_end(NodeId id) {
  const Node& node = memo_.graph[id];
  const NodeEnd& end = memo_.graph.end(id);
  FlowItem block;
  block.branch = end.branch;
  block.mode = end.mode;
  block.ninsn = end.ninsn;
  block.begin = last_begin(memo_.graph, node, node.links);
  block.last = end.last;
  block.end = end.end;
  block.time = last_time_;
  block.offset = offset_;
  put_block(block);
}

void FlowExpander::put_stop(const Record& record) {
  if (record.ninsn == 0) return;
  FlowItem block;
  block.mode = memo_.graph.end(record.node).mode;
  block.ninsn = record.ninsn;
  block.begin = last_begin(memo_.graph, memo_.graph[record.node], record.links);
  block.last = record.to;
  block.end = record.from;
  block.time = last_time_;
  block.offset = offset_;
  put_block(block);
}

FlowItem FlowExpander::event(FlowKind kind, FlowCause cause) const {
  FlowItem item;
  item.kind = kind;
  item.cause = cause;
  item.mode = mode_;
  item.time = time_;
  item.offset = offset_;
  return item;
}

void FlowExpander::put_event(const Record& record) {
  FlowItem item = event(FlowKind::kOn, record.cause);
  item.has_from = record.has_from;
  item.from = record.from;
  item.has_to = record.has_to;
  item.to = record.to;
  switch (record.kind) {
    case RecordKind::kStopped:
      return joiner_.set_off_cause(FlowCause::kStop);
    case RecordKind::kSync:
      joiner_.begin_part(record.to);
      joiner_.add({&item, 1});
      return joiner_.end_part();
    case RecordKind::kOff:
      item.kind = FlowKind::kOff;
      break;
    case RecordKind::kAsync:
      item.kind = FlowKind::kAsync;
      break;
    case RecordKind::kTxAbort:
      item.kind = FlowKind::kTxAbort;
      break;
    default:
      break;
  }
  joiner_.flow(item);
}

}  // namespace ptcap::decode::fast
