// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From a walk to its edges in the order in which they ran.

#ifndef PTCAP_DECODE_FAST_EDGE_ORDER_H_
#define PTCAP_DECODE_FAST_EDGE_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/fast/edge_counts.h"
#include "decode/fast/edge_writer.h"
#include "decode/fast/element.h"
#include "decode/fast/memo.h"
#include "decode/fast/timing.h"

namespace ptcap::decode::fast {

// Remembers the edges of each chunk from its second run on, so that a known one
// is copied as a whole.
class EdgeOrder {
 public:
  // `memo` is borrowed. With marks its pools have to keep positions, and to
  // have kept them from the beginning.
  explicit EdgeOrder(const Memo& memo) : memo_(memo) {}

  // What comes next was walked from `offset` on; `out` and `marks` (all of
  // them, empty where no cycles are wanted) are borrowed.
  void begin(EdgeWriter& out, std::span<const StrippedTrace::Mark> marks,
             uint64_t offset);

  // In the order of the journal.
  void expand(std::span<const Element> entries);

  // The walk goes on at `offset`.
  void seek(uint64_t offset);

  // Of Memo::clear().
  void clear();
  size_t size_bytes() const {
    return lists_.capacity() * sizeof(lists_[0]) +
           edges_.capacity() * sizeof(edges_[0]) +
           firsts_.capacity() * sizeof(firsts_[0]);
  }

 private:
  struct List {
    uint32_t begin = 0;  // in edges_
    uint32_t size = 0;
    uint32_t firsts = 0;  // in firsts_
    bool seen = false;
    bool known = false;
  };

  bool has_positions() const { return memo_.pools.keeps_positions(); }
  void put_chunk(uint32_t id);
  void put(std::span<const Edge> edges, const uint8_t* positions,
           uint64_t bytes);
  void fill(Element element, uint8_t position);
  bool learn(uint32_t id, List& list);
  void put_known(const List& list, uint64_t bytes);
  void pass_marks(uint64_t offset);

  const Memo& memo_;
  EdgeWriter* out_ = nullptr;
  std::span<const StrippedTrace::Mark> marks_;
  size_t mark_ = 0;          // the next one
  uint64_t offset_ = 0;      // what comes next was walked from there on
  std::vector<List> lists_;  // by chunk
  std::vector<Edge> edges_;
  // With cycles: of each byte of a chunk, how many edges are in front of it.
  std::vector<uint16_t> firsts_;
  // Of what is not remembered.
  std::vector<Edge> some_edges_;
  std::vector<uint8_t> some_positions_;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_EDGE_ORDER_H_
