// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Starts a program under the tracer.

#ifndef PTCAP_CAPTURE_STEP_LAUNCH_H_
#define PTCAP_CAPTURE_STEP_LAUNCH_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "capture/interrupts.h"

namespace ptcap::capture {

struct LaunchOptions {
  std::vector<std::string> argv;
  bool stdout_to_stderr = false;
};

// Forks, seizes the child and lets it run the program; returns when it stands
// in the kernel before the program's first instruction
// (PTRACE_EVENT_EXEC-stop). The child differs from an untraced one by its
// tracer only: same process group, signal dispositions, mask, descriptors.
// Throws CaptureError (126, 127) if the program cannot be run, and if tracing
// is not permitted.
pid_t launch(const LaunchOptions& options, const InterruptGuard& interrupts);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_STEP_LAUNCH_H_
