// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/edge_counts.h"

#include <algorithm>
#include <utility>

#include "decode/fast/edge_writer.h"

namespace ptcap::decode::fast {

namespace {

template <typename Count, typename Key>
void join(std::vector<Count>& counts, Key key) {
  std::sort(counts.begin(), counts.end(),
            [&](const Count& a, const Count& b) { return key(a) < key(b); });
  size_t kept = 0;
  for (const Count& count : counts) {
    if (kept > 0 && key(counts[kept - 1]) == key(count)) {
      counts[kept - 1].count += count.count;
    } else {
      counts[kept++] = count;
    }
  }
  counts.resize(kept);
  std::erase_if(counts, [](const Count& count) { return count.count == 0; });
}

}  // namespace

void FlowCounts::normalize() {
  join(edges, [](const EdgeCount& count) { return count.edge; });
  join(blocks, [](const BlockCount& count) { return count.block; });
}

void FlowCounts::add(const FlowCounts& other) {
  edges.insert(edges.end(), other.edges.begin(), other.edges.end());
  blocks.insert(blocks.end(), other.blocks.begin(), other.blocks.end());
}

void FlowCounter::add(std::span<const FlowItem> items) {
  for (const FlowItem& item : items) add(item);
  // Keeps memory near that of the distinct edges.
  if (counts_.edges.size() > joined_at_) {
    counts_.normalize();
    joined_at_ = std::max<size_t>(1 << 20, 2 * counts_.edges.size());
  }
}

FlowCounts FlowCounter::take() {
  has_last_ = false;
  return take_so_far();
}

FlowCounts FlowCounter::take_so_far() { return std::exchange(counts_, {}); }

void FlowCounter::lead_to(uint64_t to) {
  if (has_last_ && last_.branch != BranchClass::kNone) {
    counts_.edges.push_back({{last_.last, to}, 1, last_.branch});
    if (order_ != nullptr) order_->write(last_.last, to);
  }
  has_last_ = false;
}

void FlowCounter::add(const FlowItem& item) {
  switch (item.kind) {
    case FlowKind::kBlock:
      lead_to(item.begin);
      counts_.blocks.push_back({{item.begin, item.end}, 1, item.ninsn});
      last_ = item;
      has_last_ = true;
      break;
    case FlowKind::kAsync:
    case FlowKind::kTxAbort:
      // Where the last branch led: to the instruction that would have been
      // next.
      if (item.has_from) lead_to(item.from);
      has_last_ = false;
      break;
    case FlowKind::kOff:
      if (item.has_to) {
        lead_to(item.to);
      } else if (item.has_from && has_last_ && item.from != last_.last) {
        // In front of an instruction, as it is where tracing ends between two.
        lead_to(item.from);
      }
      has_last_ = false;
      break;
    case FlowKind::kGap:
      // PartJoiner says so.
      if (item.end != 0) lead_to(item.from);
      has_last_ = false;
      break;
    case FlowKind::kOn:
      has_last_ = false;
      break;
    case FlowKind::kMode:
    case FlowKind::kOther:
      break;
  }
}

}  // namespace ptcap::decode::fast
