// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where edges go in the order in which they ran.

#ifndef PTCAP_DECODE_FAST_EDGE_WRITER_H_
#define PTCAP_DECODE_FAST_EDGE_WRITER_H_

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "decode/fast/edge_counts.h"

namespace ptcap::decode::fast {

// Fills a buffer of the caller and hands it over whenever it is full.
class EdgeWriter {
 public:
  // The first `count` of the buffer are filled; it is filled anew afterwards.
  using Take = std::function<void(size_t count)>;

  // Both are borrowed. `cycles` is as long as `edges`, or empty: then times are
  // not asked for.
  EdgeWriter(std::span<Edge> edges, std::span<uint64_t> cycles, Take take)
      : edges_(edges), cycles_(cycles), take_(std::move(take)) {
    assert(!edges.empty());
    assert(cycles.empty() || cycles.size() == edges.size());
  }

  bool wants_cycles() const { return !cycles_.empty(); }

  // So many CPU cycles were counted (by CYC packets) when what is written next
  // ran.
  void set_cycles(uint64_t cycles) { now_ = cycles; }
  uint64_t cycles() const { return now_; }

  void write(uint64_t from, uint64_t to) {
    edges_[size_] = {from, to};
    if (!cycles_.empty()) cycles_[size_] = now_;
    if (++size_ == edges_.size()) flush();
  }

  void write(std::span<const Edge> edges) {
    while (!edges.empty()) {
      const size_t count = std::min(edges.size(), edges_.size() - size_);
      std::copy_n(edges.data(), count, edges_.data() + size_);
      if (!cycles_.empty()) std::fill_n(cycles_.data() + size_, count, now_);
      size_ += count;
      edges = edges.subspan(count);
      if (size_ == edges_.size()) flush();
    }
  }

  // The same, but the caller writes the cycles, to where it returns, and may
  // write up to kSlack numbers too many. nullptr, and nothing was written,
  // where the buffer is too short. REQUIRES: wants_cycles().
  static constexpr size_t kSlack = 4;
  uint64_t* append(std::span<const Edge> edges) {
    if (edges_.size() - size_ < edges.size() + kSlack) flush();
    if (edges_.size() < edges.size() + kSlack) return nullptr;
    std::copy_n(edges.data(), edges.size(), edges_.data() + size_);
    uint64_t* cycles = cycles_.data() + size_;
    size_ += edges.size();
    return cycles;
  }

  // Hands over what is there.
  void flush() {
    if (size_ != 0) take_(std::exchange(size_, 0));
  }

 private:
  std::span<Edge> edges_;
  std::span<uint64_t> cycles_;
  Take take_;
  size_t size_ = 0;
  uint64_t now_ = 0;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_EDGE_WRITER_H_
