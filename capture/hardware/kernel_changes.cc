// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/kernel_changes.h"

#include "capture/hardware/event_plan.h"

namespace ptcap::capture {
namespace {

constexpr size_t kRingSize = 64 << 10;

}  // namespace

KernelChanges::KernelChanges(bindings::EventAttr& attr,
                             const std::vector<int>& cpus) {
  fit_sideband_to_kernel(attr, bindings::Target::all_threads_on(cpus.front()),
                         left_out_);
  for (const int cpu : cpus) {
    events_.emplace_back(attr, bindings::Target::all_threads_on(cpu));
    rings_.emplace_back(events_.back(), kRingSize);
    events_.back().enable();
  }
}

void KernelChanges::drain(
    const std::function<void(formats::Bytes record)>& visit) {
  for (bindings::DataRing& ring : rings_) {
    ring.drain([&](const bindings::RingRecord& record) {
      visit(record.contiguous(scratch_));
    });
  }
}

std::vector<uint64_t> KernelChanges::ids() const {
  std::vector<uint64_t> ids;
  ids.reserve(events_.size());
  for (const bindings::Event& event : events_) ids.push_back(event.id());
  return ids;
}

}  // namespace ptcap::capture
