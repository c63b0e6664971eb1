// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// How often each edge and each block ran: what counting is for.

#ifndef PTCAP_DECODE_FAST_EDGE_COUNTS_H_
#define PTCAP_DECODE_FAST_EDGE_COUNTS_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/flow.h"

namespace ptcap::decode::fast {

// A branch instruction at `from` that led to `to`, taken or not.
struct Edge {
  uint64_t from = 0;
  uint64_t to = 0;

  // clang-tidy 14 takes the 0 in what is generated for a pointer.
  auto operator<=>(const Edge&) const =
      default;  // NOLINT(modernize-use-nullptr)
};

// [begin, end) ran as a whole, as FlowItem's kBlock says it.
struct Block {
  uint64_t begin = 0;
  uint64_t end = 0;

  // clang-tidy 14 takes the 0 in what is generated for a pointer.
  auto operator<=>(const Block&) const =
      default;  // NOLINT(modernize-use-nullptr)
};

struct EdgeCount {
  Edge edge;
  uint64_t count = 0;
  BranchClass branch = BranchClass::kNone;

  bool operator==(const EdgeCount&) const = default;
};

struct BlockCount {
  Block block;
  uint64_t count = 0;
  uint32_t ninsn = 0;

  bool operator==(const BlockCount&) const = default;
};

// Exact 64-bit counts, each edge and block once, sorted.
struct FlowCounts {
  std::vector<EdgeCount> edges;
  std::vector<BlockCount> blocks;

  // Sorts, and joins what is there several times; drops zeros.
  void normalize();
  // Adds another one; call normalize() behind the last.
  void add(const FlowCounts& other);

  bool operator==(const FlowCounts&) const = default;
};

class EdgeWriter;

// Counts flow items, in order, of any engine.
class FlowCounter {
 public:
  void add(std::span<const FlowItem> items);
  // The last block's branch led to `ip`, whatever item says that.
  void lead_to(uint64_t ip);
  // Writes edges down as well, in order; nullptr: no longer. Borrowed.
  void set_order(EdgeWriter* order) { order_ = order; }
  // What was counted so far, not normalized; begins anew.
  FlowCounts take();
  // The same, but goes on behind the last block.
  FlowCounts take_so_far();

 private:
  void add(const FlowItem& item);

  FlowCounts counts_;
  EdgeWriter* order_ = nullptr;
  FlowItem last_;  // the last block, while its branch leads nowhere yet
  bool has_last_ = false;
  size_t joined_at_ = 1 << 20;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_EDGE_COUNTS_H_
