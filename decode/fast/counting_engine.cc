// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/counting_engine.h"

#include <algorithm>
#include <utility>

#include "decode/psb_header.h"
#include "formats/pt/packet.h"
#include "formats/pt/scanner.h"

namespace ptcap::decode::fast {

namespace {

// Else the PSB that seems to begin behind it may be bytes of its last packet.
bool ends_with_whole_packet(std::span<const uint8_t> trace) {
  const auto psb = pt::find_last_psb(trace, trace.size());
  if (!psb) return false;
  pt::PacketScanner scanner(trace, *psb);
  pt::Packet packet;
  while (scanner.next(packet)) {
    if (packet.type == pt::PacketType::kTruncated ||
        packet.type == pt::PacketType::kUnknown) {
      return false;
    }
  }
  return true;
}

// Of trace, walked at a time where edges are given in order.
constexpr uint64_t kSliceBytes = 32 << 10;

}  // namespace

CountingEngine::CountingEngine(std::shared_ptr<const CodeView> code,
                               const EngineOptions& options)
    : code_(std::move(code)),
      settings_(options.settings),
      walker_(*code_, options, /*timed=*/false),
      stretches_(code_, options.settings) {}

void CountingEngine::decode(std::span<const uint8_t> trace) {
  is_stripped_ = timing_is_much(trace);
  if (is_stripped_) stripped_.assign(trace, /*with_marks=*/false);
  decode_all(trace);
}

void CountingEngine::decode(std::span<const uint8_t> trace, EdgeWriter& edges) {
  is_stripped_ = edges.wants_cycles() || timing_is_much(trace);
  if (is_stripped_) stripped_.assign(trace, edges.wants_cycles());
  if (edges.wants_cycles() && !walker_.memo().pools.keeps_positions()) {
    evict();
    walker_.keep_positions();
  }
  if (!order_) order_.emplace(walker_.memo());
  order_->begin(edges,
                edges.wants_cycles() ? stripped_.marks()
                                     : std::span<const StrippedTrace::Mark>(),
                0);
  edges_ = &edges;
  counter_.set_order(&edges);
  walker_.journal().keep_settled(true);
  decode_all(trace);
  walker_.journal().keep_settled(false);
  counter_.set_order(nullptr);
  edges_ = nullptr;
  edges.flush();
}

// Judged by the first trace: it only matters for speed.
bool CountingEngine::timing_is_much(std::span<const uint8_t> trace) {
  if (!timing_is_much_) timing_is_much_ = has_much_timing(trace);
  return timing_is_much_.value_or(false);
}

void CountingEngine::decode_all(std::span<const uint8_t> trace) {
  trace_ = trace;
  walk_trace_ = is_stripped_ ? stripped_.bytes() : trace;
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
  walker_.set_bytes(walk_trace_, 0);
  in_gap_ = false;
  if (psb) decode_from(in_walk(*psb));
  settle_arrival(false);
}

void CountingEngine::forget_counts() {
  walker_.journal().clear();
  walker_.memo().forget_counts();
  counter_.take();
  taken_ = {};
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
  walker_.set_other_bytes(other_bytes());
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
  if (edges_ != nullptr) order_->seek(offset);
  for (;;) {
    const uint64_t begin = offset;
    const bool in_slices = edges_ != nullptr || !start_known_;
    const uint64_t limit =
        in_slices ? offset + kSliceBytes : walk_trace_.size();
    const Walker::End end = walker_.run(offset, limit);
    if (offset != begin) settle_arrival(true);
    if (end == Walker::End::kFull) {
      evict();
      continue;
    }
    if (end == Walker::End::kLimit && offset < walk_trace_.size()) {
      settle(/*all=*/false);
      continue;
    }
    if (end == Walker::End::kLimit && is_part_) return end_part();
    // What is known in front of a packet that is cut short depends on how far
    // libipt reads ahead: kPartial is for it to say.
    if (end == Walker::End::kLimit && walker_.finish()) {
      settle_arrival(true);
      settle(/*all=*/true);
      return;
    }
    const std::optional<uint64_t> resumed = end == Walker::End::kNeedsStack
                                                ? start_with_stack(offset)
                                                : hand_over(offset);
    if (!resumed) return is_part_ ? end_part() : void();
    offset = *resumed;
    if (edges_ != nullptr) order_->seek(offset);
  }
}

// ------------------------------------------------------------------- parts

CountingEngine::Part CountingEngine::decode_part(std::span<const uint8_t> bytes,
                                                 uint64_t end) {
  const uint64_t abandoned = walker_.stats().abandoned;
  begin_part();
  is_part_ = true;
  next_psb_ = bytes.subspan(end);
  decode(bytes.first(end));
  is_part_ = false;
  if (walker_.stats().abandoned != abandoned) part_.end.is_clean = false;
  return take_part();
}

CountingEngine::Part CountingEngine::decode_last_part(
    std::span<const uint8_t> bytes) {
  begin_part();
  decode(bytes);
  return take_part();
}

void CountingEngine::begin_part() {
  part_ = {};
  start_known_ = false;
  walker_.journal().keep_settled(true);
}

CountingEngine::Part CountingEngine::take_part() {
  start_known_ = true;
  walker_.journal().keep_settled(false);
  return std::exchange(part_, {});
}

// Whether who begins at the PSB takes the same mode.
bool CountingEngine::begins_alike(std::span<const uint8_t> psb) const {
  if (parse_psb_header(psb).has_mode) return true;
  const NodeId node = walker_.state().node;
  if (!is_code(node) && (node - kOffBase) % 4 == 0) return false;
  return walker_.memo().graph.end(node).mode == settings_.mode;
}

// The walk is in front of the PSB behind the part.
void CountingEngine::end_part() {
  settle(/*all=*/true);
  PartEnd& end = part_.end;
  const NodeId node = walker_.state().node;
  end.is_clean = !in_gap_ && ends_with_whole_packet(trace_) &&
                 (node == kUnsynced ||
                  (walker_.meets_psb(next_psb_) && begins_alike(next_psb_)));
  if (!end.is_clean) return;
  if (arrival_) {
    taken_.add(counter_.take_so_far());
    FlowCounter not_on = counter_;
    counter_.lead_to(arrival_->ip);
    end.if_on = counter_.take();
    if (arrival_->cut) not_on.add({&*arrival_->cut, 1});
    end.if_not = not_on.take();
    arrival_.reset();
  }
  if (!is_code(node)) return;
  const auto ip = start_ip(next_psb_, has_bdm70(settings_));
  const auto at = ip ? walker_.memo().graph.locate(node, *ip) : std::nullopt;
  // Nothing ran but a part of a block, which began in the part before.
  const bool has_no_branch =
      !start_known_ && part_.start.is_on && at && at->links == 0;
  if (!at || has_no_branch) {
    end.is_clean = false;
    return;
  }
  const Graph& graph = walker_.memo().graph;
  end.is_on = true;
  end.ip = *ip;
  end.cut = {last_begin(graph, graph[node], at->links), at->ninsn};
  Record chain = Graph::stop_record(node, *at, *ip);
  chain.ninsn = 0;
  walker_.memo().add_record(chain, 1, end.if_on);
  if (!start_known_ && part_.start.is_on) {
    const Link& link = graph.link(graph[node], 0);
    part_.start.first = {link.from + link.size, link.ninsn};
  }
}

void CountingEngine::find_start(std::span<const Element> entries) {
  for (size_t i = 0; i < entries.size() && !start_known_; ++i) {
    start_known_ = find_start(entries[i]);
  }
}

// Whether it is known behind `element`.
bool CountingEngine::find_start(Element element) {
  const Memo& memo = walker_.memo();
  const uint32_t id = element.id();
  const auto find_in_path = [&](uint32_t path, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      if (find_start(memo.pools.paths[path + i])) return true;
    }
    return false;
  };
  const auto begin_with = [&](NodeId node) {
    const NodeEnd& end = memo.graph.end(node);
    if (memo.graph[node].links == 0) {
      part_.start.first = {end.end, end.ninsn};
    } else {
      const Link& link = memo.graph.link(memo.graph[node], 0);
      part_.start.first = {link.from + link.size, link.ninsn};
    }
    return true;
  };
  switch (element.kind()) {
    case ElementKind::kAdvance:
    case ElementKind::kPsb:
    case ElementKind::kTsc:
      return false;
    case ElementKind::kChunk:
      return find_in_path(memo.chunks[id].path, memo.chunks[id].path_size);
    case ElementKind::kRun:
      return find_in_path(memo.runs[id].path, memo.runs[id].path_size);
    case ElementKind::kNotTaken:
    case ElementKind::kTaken:
      return begin_with(id);
    case ElementKind::kRecord:
      break;
  }
  const Record& record = memo.graph.record(id);
  if (record.kind == RecordKind::kSync) {
    part_.start.is_on = true;
    return false;
  }
  if (!ran_code(record.kind)) return true;
  if (record.kind != RecordKind::kStop || record.links != 0) {
    return begin_with(record.node);
  }
  if (record.ninsn != 0) part_.start.first = {record.from, record.ninsn};
  // A PSB+ or a transaction inside of a block: the flow goes on there.
  return true;
}

// What libipt says of it.
void CountingEngine::find_start_in(std::span<const FlowItem> items) {
  if (start_known_) return;
  start_known_ = true;
  if (items.empty() || items[0].kind != FlowKind::kOn) return;
  part_.start.is_on = true;
  if (items.size() > 1 && items[1].kind == FlowKind::kBlock) {
    part_.start.first = {items[1].end, items[1].ninsn};
  }
}

// ------------------------------------------------------------------- order

// Gives edges that are for good: what is in front of the last PSB, or all.
void CountingEngine::settle(bool all) {
  if (edges_ == nullptr && start_known_) return;
  settled_.clear();
  if (all) {
    const auto entries = walker_.journal().entries();
    settled_.assign(entries.begin(), entries.end());
    walker_.journal().clear();
  } else {
    walker_.journal().take_settled(settled_);
  }
  if (!start_known_) {
    find_start(settled_);
    if (start_known_) walker_.journal().keep_settled(edges_ != nullptr);
  }
  if (edges_ == nullptr) return;
  order_->expand(settled_);
  walker_.set_other_bytes(other_bytes());
}

uint64_t CountingEngine::in_trace(uint64_t offset) const {
  return is_stripped_ ? stripped_.original(offset) : offset;
}

uint64_t CountingEngine::in_walk(uint64_t trace_offset) const {
  return is_stripped_ ? stripped_.stripped(trace_offset) : trace_offset;
}

size_t CountingEngine::other_bytes() const {
  return (edge_map_ ? edge_map_->size_bytes() : 0) +
         (order_ ? order_->size_bytes() : 0);
}

// ----------------------------------------------------------------- trouble

// The first one behind that at `trace_begin`.
std::optional<uint64_t> CountingEngine::next_psb(uint64_t trace_begin) const {
  return find_sync(trace_, trace_begin + pt::kPsbSize);
}

// Nothing is known of how the flow came to `offset`.
std::optional<uint64_t> CountingEngine::abandon(uint64_t offset) {
  ++walker_.stats().gaps;
  ++walker_.stats().abandoned;
  settle(/*all=*/true);
  walker_.start();
  const auto psb = find_sync(trace_, in_trace(offset) + 1);
  if (!psb) return std::nullopt;
  return in_walk(*psb);
}

// From now on the return stack is kept, and was not since the last PSB: goes
// back to there. Returns its offset.
std::optional<uint64_t> CountingEngine::start_with_stack(uint64_t offset) {
  walker_.keep_stack();
  const auto retreat = walker_.retreat(offset);
  if (!retreat) return abandon(offset);
  settle(/*all=*/true);
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
  settle(/*all=*/true);
  const uint64_t trace_begin = in_trace(retreat->begin);
  const std::optional<uint64_t> next = next_psb(trace_begin);
  const uint64_t trace_end = next.value_or(trace_.size());
  ++walker_.stats().stretches;
  walker_.stats().stretch_bytes += trace_end - trace_begin;
  if (is_code(retreat->node)) in_gap_ = false;
  const auto items = stretches_.decode(trace_, trace_begin, trace_end);
  find_start_in(items);
  leave_stretch(enter_stretch(retreat->node, items), trace_end);
  walker_.journal().clear();
  walker_.state().stack.clear();
  if (!next) return std::nullopt;
  return in_walk(*next);
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
  const auto element =
      Element::record(walker_.memo().graph.find_record(record));
  walker_.memo().count(element, 1);
  if (edges_ != nullptr) order_->expand({&element, 1});
  return items;
}

// Counts the items, and goes on where they end.
void CountingEngine::leave_stretch(std::span<const FlowItem> items,
                                   uint64_t trace_end) {
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
    leave_at_block(last, trace_end);
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
void CountingEngine::leave_at_block(const FlowItem& block, uint64_t trace_end) {
  FlowState& state = walker_.state();
  if (block.branch == BranchClass::kNone) {
    arrival_ = {block.begin, block};
  } else {
    counter_.add({&block, 1});
    const PsbHeader header = parse_psb_header(trace_.subspan(trace_end));
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
  settle(/*all=*/true);
  if (edge_map_) edge_map_->clear();
  if (order_) order_->clear();
  walker_.set_other_bytes(other_bytes());
  walker_.evict();
}

}  // namespace ptcap::decode::fast
