// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Which two events a hardware capture opens: one that traces, and a dummy that
// carries the records about processes.

#ifndef PTCAP_CAPTURE_HARDWARE_EVENT_PLAN_H_
#define PTCAP_CAPTURE_HARDWARE_EVENT_PLAN_H_

#include <optional>
#include <string>
#include <vector>

#include "bindings/error.h"
#include "bindings/event_attr.h"
#include "capture/hardware/pt_config.h"
#include "capture/options.h"

namespace ptcap::capture {

struct EventPlan {
  bindings::EventAttr trace;
  bindings::EventAttr sideband;
  // What the kernel changes of its own code, with --kernel: it tells only
  // events of whole CPUs. Not with -a alone, where `sideband` is one.
  std::optional<bindings::EventAttr> kernel_changes;
  std::vector<bindings::EventAttr> triggers;  // of snapshots
};

// For intel_pt. Throws UsageError for terms that it does not have.
EventPlan plan_pt(const CaptureOptions& options, const PtConfig& config);
EventPlan plan_bts(const CaptureOptions& options);

// Leaves out of `sideband` what this kernel, or this user, may not have; says
// in `left_out` what that was ("cgroup, build_id"). Opens events on `target`
// and closes them again. Throws PerfError if not even the least will do.
void fit_sideband_to_kernel(bindings::EventAttr& sideband,
                            const bindings::Target& target,
                            std::string& left_out);

// All fields that are set, a line each: for -v.
std::string describe(const bindings::EventAttr& attr);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_EVENT_PLAN_H_
