// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The tasks of one cgroup, for `-a --cgroup NAME`.

#ifndef PTCAP_CAPTURE_HARDWARE_CGROUP_H_
#define PTCAP_CAPTURE_HARDWARE_CGROUP_H_

#include <sys/types.h>

#include <istream>
#include <string>
#include <vector>

#include "formats/io/unique_fd.h"

namespace ptcap::capture {

// Where the hierarchy with perf_event is mounted, from the text of
// /proc/self/mounts: one of its own (version 1), else the unified one; empty if
// there is none.
std::string cgroup_mount(std::istream& mounts);

// The folder of the cgroup `name`, as in /proc/PID/cgroup ("system.slice/ssh",
// a leading / is allowed). Throws CaptureError if there is none.
std::string find_cgroup(const std::string& name);

// What perf_event_open() wants instead of a pid.
formats::UniqueFd open_cgroup(const std::string& folder);

// All processes in it and below it, which is what an event counts.
std::vector<pid_t> processes_of_cgroup(const std::string& folder);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_CGROUP_H_
