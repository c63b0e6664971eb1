// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// One flow from parts of a stream that were decoded apart.

#ifndef PTCAP_DECODE_FAST_PART_JOINER_H_
#define PTCAP_DECODE_FAST_PART_JOINER_H_

#include <cstdint>
#include <optional>
#include <span>

#include "decode/flow.h"
#include "decode/libipt/flow_builder.h"

namespace ptcap::decode::fast {

// Takes parts in order, each from a PSB up to another one. Where the flow goes
// on across a PSB, what a part says of its beginning is dropped, and a block
// that was cut there is whole again. A gap right behind such a PSB has what the
// PSB+ says as its `from`, and a non-zero `end`: the last block led there.
class PartJoiner {
 public:
  // Where what is known to be whole is appended. Call first.
  void set_batch(FlowBatch* batch) { builder_.set_batch(batch); }

  // A part begins; `start_ip` is what the PSB+ says that it begins with.
  void begin_part(std::optional<uint64_t> start_ip);
  void add(std::span<const FlowItem> items);
  void end_part();

  // What goes on across PSBs, between parts.
  void flow(const FlowItem& item);
  // Bytes are missing between parts.
  void lose(const FlowItem& gap);
  // It is not known where the flow goes on behind the gap.
  void settle_gap();
  void expect_restart() { builder_.expect_restart(); }
  void set_off_cause(FlowCause cause) { builder_.set_off_cause(cause); }

  // The stream ends. `off` is for where tracing is still on.
  void finish(const FlowItem& off);
  // The rest of what was given.
  void finish();

 private:
  bool resumes(const FlowItem& first);
  void put(const FlowItem& item);

  FlowBuilder builder_;
  std::optional<uint64_t> start_ip_;
  bool at_start_ = false;               // of a part
  std::optional<FlowItem> held_;        // it may be the last one of the part
  std::optional<uint64_t> resumed_at_;  // by the item before
  std::optional<FlowItem> gap_;  // at the end of a part: its `to` is open
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_PART_JOINER_H_
