// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Times between two TSC packets, for streams that have no finer ones.

#ifndef PTCAP_DECODE_TIME_INTERPOLATOR_H_
#define PTCAP_DECODE_TIME_INTERPOLATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "decode/flow.h"

namespace ptcap::decode {

// The flow of another engine, in which a time only changes where a packet says
// so. From one such place to the next the times of items go up with the
// instructions that ran; they stay below the second time. Where tracing was off
// in between, nobody knows how much of the time that took: the times stay those
// of the packet, as they do where packets are too far apart to look ahead.
class TimeInterpolator : public FlowEngine {
 public:
  // Items that wait for the next time, at the most.
  static constexpr size_t kMaxWaiting = size_t{1} << 15;

  explicit TimeInterpolator(std::unique_ptr<FlowEngine> engine)
      : engine_(std::move(engine)) {}

  bool next(FlowBatch& batch) override;

 private:
  void take(size_t index);
  void spread(size_t end);
  void give(FlowBatch& batch, size_t end);

  std::unique_ptr<FlowEngine> engine_;
  FlowBatch incoming_;
  std::vector<FlowItem> items_;  // from given_ on still to be given
  size_t given_ = 0;
  size_t begin_ = 0;     // of those that have the last time
  uint64_t time_ = 0;    // that one
  uint64_t insns_ = 0;   // of theirs
  bool uneven_ = false;  // instructions do not say how it went by
  bool done_ = false;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_TIME_INTERPOLATOR_H_
