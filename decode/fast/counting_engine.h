// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Counts every edge and block of PT streams, in no order.

#ifndef PTCAP_DECODE_FAST_COUNTING_ENGINE_H_
#define PTCAP_DECODE_FAST_COUNTING_ENGINE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "decode/code_view.h"
#include "decode/fast/edge_counts.h"
#include "decode/fast/edge_map.h"
#include "decode/fast/follower.h"
#include "decode/fast/journal.h"
#include "decode/fast/memo.h"
#include "decode/fast/stretch.h"
#include "decode/stream.h"

namespace ptcap::decode::fast {

// What happened, in bytes and times since construction.
struct EngineStats {
  uint64_t bytes = 0;
  uint64_t chunk_hits = 0;    // by lookup; those by prediction are the rest
  uint64_t chunk_misses = 0;  // pieces that were followed packet by packet
  // What libipt had to decode, and the gaps that it found there.
  uint64_t stretches = 0;
  uint64_t stretch_bytes = 0;
  uint64_t gaps = 0;
  uint64_t evictions = 0;
  // Of `gaps`: too far from a PSB for a second try (journal.h).
  uint64_t abandoned = 0;
};

struct EngineOptions {
  PtSettings settings;
  // Of memory. Old entries go when it is full; counts stay exact.
  uint64_t limit_bytes = 512 << 20;
};

// Follows packets by memory: see chunks.h, runs.h, graph.h for the levels from
// the top down. Whatever does not follow exactly (an error in the trace, code
// that is missing, packets that are not known here) takes back what was
// counted since the last PSB and is decoded again, up to the next PSB, by
// libipt, so that it has the last word.
//
// The memory of one program stays warm from stream to stream. One thread at a
// time.
class CountingEngine {
 public:
  CountingEngine(std::shared_ptr<const CodeView> code,
                 const EngineOptions& options);

  // Adds the counts of a whole stream.
  void decode(std::span<const uint8_t> trace);

  // Everything counted so far, normalized; counting begins anew, warm.
  FlowCounts take_counts();

  // The same, as visit(from, to, times) for each edge, some of them several
  // times. Allocates nothing unless libipt was needed or memory ran out.
  template <typename Visit>
  void take_edges(Visit visit) {
    journal_.clear();
    memo_.take_edges(visit);
    taken_.add(counter_.take());
    for (const EdgeCount& edge : taken_.edges) {
      visit(edge.edge.from, edge.edge.to, edge.count);
    }
    taken_ = {};
  }

  // The same, added to a map of formats::kAflMapSize bytes; returns how many
  // edges ran. For many runs: remembers what each chunk adds.
  uint64_t take_map(formats::EdgeHash hash, uint8_t* map);

  const EngineStats& stats() const { return stats_; }
  size_t size_bytes() const {
    return memo_.size_bytes() + journal_.size_bytes() +
           (edge_map_ ? edge_map_->size_bytes() : 0);
  }

 private:
  // From the start of a piece on so many bytes can be read: a chunk, and a word
  // behind it.
  static constexpr size_t kReadable = kChunkBytes + 16;

  // The bytes that are being decoded: the trace, or a padded copy of its end.
  struct Window {
    const uint8_t* begin = nullptr;
    const uint8_t* end = nullptr;
    uint64_t offset = 0;  // of `begin` in the trace

    uint64_t offset_of(const uint8_t* at) const {
      return offset + static_cast<uint64_t>(at - begin);
    }
  };

  // What was followed from `begin` on, packet by packet.
  struct FollowedPiece {
    const uint8_t* begin = nullptr;
    const uint8_t* end = nullptr;
    NodeId from = 0;
    bool begins_with_psb = false;
    bool fits = true;  // into a chunk
    Step step = Step::kDone;
  };

  enum class RunEnd : uint8_t { kWindow, kTrace, kTrouble, kNeedsStack };

  // Two consecutive chunks: the last one, and the one that came behind it the
  // last time. 0 is none.
  struct Prediction {
    uint32_t last = 0;
    uint32_t next = 0;
  };

  void decode_from(uint64_t psb);
  RunEnd run_to_end(uint64_t& offset);
  RunEnd run(const Window& window, const uint8_t*& at, const uint8_t* stop);
  template <bool kKeepsStack>
  const uint8_t* run_predicted(Prediction& prediction, const uint8_t* at,
                               const uint8_t* stop, const uint8_t* end);
  template <bool kKeepsStack>
  bool fits(const Chunk& chunk, const uint8_t* at, const uint8_t* end,
            uint64_t last_ip) const;
  uint32_t find(const uint8_t* at, const uint8_t* end) const;
  void apply(uint32_t id);

  FollowedPiece follow_piece(const uint8_t* begin, const uint8_t* end);
  void follow_one(FollowedPiece& piece, const uint8_t* end);
  void follow_other(FollowedPiece& piece, const uint8_t* end);
  uint32_t keep(const FollowedPiece& followed, const uint8_t* end);
  uint32_t add_chunk(const FollowedPiece& followed, const uint8_t* end);
  void count_directly(const FollowedPiece& followed);

  // Trouble, behind which the state is undefined but for `piece_from_`.
  std::optional<uint64_t> start_with_stack(uint64_t offset);
  bool psb_at(uint64_t offset) const;
  std::optional<uint64_t> abandon(uint64_t offset);
  std::optional<uint64_t> next_psb(uint64_t offset) const;
  std::optional<uint64_t> hand_over(uint64_t trouble);
  void take_back(const Journal::Tail& tail);
  std::span<FlowItem> enter_stretch(NodeId node, std::span<FlowItem> items);
  void leave_stretch(std::span<const FlowItem> items, uint64_t end);
  void leave_at_block(const FlowItem& block, uint64_t end);
  void settle_arrival(bool arrived);
  bool finish();
  void evict();

  std::shared_ptr<const CodeView> code_;
  EngineOptions options_;
  Memo memo_;
  Follower follower_;
  Journal journal_;
  StretchDecoder stretches_;
  std::optional<EdgeMap> edge_map_;
  FlowCounts taken_;     // evicted, or counted by libipt
  FlowCounter counter_;  // of what libipt decodes
  std::span<const uint8_t> trace_;
  std::array<uint8_t, 2 * kReadable> tail_ = {};
  // Behind a stretch: where its last block leads, if the flow is found to go on
  // there, and that block if it was cut at the PSB.
  struct Arrival {
    uint64_t ip = 0;
    std::optional<FlowItem> cut;
  };
  std::optional<Arrival> arrival_;
  bool in_gap_ = false;    // the last stretch ended in a gap
  NodeId piece_from_ = 0;  // where the last piece that was followed began
  EngineStats stats_;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_COUNTING_ENGINE_H_
