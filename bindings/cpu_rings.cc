// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/cpu_rings.h"

#include <algorithm>
#include <cerrno>

#include "bindings/pmu.h"

namespace ptcap::bindings {

CpuRings::CpuRings(const EventAttr& attr, pid_t pid, size_t data_size,
                   Kernel& kernel)
    : kernel_(&kernel) {
  for (int cpu : online_cpus(kernel)) {
    events_.push_back(
        std::make_unique<Event>(attr, Target{pid, cpu, -1}, kernel));
    rings_.emplace_back(*events_.back(), data_size);
  }
}

void CpuRings::enable() {
  for (auto& event : events_) event->enable();
}

void CpuRings::disable() {
  for (auto& event : events_) event->disable();
}

bool CpuRings::wait(int timeout_ms) const {
  std::error_code ec;
  const bool any = wait(timeout_ms, ec);
  if (ec)
    throw call_error(ec.value(), "poll",
                     events_.front()->attr().name() + " on all CPUs");
  return any;
}

bool CpuRings::wait(int timeout_ms, std::error_code& ec) const {
  ec.clear();
  auto any = [&] {
    return std::any_of(rings_.begin(), rings_.end(),
                       [](const DataRing& ring) { return ring.has_records(); });
  };
  if (any()) return true;
  std::vector<pollfd> fds;
  for (const auto& event : events_) fds.push_back({event->fd(), POLLIN, 0});
  if (kernel_->poll(fds.data(), fds.size(), timeout_ms) < 0 && errno != EINTR)
    ec = {errno, std::generic_category()};
  return any();
}

uint64_t CpuRings::damaged_bytes() const {
  uint64_t bytes = 0;
  for (const DataRing& ring : rings_) bytes += ring.damaged_bytes();
  return bytes;
}

}  // namespace ptcap::bindings
