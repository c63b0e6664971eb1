// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Starts a program that waits until its events are open.

#ifndef PTCAP_CAPTURE_HARDWARE_LAUNCH_H_
#define PTCAP_CAPTURE_HARDWARE_LAUNCH_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "capture/interrupts.h"
#include "formats/io/unique_fd.h"

namespace ptcap::capture {

// A child that has not run the program yet. The destructor kills one that was
// never told to go.
class WaitingProgram {
 public:
  // Throws CaptureError: 127 and 126 if there is no such program.
  WaitingProgram(const std::vector<std::string>& argv, bool stdout_to_stderr,
                 const InterruptGuard& interrupts);
  ~WaitingProgram();
  WaitingProgram(const WaitingProgram&) = delete;

  pid_t pid() const { return pid_; }

  // Lets it exec. Throws CaptureError (126, 127) if that fails.
  void go();

  // Its exit status, or 128 + N for signal N, if it has ended.
  std::optional<int> poll_end();
  // Waits for the end. A signal in between interrupts it: nullopt.
  std::optional<int> wait_end();

 private:
  std::optional<int> reap(int flags);

  std::string path_;
  pid_t pid_ = -1;
  bool gone_ = false;  // told to go
  formats::UniqueFd go_, failure_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_LAUNCH_H_
