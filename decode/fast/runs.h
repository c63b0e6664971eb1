// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Level 2: where up to eight bytes of TNT lead from a node.

#ifndef PTCAP_DECODE_FAST_RUNS_H_
#define PTCAP_DECODE_FAST_RUNS_H_

#include <cstdint>
#include <vector>

#include "decode/fast/arena.h"
#include "decode/fast/element.h"
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
};

class Runs {
 public:
  explicit Runs(size_t max_runs);

  // The run that starts at `node` for whose effect `admits`; 0 is none.
  template <typename Admits>
  uint32_t find(NodeId node, uint64_t key, Admits admits) const {
    const uint64_t hash = hash_of(node, key);
    const uint32_t tag = static_cast<uint32_t>(hash);
    const size_t mask = slots_.size() - 1;
    for (size_t at = hash >> 40 & mask; slots_[at].run != 0;
         at = (at + 1) & mask) {
      if (slots_[at].tag != tag) continue;
      const Run& run = runs_[slots_[at].run];
      if (run.key == key && run.node_in == node &&
          (run.effect.pops == 0 || admits(run.effect))) [[likely]] {
        return slots_[at].run;
      }
    }
    return 0;
  }

  // REQUIRES: has_room().
  uint32_t add(const Run& run);

  Run& operator[](uint32_t id) { return runs_[id]; }
  const Run& operator[](uint32_t id) const { return runs_[id]; }
  uint32_t size() const { return static_cast<uint32_t>(runs_.size()); }
  bool has_room() const { return runs_.room(2); }
  size_t size_bytes() const {
    return runs_.size_bytes() + slots_.size() * sizeof(Slot);
  }
  void clear();

 private:
  struct Slot {
    uint32_t tag = 0;
    uint32_t run = 0;
  };

  static uint64_t hash_of(NodeId node, uint64_t key) {
    return (key ^ node * 0xc2b2ae3d27d4eb4f) * 0x9e3779b97f4a7c15;
  }
  void insert(uint32_t id);

  Arena<Run> runs_;  // the first is none
  std::vector<Slot> slots_;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_RUNS_H_
