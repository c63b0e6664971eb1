// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// CPUs that go offline or come online while others are traced.

#ifndef PTCAP_CAPTURE_HARDWARE_CPU_WATCH_H_
#define PTCAP_CAPTURE_HARDWARE_CPU_WATCH_H_

#include <set>
#include <vector>

#include "bindings/kernel.h"

namespace ptcap::capture {

class CpuWatch {
 public:
  explicit CpuWatch(const std::vector<int>& traced,
                    bindings::Kernel& kernel = bindings::Kernel::real())
      : kernel_(kernel), traced_(traced.begin(), traced.end()) {}

  // Each CPU is in one of them, once.
  struct Changes {
    std::vector<int> gone;  // traced ones: the kernel removes a CPU's events
    std::vector<int> came;  // that have no events
  };
  Changes look();

 private:
  bindings::Kernel& kernel_;
  std::set<int> traced_, told_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_CPU_WATCH_H_
