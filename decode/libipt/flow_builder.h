// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From what libipt says, block by block, to flow items.

#ifndef PTCAP_DECODE_LIBIPT_FLOW_BUILDER_H_
#define PTCAP_DECODE_LIBIPT_FLOW_BUILDER_H_

#include <cstdint>
#include <optional>

#include "decode/flow.h"

namespace ptcap::decode {

// Joins blocks that were cut without a branch or event, and holds the last
// item back until it is known to be whole. Writes into the batch given.
class FlowBuilder {
 public:
  void set_batch(FlowBatch* batch) { batch_ = batch; }

  void block(const FlowItem& item);
  void event(FlowItem item);

  // The program did not notice what follows: a TIP.PGD and TIP.PGE at `to`
  // that the source made for its own reasons. Call in front of the TIP.PGE.
  void expect_restart() { restart_ = true; }

  // The cause of the kOff that was the last item, if it was one.
  void set_off_cause(FlowCause cause);

  // The last block or nullptr. Valid until the next call.
  const FlowItem* last_block() const;

  void flush();

  // Whether tracing is on behind the last item.
  bool on() const { return on_; }

 private:
  FlowBatch* batch_ = nullptr;
  std::optional<FlowItem> block_;  // not written yet
  std::optional<FlowItem> off_;    // behind block_, not written yet
  bool restart_ = false;
  bool on_ = false;
  uint64_t offset_ = 0;  // of the last event: none behind it is before that
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_LIBIPT_FLOW_BUILDER_H_
