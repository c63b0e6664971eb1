// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cpu_timeline.h"

#include <algorithm>

namespace ptcap::decode {

namespace {

bool same_thread(const CpuSlice& slice, uint32_t pid, uint32_t tid) {
  return slice.pid == pid && slice.tid == tid;
}

// `slice` begins where the last one ends, or replaces it if that is empty.
void append(std::vector<CpuSlice>& slices, const CpuSlice& slice) {
  if (!slices.empty() && same_thread(slices.back(), slice.pid, slice.tid)) {
    return;
  }
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
    append(timeline.slices, {begin, owner.pid, owner.tid});
    begin = owner.end;
  }
  return timeline;
}

}  // namespace ptcap::decode
