// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/counting_engine.h"

#include <algorithm>
#include <bit>
#include <cstring>
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
  if (psb) decode_from(*psb);
}

FlowCounts CountingEngine::take_counts() {
  FlowCounts counts = std::exchange(taken_, {});
  memo_.take_counts(counts);
  counts.add(counter_.take());
  counts.normalize();
  journal_.clear();
  return counts;
}

void CountingEngine::decode_from(uint64_t psb) {
  uint64_t offset = psb;
  for (;;) {
    Window window{trace_.data(), trace_.data() + trace_.size(), 0};
    const uint8_t* at = window.begin + offset;
    RunEnd end = RunEnd::kWindow;
    if (trace_.size() - offset > kReadable) {
      end = run(window, at, window.end - kReadable);
      offset = window.offset_of(at);
    }
    if (end == RunEnd::kWindow) {
      const size_t left = trace_.size() - offset;
      std::copy_n(trace_.data() + offset, left, tail_.data());
      std::fill(tail_.begin() + left, tail_.end(), 0);
      window = {tail_.data(), tail_.data() + left, offset};
      at = window.begin;
      end = run(window, at, window.end);
      offset = window.offset_of(at);
    }
    if (end != RunEnd::kTrouble && finish()) return;
    const std::optional<uint64_t> resumed = hand_over(offset);
    if (!resumed) return;
    offset = *resumed;
  }
}

// ---------------------------------------------------------------- level 3

bool CountingEngine::fits(const Chunk& chunk, const uint8_t* at,
                          const uint8_t* end) const {
  const FlowState& state = const_cast<Follower&>(follower_).state();
  return chunk.matches(at) && chunk.size <= end - at &&
         chunk.admits_ip(state.last_ip) &&
         (chunk.effect.pops == 0 ||
          state.stack.admits(chunk.effect,
                             memo_.pools.lists.data() + chunk.effect.list));
}

void CountingEngine::apply(uint32_t id, Chunk& chunk) {
  FlowState& state = follower_.state();
  ++chunk.count;
  state.node = chunk.node_out;
  if (chunk.sets_ip) state.last_ip = chunk.ip_out;
  if ((chunk.effect.pushes | chunk.effect.pops | chunk.effect.max_height) !=
      0) {
    state.stack.apply(chunk.effect,
                      memo_.pools.lists.data() + chunk.effect.list);
  }
  journal_.add(Element(ElementKind::kChunk, id));
}

// From `at` until it is at or behind `stop`.
CountingEngine::RunEnd CountingEngine::run(const Window& window,
                                           const uint8_t*& at,
                                           const uint8_t* stop) {
  uint32_t previous = 0;
  uint32_t expected = 0;
  const FlowState& state = follower_.state();
  while (at < stop) {
    if (expected != 0) [[likely]] {
      Chunk& chunk = memo_.chunks[expected];
      if (fits(chunk, at, window.end)) [[likely]] {
        apply(expected, chunk);
        at += chunk.size;
        previous = expected;
        expected = chunk.next;
        continue;
      }
    }
    if (*at == kPad) {
      const uint8_t* begin = at;
      at = skip_padding(at, window.end);
      journal_.advance(static_cast<uint64_t>(at - begin));
      continue;
    }
    const uint64_t hash = Chunks::hash_of(state.node, at);
    uint32_t found = memo_.chunks.find(hash, [&](const Chunk& chunk) {
      return chunk.node_in == state.node && fits(chunk, at, window.end);
    });
    if (found != 0) {
      ++stats_.chunk_hits;
      Chunk& chunk = memo_.chunks[found];
      apply(found, chunk);
      at += chunk.size;
    } else {
      ++stats_.chunk_misses;
      const FollowedPiece followed = follow_piece(at, window.end);
      if (followed.step == Step::kTrouble) return RunEnd::kTrouble;
      found = keep(followed, window.end);
      at = followed.end;
      if (followed.step == Step::kEnd) return RunEnd::kTrace;
    }
    if (previous != 0 && found != 0) memo_.chunks[previous].next = found;
    previous = found;
    expected = found == 0 ? 0 : memo_.chunks[found].next;
  }
  return RunEnd::kWindow;
}

// ------------------------------------------------------------ levels 1 and 2

// Packets from `begin` on, as many as make a good chunk.
CountingEngine::FollowedPiece CountingEngine::follow_piece(const uint8_t* begin,
                                                           const uint8_t* end) {
  FollowedPiece piece{.begin = begin, .end = begin};
  piece.begins_with_psb = is_psb(load(begin));
  if (piece.begins_with_psb && memo_.size_bytes() > options_.limit_bytes) {
    evict();
  }
  piece.from = follower_.state().node;
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
      std::min<long>(piece.begin + kChunkBytes - at, end - at));
  const uint64_t word = load(at);
  const unsigned byte = word & 0xff;
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
  } else if ((byte & kTipMask) == kTip &&
             room >= 1 + static_cast<size_t>(pt::ip_payload_size(byte >> 5))) {
    const int payload = pt::ip_payload_size(byte >> 5);
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
  piece.fits = piece.end - piece.begin <= static_cast<long>(kChunkBytes);
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
  memo_.chunks[id].count = 1;
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
  if (follower_.follow_end() != Step::kDone) return false;
  const Piece& piece = follower_.piece();
  for (uint32_t i = 0; i < piece.size; ++i) memo_.count(piece.elements[i], 1);
  return true;
}

// `trouble` is where the piece begins that could not be followed. Returns
// where to go on.
std::optional<uint64_t> CountingEngine::hand_over(uint64_t trouble) {
  const bool at_psb = trace_.size() - trouble >= pt::kPsbSize &&
                      pt::find_psb(trace_.subspan(trouble, pt::kPsbSize), 0);
  const uint64_t next = find_sync(trace_, trouble + (at_psb ? pt::kPsbSize : 1))
                            .value_or(trace_.size());
  const auto tail = journal_.since_psb();
  if (!tail && !at_psb) {
    ++stats_.gaps;
    ++stats_.abandoned;
    follower_.state().node = kUnsynced;
  } else {
    const uint64_t begin = tail ? trouble - tail->bytes : trouble;
    const NodeId node = tail ? tail->node : follower_.state().node;
    if (tail) take_back(*tail);
    ++stats_.stretches;
    stats_.stretch_bytes += next - begin;
    const auto items = stretches_.decode(trace_, begin, next);
    const auto rest = enter_stretch(node, items);
    leave_stretch(rest, next);
  }
  journal_.clear();
  follower_.state().stack.clear();
  if (next == trace_.size()) return std::nullopt;
  return next;
}

void CountingEngine::take_back(const Journal::Tail& tail) {
  for (const Element entry : tail.entries) memo_.count(entry, -1);
}

// The flow was at `node` in front of the PSB; libipt begins at the ip that the
// PSB+ says. Counts what is between. Returns the items to count.
std::span<FlowItem> CountingEngine::enter_stretch(NodeId node,
                                                  std::span<FlowItem> items) {
  if (!is_code(node) || items.empty() || items[0].kind != FlowKind::kOn) {
    return items;
  }
  const uint64_t ip = items[0].to;
  const auto position = memo_.graph.locate(node, ip);
  if (!position) return items;
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
  const FlowItem& last = items.back();
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
    counter_.lead_to(block.begin);
    state.node = memo_.graph.find(block.begin, block.mode);
    return;
  }
  counter_.add({&block, 1});
  const PsbHeader header = parse_psb_header(trace_.subspan(end));
  if (!header.ip) return;
  counter_.lead_to(*header.ip);
  state.node = memo_.graph.find(*header.ip, block.mode);
}

// Makes room, at a PSB. The flow stays where it is.
void CountingEngine::evict() {
  ++stats_.evictions;
  memo_.take_counts(taken_);
  taken_.normalize();
  journal_.clear();
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
