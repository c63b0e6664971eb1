// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/counting_engine.h"

#include <algorithm>
#include <utility>

#include "decode/psb_header.h"
#include "formats/pt/packet.h"

namespace ptcap::decode::fast {

CountingEngine::CountingEngine(std::shared_ptr<const CodeView> code,
                               const EngineOptions& options)
    : code_(std::move(code)),
      walker_(*code_, options, /*timed=*/false),
      stretches_(code_, options.settings) {}

void CountingEngine::decode(std::span<const uint8_t> trace) {
  trace_ = trace;
  walker_.stats().bytes += trace.size();
  std::optional<uint64_t> psb = find_sync(trace, 0);
  if (psb.value_or(trace.size()) != 0) {
    const auto front = trace.first(psb.value_or(trace.size()));
    if (std::any_of(front.begin(), front.end(),
                    [](uint8_t byte) { return byte != 0; })) {
      ++walker_.stats().gaps;
    }
  }
  walker_.start();
  walker_.set_bytes(trace, 0);
  in_gap_ = false;
  if (psb) decode_from(*psb);
  settle_arrival(false);
}

FlowCounts CountingEngine::take_counts() {
  FlowCounts counts = std::exchange(taken_, {});
  walker_.memo().take_counts(counts);
  counts.add(counter_.take());
  counts.normalize();
  walker_.journal().clear();
  return counts;
}

uint64_t CountingEngine::take_map(formats::EdgeHash hash, uint8_t* map) {
  if (!edge_map_ || edge_map_->hash() != hash)
    edge_map_.emplace(walker_.memo(), hash);
  walker_.journal().clear();
  uint64_t edges = edge_map_->take(map);
  walker_.set_other_bytes(edge_map_->size_bytes());
  taken_.add(counter_.take());
  for (const EdgeCount& edge : taken_.edges) {
    edges += edge.count;
    edge_map_->add(edge.edge.from, edge.edge.to, edge.count, map);
  }
  taken_ = {};
  return edges;
}

void CountingEngine::decode_from(uint64_t psb) {
  uint64_t offset = psb;
  for (;;) {
    const uint64_t begin = offset;
    const Walker::End end = walker_.run(offset, trace_.size());
    if (offset != begin) {
      settle_arrival(true);
      if (is_code(walker_.state().node)) in_gap_ = false;
    }
    if (end == Walker::End::kFull) {
      evict();
      continue;
    }
    // What is known in front of a packet that is cut short depends on how far
    // libipt reads ahead: kPartial is for it to say.
    if (end == Walker::End::kLimit && walker_.finish()) {
      settle_arrival(true);
      return;
    }
    const std::optional<uint64_t> resumed = end == Walker::End::kNeedsStack
                                                ? start_with_stack(offset)
                                                : hand_over(offset);
    if (!resumed) return;
    offset = *resumed;
  }
}

// ----------------------------------------------------------------- trouble

// The first one behind that at `begin`.
std::optional<uint64_t> CountingEngine::next_psb(uint64_t begin) const {
  return find_sync(trace_, begin + pt::kPsbSize);
}

// Nothing is known of how the flow came to `offset`.
std::optional<uint64_t> CountingEngine::abandon(uint64_t offset) {
  ++walker_.stats().gaps;
  ++walker_.stats().abandoned;
  walker_.start();
  return find_sync(trace_, offset + 1);
}

// From now on the return stack is kept, and was not since the last PSB: goes
// back to there. Returns its offset.
std::optional<uint64_t> CountingEngine::start_with_stack(uint64_t offset) {
  walker_.keep_stack();
  const auto retreat = walker_.retreat(offset);
  if (!retreat) return abandon(offset);
  walker_.state().node = retreat->node;
  walker_.journal().clear();
  return retreat->begin;
}

// `trouble` is where the piece begins that could not be followed. Returns
// where to go on: at the next PSB, though packets may have been followed beyond
// it, into which it was damaged. (A PSB+ that contradicts what came before it
// says nothing about itself.)
std::optional<uint64_t> CountingEngine::hand_over(uint64_t trouble) {
  const auto retreat = walker_.retreat(trouble);
  if (!retreat) return abandon(trouble);
  const std::optional<uint64_t> next = next_psb(retreat->begin);
  const uint64_t end = next.value_or(trace_.size());
  ++walker_.stats().stretches;
  walker_.stats().stretch_bytes += end - retreat->begin;
  const auto items = stretches_.decode(trace_, retreat->begin, end);
  leave_stretch(enter_stretch(retreat->node, items), end);
  walker_.journal().clear();
  walker_.state().stack.clear();
  return next;
}

// The flow was at `node` in front of the PSB; libipt begins at the ip that the
// PSB+ says. Counts what is between. Returns the items to count.
std::span<FlowItem> CountingEngine::enter_stretch(NodeId node,
                                                  std::span<FlowItem> items) {
  std::optional<Graph::Position> position;
  if (is_code(node) && !items.empty() && items[0].kind == FlowKind::kOn) {
    position = walker_.memo().graph.locate(node, items[0].to);
  }
  settle_arrival(position.has_value());
  if (!position) return items;
  const uint64_t ip = items[0].to;
  items = items.subspan(1);
  Record record = Graph::stop_record(node, *position, ip);
  if (!items.empty() && items[0].kind == FlowKind::kBlock) {
    items[0].begin = last_begin(walker_.memo().graph,
                                walker_.memo().graph[node], record.links);
    items[0].ninsn += record.ninsn;
    record.ninsn = 0;
  }
  walker_.memo().count(
      Element::record(walker_.memo().graph.find_record(record)), 1);
  return items;
}

// Counts the items, and goes on where they end.
void CountingEngine::leave_stretch(std::span<const FlowItem> items,
                                   uint64_t end) {
  FlowState& state = walker_.state();
  state.node = kUnsynced;
  for (const FlowItem& item : items) {
    if (item.kind == FlowKind::kGap) ++walker_.stats().gaps;
  }
  if (items.empty()) return;
  // A gap right behind another one is part of it.
  if (in_gap_ && items.front().kind == FlowKind::kGap) --walker_.stats().gaps;
  const FlowItem& last = items.back();
  in_gap_ = last.kind == FlowKind::kGap && !last.has_to;
  if (last.kind == FlowKind::kBlock) {
    counter_.add(items.first(items.size() - 1));
    leave_at_block(last, end);
    return;
  }
  counter_.add(items);
  switch (last.kind) {
    case FlowKind::kOn:
    case FlowKind::kAsync:
    case FlowKind::kTxAbort:
      state.node = walker_.memo().graph.find(last.to, last.mode);
      break;
    case FlowKind::kOff:
      state.node = kOffBase + mode_index(last.mode);
      break;
    case FlowKind::kBlock:
    case FlowKind::kGap:
    case FlowKind::kMode:
    case FlowKind::kOther:
      break;
  }
}

// A block that does not end at a branch was cut at the PSB: it goes on.
void CountingEngine::leave_at_block(const FlowItem& block, uint64_t end) {
  FlowState& state = walker_.state();
  if (block.branch == BranchClass::kNone) {
    arrival_ = {block.begin, block};
  } else {
    counter_.add({&block, 1});
    const PsbHeader header = parse_psb_header(trace_.subspan(end));
    if (!header.ip) return;
    arrival_ = {*header.ip, std::nullopt};
  }
  state.node = walker_.memo().graph.find(arrival_->ip, block.mode);
}

// Whether the flow went on behind the stretch as it seemed to.
void CountingEngine::settle_arrival(bool arrived) {
  if (!arrival_) return;
  if (arrived) {
    counter_.lead_to(arrival_->ip);
  } else if (arrival_->cut) {
    counter_.add({&*arrival_->cut, 1});
  }
  arrival_.reset();
}

// At a PSB. The flow stays where it is.
void CountingEngine::evict() {
  walker_.memo().take_counts(taken_);
  taken_.normalize();
  if (edge_map_) edge_map_->clear();
  walker_.set_other_bytes(0);
  walker_.evict();
}

}  // namespace ptcap::decode::fast
