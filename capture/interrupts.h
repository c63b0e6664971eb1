// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The signals that ptcap itself gets while a program runs under it.

#ifndef PTCAP_CAPTURE_INTERRUPTS_H_
#define PTCAP_CAPTURE_INTERRUPTS_H_

#include <csignal>
#include <optional>

namespace ptcap::capture {

struct Interrupt {
  int signal = 0;  // SIGINT, SIGTERM, SIGHUP or SIGQUIT
  // The terminal sent it to the whole foreground group, so that the program
  // has it already.
  bool from_terminal = false;
};

// While it lives, SIGINT, SIGTERM, SIGHUP and SIGQUIT are noted, SIGPIPE and
// SIGXFSZ ignored (writes fail instead), and a timer interrupts blocking calls
// (EINTR) ten times a second. One at a time; main thread.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  // In a forked child, before exec: everything as it was.
  void undo_in_child() const;

  // The next signal not yet taken.
  std::optional<Interrupt> take();

 private:
  struct Saved {
    int signal;
    struct sigaction action;
  };
  Saved saved_[7];
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_INTERRUPTS_H_
