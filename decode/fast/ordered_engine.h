// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The flow in order, by memory: what LibiptEngine gives, many times faster.

#ifndef PTCAP_DECODE_FAST_ORDERED_ENGINE_H_
#define PTCAP_DECODE_FAST_ORDERED_ENGINE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "decode/fast/engine_options.h"
#include "decode/fast/flow_expander.h"
#include "decode/fast/part_joiner.h"
#include "decode/fast/walker.h"
#include "decode/flow.h"
#include "decode/libipt/aux_window.h"
#include "decode/libipt/engine.h"
#include "decode/libipt/section_cache.h"
#include "decode/stream.h"

namespace ptcap::decode::fast {

// Walks a slice at a time and writes down where it went, up to the last PSB;
// gives that item by item; walks on. What cannot be followed exactly is taken
// back to the last PSB and decoded by libipt up to the next one.
class OrderedEngine : public FlowEngine {
 public:
  // REQUIRES: !input.code.has_slices(). `sections` is borrowed.
  OrderedEngine(StreamInput input, SectionCache& sections,
                const EngineOptions& options,
                uint64_t window_size = LibiptEngine::kDefaultWindow);
  ~OrderedEngine() override;

  bool next(FlowBatch& batch) override;

  const EngineStats& stats() const { return walker_.stats(); }

 private:
  // What comes when `ready_` was given.
  enum class Then : uint8_t {
    kWalk,
    kEvict,
    kStretch,
    kLost,    // a hole begins
    kBroken,  // the walk lost its way, and no PSB is near
    kEnd,
  };

  void advance();
  void finish();
  void walk();
  bool open_window();
  void close_window();
  void leave_off(Then then);
  void lose(FlowCause cause);

  // What libipt has to decode.
  void start_with_stack();
  void hand_over();
  void lose_way();
  void begin_stretch();
  void pull_stretch();
  void enter_stretch(std::span<const FlowItem> items);
  void leave_stretch();
  NodeId node_behind_stretch();
  void go_on_at(uint64_t offset);
  void set_code();
  void pass_code(std::optional<uint64_t> tsc);

  StreamInput input_;
  // Where code is only ever added, what is not there yet cannot have run: one
  // view is right at all times.
  const bool code_is_constant_;
  std::shared_ptr<const CodeView> code_;
  SectionCache& sections_;
  const uint64_t window_size_;
  AuxWindows windows_;
  AuxWindows segments_;  // from a PSB to the next one
  Walker walker_;
  PartJoiner joiner_;
  FlowExpander expander_;

  std::optional<AuxWindow> window_;
  uint64_t offset_ = 0;         // the walk is there
  uint64_t next_offset_;        // where to look for the next window
  std::vector<Element> ready_;  // walked for good
  size_t ready_at_ = 0;         // given up to there
  Then then_ = Then::kWalk;
  std::optional<uint64_t> seek_;  // what comes behind `ready_` is from there
  bool goes_on_ = false;          // the last window ended at a PSB
  bool lost_ = false;  // bytes are missing in front of the next window
  const bool bdm70_;

  Walker::Retreat retreat_;  // where the next stretch begins
  std::optional<AuxWindow> segment_;
  uint64_t stretch_end_ = 0;  // or behind that segment
  std::unique_ptr<LibiptEngine> stretch_;
  FlowBatch stretch_batch_;
  bool entered_ = false;
  std::optional<FlowItem> last_;  // of the stretch
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_ORDERED_ENGINE_H_
