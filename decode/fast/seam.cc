// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/seam.h"

namespace ptcap::decode::fast {

void join(const PartEnd& end, const PartStart& start, FlowCounts& counts) {
  const bool goes_on = end.is_on && start.is_on;
  counts.add(goes_on ? end.if_on : end.if_not);
  if (goes_on && end.cut.ninsn != 0) {
    if (start.first) {
      // It was counted from `ip` on, and began before.
      const auto [block_end, ninsn] = *start.first;
      counts.blocks.push_back({{end.ip, block_end}, ~0ull, ninsn});
      counts.blocks.push_back(
          {{end.cut.begin, block_end}, 1, end.cut.ninsn + ninsn});
    } else {
      counts.blocks.push_back({{end.cut.begin, end.ip}, 1, end.cut.ninsn});
    }
  }
}

}  // namespace ptcap::decode::fast
