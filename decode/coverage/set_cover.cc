// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/coverage/set_cover.h"

#include <algorithm>
#include <queue>
#include <tuple>
#include <unordered_set>

namespace ptcap::decode {

std::vector<size_t> cover(const std::vector<CoverCandidate>& candidates) {
  std::unordered_set<uint64_t> covered;
  const auto gain = [&](size_t index) {
    const auto& items = candidates[index].items;
    return static_cast<size_t>(
        std::count_if(items.begin(), items.end(),
                      [&](uint64_t item) { return !covered.contains(item); }));
  };
  // A gain never grows, so an entry that is still right when it comes up is
  // the best one.
  struct Entry {
    size_t gain;
    uint64_t size_bytes;
    size_t index;
    bool operator<(const Entry& other) const {
      return std::tie(gain, other.size_bytes, other.index) <
             std::tie(other.gain, size_bytes, index);
    }
  };
  std::priority_queue<Entry> queue;
  for (size_t i = 0; i < candidates.size(); ++i) {
    queue.push({candidates[i].items.size(), candidates[i].size_bytes, i});
  }
  std::vector<size_t> chosen;
  while (!queue.empty()) {
    Entry entry = queue.top();
    queue.pop();
    const size_t now = gain(entry.index);
    if (now == 0) continue;
    if (now != entry.gain) {
      entry.gain = now;
      queue.push(entry);
      continue;
    }
    chosen.push_back(entry.index);
    const auto& items = candidates[entry.index].items;
    covered.insert(items.begin(), items.end());
  }
  return chosen;
}

}  // namespace ptcap::decode
