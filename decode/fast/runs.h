// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Level 2: where up to eight bytes of TNT lead from a node.

#ifndef PTCAP_DECODE_FAST_RUNS_H_
#define PTCAP_DECODE_FAST_RUNS_H_

#include <cstdint>

#include "decode/fast/element.h"
#include "decode/fast/memo_table.h"
#include "decode/fast/return_stack.h"

namespace ptcap::decode::fast {

// A run is known by the node that it starts at and by `key`: its bytes, which
// are either one TNT-64 or up to eight TNT-8, with zeros behind.
struct Run {
  uint64_t key = 0;
  uint64_t count = 0;
  NodeId node_in = 0;
  NodeId node_out = 0;
  uint32_t path = 0;  // in the pool of elements
  uint16_t path_size = 0;
  StackEffect effect;

  static uint64_t hash_of(NodeId node, uint64_t key) {
    const uint64_t hash =
        (key ^ node * 0xc2b2ae3d27d4eb4f) * 0x9e3779b97f4a7c15;
    return hash ^ hash >> 32;
  }
  uint64_t hash() const { return hash_of(node_in, key); }
};

using Runs = MemoTable<Run>;

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_RUNS_H_
