// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cpu_timeline.h"

#include <algorithm>
#include <map>
#include <utility>

namespace ptcap::decode {

namespace {

bool same_thread(const CpuSlice& slice, uint32_t pid, uint32_t tid) {
  return slice.pid == pid && slice.tid == tid;
}

bool same_stay(const CpuSlice& a, const CpuSlice& b) {
  return same_thread(a, b.pid, b.tid) && a.visit == b.visit;
}

// `slice` begins where the last one ends, or replaces it if that is empty.
void append(std::vector<CpuSlice>& slices, const CpuSlice& slice) {
  if (!slices.empty() && same_stay(slices.back(), slice)) return;
  if (!slices.empty() && slices.back().begin == slice.begin) {
    slices.back() = slice;
    return;
  }
  slices.push_back(slice);
}

}  // namespace

CpuTimeline timeline_of_switches(std::vector<SwitchEvent> events) {
  std::stable_sort(events.begin(), events.end(),
                   [](const SwitchEvent& a, const SwitchEvent& b) {
                     return a.time_ns < b.time_ns;
                   });
  CpuTimeline timeline;
  if (events.empty()) return timeline;
  std::vector<CpuSlice>& slices = timeline.slices;
  // What ran first is known by its leaving, or it is what came first.
  slices.push_back({0, events.front().pid, events.front().tid});
  bool left = false;  // the last slice's thread did
  uint64_t left_at = 0;
  for (const SwitchEvent& event : events) {
    if (!event.in) {
      // A thread whose coming is not recorded was there since the last left.
      if (left && !same_thread(slices.back(), event.pid, event.tid)) {
        append(slices, {left_at, event.pid, event.tid});
      }
      left = true;
      left_at = event.time_ns;
      continue;
    }
    append(slices, {left ? left_at : event.time_ns, event.pid, event.tid});
    left = false;
  }
  if (left) append(slices, {left_at, ~0u, ~0u});
  return timeline;
}

CpuTimeline timeline_of_owners(std::vector<AuxOwner> owners) {
  std::stable_sort(
      owners.begin(), owners.end(),
      [](const AuxOwner& a, const AuxOwner& b) { return a.end < b.end; });
  CpuTimeline timeline;
  timeline.by_offset = true;
  uint64_t begin = 0;
  for (const AuxOwner& owner : owners) {
    append(timeline.slices,
           {begin, owner.pid, owner.tid, owner.time_ns, owner.visit});
    // When it left: when it came is not known.
    timeline.slices.back().time_ns = owner.time_ns;
    begin = owner.end;
  }
  return timeline;
}

void number_visits(std::span<std::vector<AuxOwner>* const> cpus) {
  std::vector<std::pair<AuxOwner*, size_t>> all;
  for (size_t cpu = 0; cpu < cpus.size(); ++cpu) {
    for (AuxOwner& owner : *cpus[cpu]) all.emplace_back(&owner, cpu);
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.first->time_ns < b.first->time_ns;
  });
  struct Stay {
    size_t cpu = 0;
    uint32_t visit = 0;
  };
  std::map<uint32_t, Stay> stays;  // by tid
  for (const auto& [owner, cpu] : all) {
    Stay& stay = stays.try_emplace(owner->tid, Stay{cpu, 0}).first->second;
    if (stay.cpu != cpu) stay = {cpu, stay.visit + 1};
    owner->visit = stay.visit;
  }
}

}  // namespace ptcap::decode
