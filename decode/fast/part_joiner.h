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
  // `start_ip` is what the PSB+ says that the part begins with. Appends to
  // `out` what is known to be whole.
  void part(std::span<const FlowItem> items, std::optional<uint64_t> start_ip,
            FlowBatch& out);
  // Appends the rest.
  void finish(FlowBatch& out);

 private:
  bool resumes(const FlowItem& first, std::optional<uint64_t> start_ip);
  void put(const FlowItem& item);

  FlowBuilder builder_;
  std::optional<uint64_t> resumed_at_;  // by the item before
  std::optional<FlowItem> gap_;  // at the end of a part: its `to` is open
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_PART_JOINER_H_
