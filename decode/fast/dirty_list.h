// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Which entries have counts, so that taking them touches no others.

#ifndef PTCAP_DECODE_FAST_DIRTY_LIST_H_
#define PTCAP_DECODE_FAST_DIRTY_LIST_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ptcap::decode::fast {

class DirtyList {
 public:
  // Call whenever a count leaves 0, which it may do several times.
  void add(uint32_t id) {
    if (ids_.size() == compact_at_) compact();
    ids_.push_back(id);
  }

  // Calls visit(id), for some ids several times, also while visit() adds to
  // another list; then the list is empty.
  template <typename Visit>
  void take(Visit visit) {
    for (const uint32_t id : ids_) visit(id);
    ids_.clear();
  }

  size_t size_bytes() const { return ids_.capacity() * sizeof(ids_[0]); }

 private:
  static constexpr size_t kFirst = 1024;

  // What is counted, taken back and counted again is here more than once.
  void compact() {
    std::sort(ids_.begin(), ids_.end());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    compact_at_ = std::max(kFirst, 2 * ids_.size());
  }

  std::vector<uint32_t> ids_;
  size_t compact_at_ = kFirst;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_DIRTY_LIST_H_
