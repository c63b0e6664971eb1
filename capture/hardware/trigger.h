// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What makes --snapshot write: a signal, the end, a function that is reached.

#ifndef PTCAP_CAPTURE_HARDWARE_TRIGGER_H_
#define PTCAP_CAPTURE_HARDWARE_TRIGGER_H_

#include <csignal>
#include <vector>

#include "bindings/event_attr.h"
#include "capture/options.h"

namespace ptcap::capture {

// Whether the end is one: asked for, or nothing else is.
bool triggers_at_exit(const CaptureOptions& options);

// An event for each "sym:NAME[@FILE]" of --trigger: a probe at the function's
// first instruction, in every thread of the target. Without FILE it is the
// program's own. Throws UsageError, CaptureError as FunctionFile does.
std::vector<bindings::EventAttr> function_triggers(
    const CaptureOptions& options);

// While it lives, SIGUSR2 is noted. One at a time; main thread.
class SnapshotSignal {
 public:
  SnapshotSignal();
  ~SnapshotSignal();
  SnapshotSignal(const SnapshotSignal&) = delete;

  // Whether one has come since the last call.
  bool take();

 private:
  struct sigaction before_ = {};
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_TRIGGER_H_
