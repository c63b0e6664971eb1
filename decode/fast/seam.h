// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where a part of a stream ends at a PSB, and the next one, which may have been
// decoded by another thread, begins.

#ifndef PTCAP_DECODE_FAST_SEAM_H_
#define PTCAP_DECODE_FAST_SEAM_H_

#include <cstdint>
#include <optional>

#include "decode/fast/edge_counts.h"

namespace ptcap::decode::fast {

// What the end of a part knows. Who decodes the next part begins it anew, at
// the ip that the PSB+ says, in the middle of a block for all he knows.
struct PartEnd {
  // The next part may be decoded on its own. If not, this one and all behind it
  // have to be decoded as one: the PSB+ contradicts the flow, a gap may go on
  // behind it, or the flow is known in a way that a new beginning does not.
  bool is_clean = false;
  // The flow is at `ip`, `cut.ninsn` instructions behind `cut.begin`.
  bool is_on = false;
  uint64_t ip = 0;
  struct {
    uint64_t begin = 0;
    uint32_t ninsn = 0;
  } cut;
  // What remains to be counted if the next part begins on at `ip`, and if not.
  FlowCounts if_on;
  FlowCounts if_not;
};

// What the beginning of a part that begins at a PSB was.
struct PartStart {
  bool is_on = false;  // at the ip that the PSB+ says
  // The first block, if one begins at that ip.
  struct FirstBlock {
    uint64_t end = 0;
    uint32_t ninsn = 0;
  };
  std::optional<FirstBlock> first;
};

// Adds what the two parts do not have in their counts. REQUIRES: end.is_clean.
void join(const PartEnd& end, const PartStart& start, FlowCounts& counts);

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_SEAM_H_
