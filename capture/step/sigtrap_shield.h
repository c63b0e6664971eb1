// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Keeps a program's blocked SIGTRAP what the program thinks it is.

#ifndef PTCAP_CAPTURE_STEP_SIGTRAP_SHIELD_H_
#define PTCAP_CAPTURE_STEP_SIGTRAP_SHIELD_H_

#include <sys/types.h>
#include <sys/user.h>

#include <csignal>
#include <optional>

namespace ptcap::capture {

// The kernel forces the SIGTRAP of a step on a thread: where it is blocked, it
// unblocks it and resets its handler (force_sig_info_to_task). So, while a
// thread runs user code, SIGTRAP is never blocked in the kernel's eyes; while
// it is in a system call, and when it is let go, its mask is the true one. A
// SIGTRAP of the program's own that comes in between is held back.
class SigtrapShield {
 public:
  // At the entry of a system call. Sends what was held back.
  void show(pid_t pid, pid_t tid);
  // At its exit, and when a thread begins to be stepped.
  void hide(pid_t tid);
  // At the first instruction of a handler: hides what the handler's mask has,
  // and shows the true mask in the signal frame.
  void enter_handler(pid_t tid, const user_regs_struct& registers, bool compat);

  bool blocked() const { return blocked_; }
  // REQUIRES: blocked(). The signal will come with show().
  void hold(const siginfo_t& info) { held_ = info; }

 private:
  bool blocked_ = false;
  std::optional<siginfo_t> held_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_STEP_SIGTRAP_SHIELD_H_
