// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Counts every edge and block of PT streams; gives edges in order if asked.

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
#include "decode/fast/edge_order.h"
#include "decode/fast/edge_writer.h"
#include "decode/fast/engine_options.h"
#include "decode/fast/seam.h"
#include "decode/fast/stretch.h"
#include "decode/fast/timing.h"
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

  // The same, and writes each edge to `edges` as they ran, with the CPU cycles
  // that CYC packets had counted by then, if it wants them (what libipt has to
  // decode has those at its begin). Flushes it in the end.
  void decode(std::span<const uint8_t> trace, EdgeWriter& edges);

  // The same for the first `end` bytes of a part of a stream, behind which a
  // PSB stands; `bytes` go on behind it, by kMaxPsbHeaderSize at least unless
  // the stream ends. All but the first part of a stream begin at a PSB.
  struct Part {
    PartStart start;
    PartEnd end;
  };
  Part decode_part(std::span<const uint8_t> bytes, uint64_t end);
  // Behind which the stream ends.
  Part decode_last_part(std::span<const uint8_t> bytes);

  // Counting begins anew, warm.
  void forget_counts();

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
  size_t size_bytes() const { return walker_.size_bytes() + other_bytes(); }

 private:
  // Offsets are those of walk_trace_, unless they are named `trace_...`.
  bool timing_is_much(std::span<const uint8_t> trace);
  void decode_all(std::span<const uint8_t> trace);
  void decode_from(uint64_t psb);
  void begin_part();
  Part take_part();
  void end_part();
  bool begins_alike(std::span<const uint8_t> psb) const;
  void settle(bool all);
  void find_start(std::span<const Element> entries);
  bool find_start(Element element);
  void find_start_in(std::span<const FlowItem> items);
  uint64_t in_trace(uint64_t offset) const;
  uint64_t in_walk(uint64_t trace_offset) const;
  size_t other_bytes() const;
  std::optional<uint64_t> next_psb(uint64_t trace_begin) const;
  std::optional<uint64_t> abandon(uint64_t offset);
  std::optional<uint64_t> start_with_stack(uint64_t offset);
  std::optional<uint64_t> hand_over(uint64_t trouble);
  std::span<FlowItem> enter_stretch(NodeId node, std::span<FlowItem> items);
  void leave_stretch(std::span<const FlowItem> items, uint64_t trace_end);
  void leave_at_block(const FlowItem& block, uint64_t trace_end);
  void settle_arrival(bool arrived);
  void evict();

  std::shared_ptr<const CodeView> code_;
  const PtSettings settings_;
  Walker walker_;
  StretchDecoder stretches_;
  std::optional<EdgeMap> edge_map_;
  std::optional<EdgeOrder> order_;
  EdgeWriter* edges_ = nullptr;  // while edges are asked for in order
  std::vector<Element> settled_;
  FlowCounts taken_;     // evicted, or counted by libipt
  FlowCounter counter_;  // of what libipt decodes
  std::span<const uint8_t> trace_;
  // What is walked: the trace, or what is left of it without timing.
  std::span<const uint8_t> walk_trace_;
  StrippedTrace stripped_;
  bool is_stripped_ = false;
  std::optional<bool> timing_is_much_;
  // Behind a stretch: where its last block leads, if the flow is found to go on
  // there, and that block if it was cut at the PSB.
  struct Arrival {
    uint64_t ip = 0;
    std::optional<FlowItem> cut;
  };
  std::optional<Arrival> arrival_;
  bool in_gap_ = false;  // the last stretch ended in a gap

  // Of the part that is decoded, if it is one.
  bool is_part_ = false;
  std::span<const uint8_t> next_psb_;  // the bytes behind it
  bool start_known_ = true;
  Part part_;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_COUNTING_ENGINE_H_
