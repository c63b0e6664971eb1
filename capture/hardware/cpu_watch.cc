// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/cpu_watch.h"

#include <stdexcept>

#include "bindings/pmu.h"

namespace ptcap::capture {

CpuWatch::Changes CpuWatch::look() {
  Changes changes;
  std::vector<int> list;
  try {
    list = bindings::online_cpus(kernel_);
  } catch (const std::invalid_argument&) {
    return changes;  // not readable
  }
  if (list.empty()) return changes;
  const std::set<int> online(list.begin(), list.end());
  for (const int cpu : traced_) {
    if (!online.contains(cpu) && told_.insert(cpu).second) {
      changes.gone.push_back(cpu);
    }
  }
  for (const int cpu : online) {
    if (!traced_.contains(cpu) && told_.insert(cpu).second) {
      changes.came.push_back(cpu);
    }
  }
  return changes;
}

}  // namespace ptcap::capture
