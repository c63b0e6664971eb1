// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/counting_engine.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <utility>

#include "decode/psb_header.h"
#include "formats/pt/packet.h"
#include "formats/pt/scanner.h"

namespace ptcap::decode::fast {

namespace {

// Where a chunk ends, found by trying (MB/s of real traces): filling all 64
// bytes costs 30 % where there are many calls, ending at each TIP half.
constexpr size_t kEnoughAtTip = 40;
constexpr size_t kEnoughAtPge = 32;
// Packets with those that belong to them mostly fit into this.
constexpr size_t kRoomForOther = 20;

constexpr unsigned kPad = 0x00;
constexpr unsigned kExtended = 0x02;
constexpr unsigned kTnt64 = 0xa302;
constexpr unsigned kPsb = 0x8202;
constexpr unsigned kTipMask = 0x1f;
constexpr unsigned kTip = 0x0d;
constexpr unsigned kTipPge = 0x11;

uint64_t load(const uint8_t* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

bool is_psb(uint64_t word) { return (word & 0xffff) == kPsb; }

// How many of the bytes of `word`, from the first on, are TNT-8: even, and
// neither 0 nor 2.
unsigned leading_tnts(uint64_t word) {
  constexpr uint64_t kLow = 0x0101010101010101;
  constexpr uint64_t kHigh = 0x8080808080808080;
  const uint64_t without_2 = word & ~(2 * kLow);
  const uint64_t nonzero =
      (without_2 | ((without_2 & ~kHigh) + ~kHigh)) & kHigh;
  const uint64_t others = (word & kLow) << 7 | (kHigh & ~nonzero);
  return others == 0 ? 8 : static_cast<unsigned>(std::countr_zero(others)) / 8;
}

const uint8_t* skip_padding(const uint8_t* at, const uint8_t* end) {
  while (at < end && *at == kPad) ++at;
  return at;
}

bool bdm70(const PtSettings& settings) {
  if (!settings.cpu) return false;
  pt_cpu cpu = {pcv_intel, settings.cpu->family, settings.cpu->model,
                settings.cpu->stepping};
  pt_errata errata = {};
  pt_cpu_errata(&errata, &cpu);
  return errata.bdm70 != 0;
}

}  // namespace

CountingEngine::CountingEngine(std::shared_ptr<const CodeView> code,
                               const EngineOptions& options)
    : code_(std::move(code)),
      options_(options),
      memo_(*code_, options.limit_bytes),
      follower_(
          memo_.graph, memo_.runs, memo_.pools,
          {.bdm70 = bdm70(options.settings), .mode = options.settings.mode}),
      journal_(memo_.chunks),
      stretches_(code_, options.settings) {}

void CountingEngine::decode(std::span<const uint8_t> trace) {
  trace_ = trace;
  stats_.bytes += trace.size();
  std::optional<uint64_t> psb = find_sync(trace, 0);
  if (psb.value_or(trace.size()) != 0) {
    const auto front = trace.first(psb.value_or(trace.size()));
    if (std::any_of(front.begin(), front.end(),
                    [](uint8_t byte) { return byte != kPad; })) {
      ++stats_.gaps;
    }
  }
  FlowState& state = follower_.state();
  state.node = kUnsynced;
  state.stack.clear();
  journal_.clear();
  in_gap_ = false;
  if (psb) decode_from(*psb);
  settle_arrival(false);
}

FlowCounts CountingEngine::take_counts() {
  FlowCounts counts = std::exchange(taken_, {});
  memo_.take_counts(counts);
  counts.add(counter_.take());
  counts.normalize();
  journal_.clear();
  return counts;
}

uint64_t CountingEngine::take_map(formats::EdgeHash hash, uint8_t* map) {
  if (!edge_map_ || edge_map_->hash() != hash) edge_map_.emplace(memo_, hash);
  journal_.clear();
  uint64_t edges = edge_map_->take(map);
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
    const RunEnd end = run_to_end(offset);
    if (offset != begin) {
      settle_arrival(true);
      if (is_code(follower_.state().node)) in_gap_ = false;
    }
    const bool needs_stack = end == RunEnd::kNeedsStack;
    // What is known in front of a packet that is cut short depends on how far
    // libipt reads ahead: kTrace is for it to say.
    if (end == RunEnd::kWindow && finish()) return;
    const std::optional<uint64_t> resumed =
        needs_stack ? start_with_stack(offset) : hand_over(offset);
    if (!resumed) return;
    offset = *resumed;
  }
}

// Pieces may be read past their end: up to where that would leave the trace in
// place, then in a padded copy of what is left.
CountingEngine::RunEnd CountingEngine::run_to_end(uint64_t& offset) {
  if (trace_.size() - offset > kReadable) {
    const Window window{trace_.data(), trace_.data() + trace_.size(), 0};
    const uint8_t* at = window.begin + offset;
    const RunEnd end = run(window, at, window.end - kReadable);
    offset = window.offset_of(at);
    if (end != RunEnd::kWindow) return end;
  }
  const size_t left = trace_.size() - offset;
  std::copy_n(trace_.data() + offset, left, tail_.data());
  std::fill(tail_.begin() + left, tail_.end(), 0);
  const Window window{tail_.data(), tail_.data() + left, offset};
  const uint8_t* at = window.begin;
  const RunEnd end = run(window, at, window.end);
  offset = window.offset_of(at);
  return end;
}

// ---------------------------------------------------------------- level 3

template <bool kKeepsStack>
bool CountingEngine::fits(const Chunk& chunk, const uint8_t* at,
                          const uint8_t* end, uint64_t last_ip) const {
  if (!chunk.matches(at) || chunk.size > end - at ||
      !chunk.admits_ip(last_ip)) {
    return false;
  }
  if (chunk.effect.pops == 0) [[likely]]
    return true;
  return kKeepsStack &&
         follower_.state().stack.admits(
             chunk.effect, memo_.pools.lists.data() + chunk.effect.list);
}

// As long as what came the last time comes again. What is slow about this is
// waiting for memory, so little is touched: a chunk's two cache lines.
template <bool kKeepsStack>
const uint8_t* CountingEngine::run_predicted(Prediction& prediction,
                                             const uint8_t* at,
                                             const uint8_t* stop,
                                             const uint8_t* end) {
  FlowState& state = follower_.state();
  uint64_t last_ip = state.last_ip;
  NodeId node = state.node;
  uint32_t last = prediction.last;
  uint32_t next = prediction.next;
  while (at < stop && next != 0) {
    const Chunk& chunk = memo_.chunks[next];
    if (!fits<kKeepsStack>(chunk, at, end, last_ip)) break;
    memo_.count_chunk(next);
    journal_.add(Element(ElementKind::kChunk, next));
    node = chunk.node_out;
    last_ip = chunk.sets_ip ? chunk.ip_out : last_ip;
    if (kKeepsStack) {
      if (chunk.begins_with_psb) state.stack.clear();
      state.stack.apply(chunk.effect,
                        memo_.pools.lists.data() + chunk.effect.list);
    }
    at += chunk.size;
    last = next;
    next = chunk.next;
  }
  state.last_ip = last_ip;
  state.node = node;
  prediction = {last, next};
  return at;
}

void CountingEngine::apply(uint32_t id) {
  FlowState& state = follower_.state();
  const Chunk& chunk = memo_.chunks[id];
  memo_.count_chunk(id);
  state.node = chunk.node_out;
  if (chunk.sets_ip) state.last_ip = chunk.ip_out;
  if (follower_.keeps_stack()) {
    if (chunk.begins_with_psb) state.stack.clear();
    state.stack.apply(chunk.effect,
                      memo_.pools.lists.data() + chunk.effect.list);
  }
  journal_.add(Element(ElementKind::kChunk, id));
}

// The chunk that begins at `at`; 0 is none.
uint32_t CountingEngine::find(const uint8_t* at, const uint8_t* end) const {
  const FlowState& state = follower_.state();
  const bool keeps_stack = follower_.keeps_stack();
  return memo_.chunks.find(
      Chunk::hash_of(state.node, at), [&](const Chunk& chunk) {
        return chunk.node_in == state.node &&
               (keeps_stack ? fits<true>(chunk, at, end, state.last_ip)
                            : fits<false>(chunk, at, end, state.last_ip));
      });
}

// From `at` until it is at or behind `stop`.
CountingEngine::RunEnd CountingEngine::run(const Window& window,
                                           const uint8_t*& at,
                                           const uint8_t* stop) {
  Prediction prediction;
  for (;;) {
    at = follower_.keeps_stack()
             ? run_predicted<true>(prediction, at, stop, window.end)
             : run_predicted<false>(prediction, at, stop, window.end);
    if (at >= stop) return RunEnd::kWindow;
    if (*at == kPad) {
      const uint8_t* begin = at;
      at = skip_padding(at, window.end);
      journal_.advance(static_cast<uint64_t>(at - begin));
      continue;
    }
    uint32_t found = find(at, window.end);
    if (found != 0) {
      ++stats_.chunk_hits;
      apply(found);
      at += memo_.chunks[found].size;
    } else {
      ++stats_.chunk_misses;
      const FollowedPiece followed = follow_piece(at, window.end);
      if (followed.step == Step::kTrouble) return RunEnd::kTrouble;
      if (followed.step == Step::kNeedsStack) return RunEnd::kNeedsStack;
      found = keep(followed, window.end);
      at = followed.end;
      if (followed.step == Step::kEnd) return RunEnd::kTrace;
    }
    if (prediction.last != 0) memo_.chunks[prediction.last].next = found;
    prediction = {found, found == 0 ? 0 : memo_.chunks[found].next};
  }
}

// ------------------------------------------------------------ levels 1 and 2

// Packets from `begin` on, as many as make a good chunk.
CountingEngine::FollowedPiece CountingEngine::follow_piece(const uint8_t* begin,
                                                           const uint8_t* end) {
  FollowedPiece piece{.begin = begin, .end = begin};
  piece.begins_with_psb = is_psb(load(begin));
  if (piece.begins_with_psb && size_bytes() > options_.limit_bytes) {
    evict();
  }
  piece.from = piece_from_ = follower_.state().node;
  follower_.piece().clear();
  while (piece.end < end) {
    const uint8_t* at = piece.end;
    follow_one(piece, end);
    if (piece.step != Step::kDone || piece.end == at || !piece.fits) break;
    if (piece.end - begin >= static_cast<long>(kEnoughAtTip) &&
        (*at & kTipMask) == kTip) {
      break;
    }
    if (piece.end - begin >= static_cast<long>(kEnoughAtPge) &&
        (*at & kTipMask) == kTipPge) {
      break;
    }
  }
  if (piece.step == Step::kEnd && piece.end > begin) piece.step = Step::kDone;
  return piece;
}

// The next packets, unless they do not fit.
void CountingEngine::follow_one(FollowedPiece& piece, const uint8_t* end) {
  const uint8_t* at = piece.end;
  const auto room = static_cast<size_t>(
      std::clamp<long>(piece.begin + kChunkBytes - at, 0, end - at));
  const uint64_t word = load(at);
  const unsigned byte = word & 0xff;
  const int payload = pt::ip_payload_size(byte >> 5);  // of a TIP
  if (byte == kPad) {
    piece.end = skip_padding(at, at + room);
  } else if ((byte & 1) == 0 && byte != kExtended) {
    const auto count =
        static_cast<unsigned>(std::min<size_t>(leading_tnts(word), room));
    if (count == 0) return;
    const uint64_t key = count == 8 ? word : word & ((1ull << 8 * count) - 1);
    piece.step = follower_.follow_tnt(key, count);
    piece.end += count;
  } else if ((word & 0xffff) == kTnt64 && room >= 8) {
    piece.step = follower_.follow_tnt(word, 8);
    piece.end += 8;
  } else if ((byte & kTipMask) == kTip && payload >= 0 &&
             room > static_cast<size_t>(payload)) {
    uint64_t value = load(at + 1);
    if (payload < 8) value &= (1ull << 8 * payload) - 1;
    piece.step = follower_.follow_tip(byte >> 5, value);
    piece.end += 1 + payload;
  } else {
    follow_other(piece, end);
  }
}

// A chunk begins at each PSB, so that what came behind it can be taken back.
void CountingEngine::follow_other(FollowedPiece& piece, const uint8_t* end) {
  const uint8_t* at = piece.end;
  const bool at_begin = at == piece.begin;
  if (!at_begin && (is_psb(load(at)) || piece.begin + kChunkBytes - at <
                                            static_cast<long>(kRoomForOther))) {
    return;
  }
  size_t size = 0;
  piece.step = follower_.follow_packet({at, end}, size);
  if (piece.step != Step::kDone) return;
  piece.end += size;
  piece.fits = piece.end - piece.begin <= static_cast<long>(kMaxChunkBytes);
}

// Counts the piece once and makes a chunk of it, if it can be one.
uint32_t CountingEngine::keep(const FollowedPiece& followed,
                              const uint8_t* end) {
  if (followed.end == followed.begin) return 0;
  const bool memoizable =
      followed.fits && follower_.piece().effect.fits() &&
      (followed.from != kUnsynced || !followed.begins_with_psb) &&
      memo_.has_room();
  if (!memoizable) {
    count_directly(followed);
    return 0;
  }
  const uint32_t id = add_chunk(followed, end);
  memo_.count_chunk(id);
  journal_.add(Element(ElementKind::kChunk, id));
  return id;
}

uint32_t CountingEngine::add_chunk(const FollowedPiece& followed,
                                   const uint8_t* end) {
  const Piece& piece = follower_.piece();
  const FlowState& state = follower_.state();
  Pools& pools = memo_.pools;
  Chunk chunk;
  std::memcpy(chunk.raw, followed.begin,
              std::min<size_t>(kChunkBytes, end - followed.begin));
  chunk.size = static_cast<uint8_t>(followed.end - followed.begin);
  if (chunk.size > kChunkBytes) {
    chunk.extra = chunk.size - kChunkBytes;
    NodeId words[(kMaxChunkBytes - kChunkBytes) / sizeof(NodeId)] = {};
    std::memcpy(words, followed.begin + kChunkBytes, chunk.extra);
    chunk.extra_list = pools.lists.add(words, std::size(words));
  }
  chunk.node_in = followed.from;
  chunk.node_out = state.node;
  chunk.path = pools.paths.add(piece.elements.data(), piece.size);
  chunk.path_size = static_cast<uint16_t>(piece.size);
  const uint32_t list =
      pools.lists.add(piece.effect.popped(), piece.effect.pops());
  pools.lists.add(piece.effect.pushed(), piece.effect.pushes());
  chunk.effect = piece.effect.effect(list);
  chunk.ip_need = piece.ip_need;
  chunk.ip_needed = piece.ip_need == IpNeed::kNone ? 0 : piece.ip_needed;
  chunk.sets_ip = piece.sets_ip;
  chunk.ip_out = state.last_ip;
  chunk.begins_with_psb = followed.begins_with_psb;
  return memo_.chunks.add(chunk);
}

void CountingEngine::count_directly(const FollowedPiece& followed) {
  const Piece& piece = follower_.piece();
  if (followed.begins_with_psb) journal_.psb(followed.from);
  for (uint32_t i = 0; i < piece.size; ++i) {
    memo_.count(piece.elements[i], 1);
    journal_.add(piece.elements[i]);
  }
  journal_.advance(static_cast<uint64_t>(followed.end - followed.begin));
}

// ----------------------------------------------------------------- trouble

// The code that ran behind the last packet. False if there is trouble.
bool CountingEngine::finish() {
  follower_.piece().clear();
  piece_from_ = follower_.state().node;
  if (follower_.follow_end() != Step::kDone) return false;
  settle_arrival(true);
  const Piece& piece = follower_.piece();
  for (uint32_t i = 0; i < piece.size; ++i) memo_.count(piece.elements[i], 1);
  return true;
}

bool CountingEngine::psb_at(uint64_t offset) const {
  return trace_.size() - offset >= pt::kPsbSize &&
         pt::find_psb(trace_.subspan(offset, pt::kPsbSize), 0).has_value();
}

// The first PSB behind the packet at `offset`.
std::optional<uint64_t> CountingEngine::next_psb(uint64_t offset) const {
  return find_sync(trace_, offset + (psb_at(offset) ? pt::kPsbSize : 1));
}

// Nothing is known of how the flow came to `offset`.
std::optional<uint64_t> CountingEngine::abandon(uint64_t offset) {
  ++stats_.gaps;
  ++stats_.abandoned;
  follower_.state().node = kUnsynced;
  follower_.state().stack.clear();
  journal_.clear();
  return next_psb(offset);
}

// From now on the return stack is kept, and was not since the last PSB: goes
// back to there. Returns its offset.
std::optional<uint64_t> CountingEngine::start_with_stack(uint64_t offset) {
  follower_.keep_stack();
  const auto tail = journal_.since_psb();
  if (!tail) {
    follower_.state().node = piece_from_;
    return psb_at(offset) ? offset : abandon(offset);
  }
  take_back(*tail);
  follower_.state().node = tail->node;
  const uint64_t psb = offset - tail->bytes;
  journal_.clear();
  return psb;
}

// `trouble` is where the piece begins that could not be followed. Returns
// where to go on.
std::optional<uint64_t> CountingEngine::hand_over(uint64_t trouble) {
  const auto tail = journal_.since_psb();
  const bool at_psb = psb_at(trouble);
  if (!tail && !at_psb) return abandon(trouble);
  // Up to the next PSB, though packets may have been followed beyond it, into
  // which it was damaged. A PSB+ that contradicts what came before it says
  // nothing about itself.
  const uint64_t begin = tail ? trouble - tail->bytes : trouble;
  const std::optional<uint64_t> next = next_psb(begin);
  const uint64_t end = next.value_or(trace_.size());
  if (tail) take_back(*tail);
  ++stats_.stretches;
  stats_.stretch_bytes += end - begin;
  const auto items = stretches_.decode(trace_, begin, end);
  leave_stretch(enter_stretch(tail ? tail->node : piece_from_, items), end);
  journal_.clear();
  follower_.state().stack.clear();
  return next;
}

void CountingEngine::take_back(const Journal::Tail& tail) {
  for (const Element entry : tail.entries) memo_.count(entry, -1);
}

// The flow was at `node` in front of the PSB; libipt begins at the ip that the
// PSB+ says. Counts what is between. Returns the items to count.
std::span<FlowItem> CountingEngine::enter_stretch(NodeId node,
                                                  std::span<FlowItem> items) {
  std::optional<Graph::Position> position;
  if (is_code(node) && !items.empty() && items[0].kind == FlowKind::kOn) {
    position = memo_.graph.locate(node, items[0].to);
  }
  settle_arrival(position.has_value());
  if (!position) return items;
  const uint64_t ip = items[0].to;
  items = items.subspan(1);
  Record record;
  record.kind = RecordKind::kStop;
  record.node = node;
  record.links = position->links;
  record.ninsn = position->ninsn;
  record.from = ip;
  if (!items.empty() && items[0].kind == FlowKind::kBlock) {
    items[0].begin = last_begin(memo_.graph, memo_.graph[node], record.links);
    items[0].ninsn += record.ninsn;
    record.ninsn = 0;
  }
  memo_.count(Element::record(memo_.graph.find_record(record)), 1);
  return items;
}

// Counts the items, and goes on where they end.
void CountingEngine::leave_stretch(std::span<const FlowItem> items,
                                   uint64_t end) {
  FlowState& state = follower_.state();
  state.node = kUnsynced;
  for (const FlowItem& item : items) {
    if (item.kind == FlowKind::kGap) ++stats_.gaps;
  }
  if (items.empty()) return;
  // A gap right behind another one is part of it.
  if (in_gap_ && items.front().kind == FlowKind::kGap) --stats_.gaps;
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
      state.node = memo_.graph.find(last.to, last.mode);
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
  FlowState& state = follower_.state();
  if (block.branch == BranchClass::kNone) {
    arrival_ = {block.begin, block};
  } else {
    counter_.add({&block, 1});
    const PsbHeader header = parse_psb_header(trace_.subspan(end));
    if (!header.ip) return;
    arrival_ = {*header.ip, std::nullopt};
  }
  state.node = memo_.graph.find(arrival_->ip, block.mode);
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

// Makes room, at a PSB. The flow stays where it is.
void CountingEngine::evict() {
  ++stats_.evictions;
  memo_.take_counts(taken_);
  taken_.normalize();
  journal_.clear();
  if (edge_map_) edge_map_->clear();
  const bool all = memo_.graph.size_bytes() > options_.limit_bytes / 4;
  FlowState& state = follower_.state();
  if (!all) {
    memo_.clear(false);
    return;
  }
  std::vector<std::pair<uint64_t, ExecMode>> places;
  const auto remember = [&](NodeId id) {
    places.emplace_back(memo_.graph[id].ip, memo_.graph.end(id).mode);
  };
  for (uint32_t i = 0; i < state.stack.depth(); ++i) {
    remember(state.stack.at_depth(i));
  }
  if (is_code(state.node)) remember(state.node);
  memo_.clear(true);
  for (uint32_t i = 0; i < state.stack.depth(); ++i) {
    state.stack.at_depth(i) =
        memo_.graph.find(places[i].first, places[i].second);
  }
  if (is_code(state.node)) {
    state.node = memo_.graph.find(places.back().first, places.back().second);
  }
}

}  // namespace ptcap::decode::fast
