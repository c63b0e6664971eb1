// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Counts every edge and block of PT streams, in no order.

#ifndef PTCAP_DECODE_FAST_COUNTING_ENGINE_H_
#define PTCAP_DECODE_FAST_COUNTING_ENGINE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "decode/code_view.h"
#include "decode/fast/edge_counts.h"
#include "decode/fast/edge_map.h"
#include "decode/fast/engine_options.h"
#include "decode/fast/stretch.h"
#include "decode/fast/walker.h"

namespace ptcap::decode::fast {

// Follows packets by memory (walker.h). Whatever does not follow exactly (an
// error in the trace, code that is missing, packets that are not known here)
// takes back what was counted since the last PSB and is decoded again, up to
// the next PSB, by libipt, so that it has the last word.
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
    walker_.journal().clear();
    walker_.memo().take_edges(visit);
    taken_.add(counter_.take());
    for (const EdgeCount& edge : taken_.edges) {
      visit(edge.edge.from, edge.edge.to, edge.count);
    }
    taken_ = {};
  }

  // The same, added to a map of formats::kAflMapSize bytes; returns how many
  // edges ran. For many runs: remembers what each chunk adds.
  uint64_t take_map(formats::EdgeHash hash, uint8_t* map);

  const EngineStats& stats() const { return walker_.stats(); }
  size_t size_bytes() const {
    return walker_.size_bytes() + (edge_map_ ? edge_map_->size_bytes() : 0);
  }

 private:
  void decode_from(uint64_t psb);
  std::optional<uint64_t> next_psb(uint64_t begin) const;
  std::optional<uint64_t> abandon(uint64_t offset);
  std::optional<uint64_t> start_with_stack(uint64_t offset);
  std::optional<uint64_t> hand_over(uint64_t trouble);
  std::span<FlowItem> enter_stretch(NodeId node, std::span<FlowItem> items);
  void leave_stretch(std::span<const FlowItem> items, uint64_t end);
  void leave_at_block(const FlowItem& block, uint64_t end);
  void settle_arrival(bool arrived);
  void evict();

  std::shared_ptr<const CodeView> code_;
  Walker walker_;
  StretchDecoder stretches_;
  std::optional<EdgeMap> edge_map_;
  FlowCounts taken_;     // evicted, or counted by libipt
  FlowCounter counter_;  // of what libipt decodes
  std::span<const uint8_t> trace_;
  // Behind a stretch: where its last block leads, if the flow is found to go on
  // there, and that block if it was cut at the PSB.
  struct Arrival {
    uint64_t ip = 0;
    std::optional<FlowItem> cut;
  };
  std::optional<Arrival> arrival_;
  bool in_gap_ = false;  // the last stretch ended in a gap
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_COUNTING_ENGINE_H_
