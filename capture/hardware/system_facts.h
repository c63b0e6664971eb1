// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What decides whether and how hardware tracing works on this machine: for
// `ptcap doctor`.

#ifndef PTCAP_CAPTURE_HARDWARE_SYSTEM_FACTS_H_
#define PTCAP_CAPTURE_HARDWARE_SYSTEM_FACTS_H_

#include <string>
#include <vector>

#include "bindings/kernel.h"

namespace ptcap::capture {

struct SystemFact {
  std::string name;    // "perf_event_paranoid"
  std::string value;   // "3"
  std::string advice;  // a command that mends it, or empty
};

// In the order in which they matter. Reads sysfs and procfs through `kernel`.
std::vector<SystemFact> read_system_facts(
    bindings::Kernel& kernel = bindings::Kernel::real());

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_SYSTEM_FACTS_H_
