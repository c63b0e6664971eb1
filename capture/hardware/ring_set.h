// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The buffers for a target: which events to open on which threads and CPUs.

#ifndef PTCAP_CAPTURE_HARDWARE_RING_SET_H_
#define PTCAP_CAPTURE_HARDWARE_RING_SET_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "capture/hardware/event_plan.h"
#include "capture/hardware/trace_ring.h"
#include "capture/options.h"
#include "formats/io/unique_fd.h"

namespace ptcap::capture {

using Rings = std::vector<std::unique_ptr<TraceRing>>;

// A buffer per CPU holds threads and children that come later, too: their
// events are inherited. A buffer per thread holds that thread alone.
struct RingLayout {
  bool per_cpu = true;
  std::vector<pid_t> tids;   // traced now; of all: {-1}
  std::vector<int> cpus;     // with per_cpu
  formats::UniqueFd cgroup;  // its directory; of all: none
};

// `started` is the child, for RunProgram. Throws UsageError for CPUs that are
// not online, CaptureError for a process that is not there.
RingLayout lay_out(const CaptureOptions& options, pid_t started);

// Opens and maps everything, disabled. Where the memory that may be locked does
// not suffice for the sizes that the options leave open, tries with less.
// Leaves out of `plan.sideband` what the kernel does not have. What was done
// about it is added to `notes`. Throws PerfError.
Rings open_rings(EventPlan& plan, const RingLayout& layout,
                 const CaptureOptions& options,
                 std::vector<std::string>& notes);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_RING_SET_H_
