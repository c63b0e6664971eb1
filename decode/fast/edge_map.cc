// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/edge_map.h"

#include <algorithm>

namespace ptcap::decode::fast {

namespace {

constexpr uint64_t kMost = 255;

void add_hits(uint8_t& hits, uint64_t times) {
  hits = static_cast<uint8_t>(std::min(kMost, hits + times));
}

}  // namespace

void EdgeMap::add(uint64_t from, uint64_t to, uint64_t times,
                  uint8_t* map) const {
  add_hits(map[formats::edge_hash(hash_, from, to)], times);
}

uint64_t EdgeMap::take(uint8_t* map) {
  uint64_t edges = 0;
  sums_.resize(std::max<size_t>(sums_.size(), memo_.chunks.size()));
  memo_.take_chunks_and_edges(
      [&](uint32_t id, uint64_t times) {
        edges += take_chunk(id, times, map) * times;
      },
      [&](uint64_t from, uint64_t to, uint64_t times) {
        edges += times;
        add(from, to, times, map);
      });
  return edges;
}

// Returns how many edges one run of it has.
uint64_t EdgeMap::take_chunk(uint32_t id, uint64_t times, uint8_t* map) {
  Sum& sum = sums_[id];
  if (!sum.seen) {  // it may never come again
    sum.seen = true;
    memo_.visit_edges(Element(ElementKind::kChunk, id),
                      [&](uint64_t from, uint64_t to) {
                        ++sum.edges;
                        add(from, to, times, map);
                      });
    return sum.edges;
  }
  if (sum.size == 0 && sum.edges != 0) learn(id, sum);
  // So that nothing wraps; the map holds no more anyway.
  const uint64_t capped = std::min(kMost, times);
  const Hit* hits = hits_.data() + sum.begin;
  for (uint32_t i = 0; i < sum.size; ++i) {
    add_hits(map[hits[i].at], hits[i].times * capped);
  }
  return sum.edges;
}

void EdgeMap::learn(uint32_t id, Sum& sum) {
  places_.clear();
  memo_.visit_edges(Element(ElementKind::kChunk, id),
                    [&](uint64_t from, uint64_t to) {
                      places_.push_back(formats::edge_hash(hash_, from, to));
                    });
  std::sort(places_.begin(), places_.end());
  sum.begin = static_cast<uint32_t>(hits_.size());
  for (size_t i = 0; i < places_.size();) {
    size_t next = i;
    while (next < places_.size() && places_[next] == places_[i]) ++next;
    hits_.push_back(
        {places_[i], static_cast<uint16_t>(std::min<size_t>(kMost, next - i))});
    i = next;
  }
  sum.size = static_cast<uint32_t>(hits_.size()) - sum.begin;
}

void EdgeMap::clear() {
  sums_.clear();
  hits_.clear();
}

}  // namespace ptcap::decode::fast
