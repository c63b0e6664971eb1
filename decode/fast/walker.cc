// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/walker.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <utility>
#include <vector>

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
constexpr unsigned kTsc = 0x19;

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

}  // namespace

Walker::Walker(const CodeView& code, const EngineOptions& options, bool timed)
    : limit_bytes_(options.limit_bytes),
      clock_(options.settings.clock),
      memo_(code, options.limit_bytes),
      follower_(memo_.graph, memo_.runs, memo_.pools,
                {.bdm70 = has_bdm70(options.settings),
                 .mode = options.settings.mode,
                 .timed = timed}),
      journal_(memo_.chunks) {}

void Walker::start() {
  FlowState& state = follower_.state();
  state.node = kUnsynced;
  state.stack.clear();
  journal_.clear();
}

// Pieces may be read past their end: up to where that would leave the bytes in
// place, then in a padded copy of what is left.
Walker::End Walker::run(uint64_t& offset, uint64_t limit) {
  const uint64_t end_offset = this->end_offset();
  limit = std::min(limit, end_offset);
  if (end_offset - offset > kReadable) {
    const Window window{bytes_.data(), bytes_.data() + bytes_.size(), base_};
    const uint8_t* at = window.begin + (offset - base_);
    const uint8_t* stop =
        std::min(window.begin + (limit - base_), window.end - kReadable);
    const End end = run(window, at, stop);
    offset = window.offset_of(at);
    if (end != End::kLimit || offset >= limit) return end;
  }
  const size_t left = end_offset - offset;
  std::copy_n(bytes_.data() + (offset - base_), left, tail_.data());
  std::fill(tail_.begin() + left, tail_.end(), 0);
  const Window window{tail_.data(), tail_.data() + left, offset};
  const uint8_t* at = window.begin;
  const End end = run(window, at, window.end);
  offset = window.offset_of(at);
  return end;
}

// ---------------------------------------------------------------- level 3

template <bool kKeepsStack>
bool Walker::fits(const Chunk& chunk, const uint8_t* at, const uint8_t* end,
                  uint64_t last_ip) const {
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
const uint8_t* Walker::run_predicted(Prediction& prediction, const uint8_t* at,
                                     const uint8_t* stop, const uint8_t* end) {
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

void Walker::apply(uint32_t id) {
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
uint32_t Walker::find(const uint8_t* at, const uint8_t* end) const {
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
Walker::End Walker::run(const Window& window, const uint8_t*& at,
                        const uint8_t* stop) {
  Prediction prediction;
  for (;;) {
    at = follower_.keeps_stack()
             ? run_predicted<true>(prediction, at, stop, window.end)
             : run_predicted<false>(prediction, at, stop, window.end);
    if (at >= stop) return End::kLimit;
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
    } else if (is_full(at)) {
      return End::kFull;
    } else {
      ++stats_.chunk_misses;
      const FollowedPiece followed = follow_piece(at, window.end);
      if (followed.step == Step::kTrouble) return End::kTrouble;
      if (followed.step == Step::kNeedsStack) return End::kNeedsStack;
      if (meets_change()) return End::kChange;
      found = keep(followed, window.end);
      at = followed.end;
      if (followed.step == Step::kEnd) return End::kPartial;
    }
    if (prediction.last != 0) memo_.chunks[prediction.last].next = found;
    prediction = {found, found == 0 ? 0 : memo_.chunks[found].next};
  }
}

// ------------------------------------------------------------ levels 1 and 2

bool Walker::meets_change() const {
  const auto tsc = follower_.piece().tsc;
  return tsc && clock_ && clock_->to_ns(*tsc) >= change_ns_;
}

// Room is made at a PSB, and what was followed in between is worth keeping.
bool Walker::is_full(const uint8_t* at) const {
  return !evicted_ && is_psb(load(at)) &&
         size_bytes() + other_bytes_ > limit_bytes_;
}

// Packets from `begin` on, as many as make a good chunk.
Walker::FollowedPiece Walker::follow_piece(const uint8_t* begin,
                                           const uint8_t* end) {
  FollowedPiece piece{.begin = begin, .end = begin};
  piece.begins_with_psb = is_psb(load(begin));
  evicted_ = false;
  piece.from = piece_from_ = follower_.state().node;
  follower_.piece().clear();
  while (piece.end < end) {
    const uint8_t* at = piece.end;
    follow_one(piece, end);
    if (piece.step != Step::kDone || piece.end == at || !piece.fits) break;
    if (follower_.piece().tsc) break;
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
void Walker::follow_one(FollowedPiece& piece, const uint8_t* end) {
  const uint8_t* at = piece.end;
  follower_.piece().position = static_cast<uint8_t>(at - piece.begin);
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

// A chunk begins at each PSB, so that what came behind it can be taken back. A
// TSC never comes again, so it is in no chunk.
void Walker::follow_other(FollowedPiece& piece, const uint8_t* end) {
  const uint8_t* at = piece.end;
  const bool at_begin = at == piece.begin;
  if (!at_begin &&
      (*at == kTsc || is_psb(load(at)) ||
       piece.begin + kChunkBytes - at < static_cast<long>(kRoomForOther))) {
    return;
  }
  size_t size = 0;
  piece.step = follower_.follow_packet({at, end}, size);
  if (piece.step != Step::kDone) return;
  piece.end += size;
  piece.fits = piece.end - piece.begin <= static_cast<long>(kMaxChunkBytes);
}

// Counts the piece once and makes a chunk of it, if it can be one.
uint32_t Walker::keep(const FollowedPiece& followed, const uint8_t* end) {
  if (followed.end == followed.begin) return 0;
  const bool memoizable =
      followed.fits && !follower_.piece().tsc &&
      follower_.piece().effect.fits() &&
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

uint32_t Walker::add_chunk(const FollowedPiece& followed, const uint8_t* end) {
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
  chunk.path =
      pools.add_path(piece.elements.data(), piece.positions.data(), piece.size);
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
  chunk.event_first = piece.event_first;
  return memo_.chunks.add(chunk);
}

void Walker::count_directly(const FollowedPiece& followed) {
  const Piece& piece = follower_.piece();
  if (followed.begins_with_psb) journal_.psb(followed.from);
  if (piece.tsc) journal_.tsc(*piece.tsc);
  // Blocks have the offset behind the packet, edges that in front of it.
  const auto size = static_cast<uint64_t>(followed.end - followed.begin);
  const bool in_between = memo_.pools.keeps_positions();
  if (!in_between) journal_.advance(size);
  if (piece.event_first) journal_.add(kEventMark);
  uint64_t passed = 0;
  for (uint32_t i = 0; i < piece.size; ++i) {
    if (in_between) {
      journal_.advance(piece.positions[i] - passed);
      passed = piece.positions[i];
    }
    memo_.count(piece.elements[i], 1);
    journal_.add(piece.elements[i]);
  }
  if (in_between) journal_.advance(size - passed);
}

bool Walker::finish() {
  follower_.piece().clear();
  piece_from_ = follower_.state().node;
  if (follower_.follow_end() != Step::kDone) return false;
  const Piece& piece = follower_.piece();
  for (uint32_t i = 0; i < piece.size; ++i) {
    memo_.count(piece.elements[i], 1);
    journal_.add(piece.elements[i]);
  }
  return true;
}

bool Walker::meets_psb(std::span<const uint8_t> psb) {
  const FlowState state = follower_.state();
  follower_.piece().clear();
  size_t size = 0;
  const Step step = follower_.follow_packet(psb, size);
  follower_.state() = state;
  return step == Step::kDone;
}

void Walker::end_window(std::optional<uint64_t> ip) {
  FlowState& state = follower_.state();
  Graph& graph = memo_.graph;
  journal_.add(kWindowEnd);
  const auto at =
      ip && is_code(state.node) ? graph.locate(state.node, *ip) : std::nullopt;
  if (at) {
    const uint32_t stop =
        graph.find_record(Graph::stop_record(state.node, *at, *ip));
    journal_.add(Element::record(stop));
    memo_.count(Element::record(stop), 1);
    state.node = graph.find(*ip, graph.end(state.node).mode);
  }
  journal_.add(kWindowEnd);
}

bool Walker::psb_at(uint64_t offset) const {
  const auto rest = bytes_.subspan(offset - base_);
  return rest.size() >= pt::kPsbSize &&
         pt::find_psb(rest.first(pt::kPsbSize), 0).has_value();
}

std::optional<Walker::Retreat> Walker::retreat(uint64_t offset) {
  const auto tail = journal_.since_psb();
  if (!tail) {
    if (!psb_at(offset)) return std::nullopt;
    return Retreat{offset, piece_from_};
  }
  for (const Element entry : tail->entries) memo_.count(entry, -1);
  const Retreat retreat{offset - tail->bytes, tail->node};
  journal_.drop(tail->entries.size());
  return retreat;
}

void Walker::evict() {
  ++stats_.evictions;
  evicted_ = true;
  clear(/*all=*/memo_.graph.size_bytes() > limit_bytes_ / 4);
}

void Walker::keep_positions() {
  clear(/*all=*/false);
  memo_.pools.keep_positions();
}

void Walker::set_code(const CodeView& code) {
  memo_.graph.set_code(code);
  clear(/*all=*/true);
}

void Walker::clear(bool all) {
  journal_.clear();
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
