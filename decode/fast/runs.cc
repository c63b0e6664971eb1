// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/runs.h"

namespace ptcap::decode::fast {

namespace {

constexpr size_t kFirstSlots = 4096;

}  // namespace

Runs::Runs(size_t max_runs) : runs_(max_runs), slots_(kFirstSlots) {
  runs_.add(Run{});
}

void Runs::clear() {
  runs_.shrink(0);
  runs_.add(Run{});
  slots_.assign(kFirstSlots, {});
  slots_.shrink_to_fit();
}

void Runs::insert(uint32_t id) {
  const uint64_t hash = hash_of(runs_[id].node_in, runs_[id].key);
  const size_t mask = slots_.size() - 1;
  size_t at = hash >> 40 & mask;
  while (slots_[at].run != 0) at = (at + 1) & mask;
  slots_[at] = {static_cast<uint32_t>(hash), id};
}

uint32_t Runs::add(const Run& run) {
  const uint32_t id = runs_.add(run);
  if (runs_.size() * 2 <= slots_.size()) {
    insert(id);
    return id;
  }
  slots_.assign(slots_.size() * 4, {});
  for (uint32_t i = 1; i <= id; ++i) insert(i);
  return id;
}

}  // namespace ptcap::decode::fast
