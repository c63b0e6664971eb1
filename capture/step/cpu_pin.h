// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Keeps the tracer and what it steps on one CPU, and the program from seeing
// it.

#ifndef PTCAP_CAPTURE_STEP_CPU_PIN_H_
#define PTCAP_CAPTURE_STEP_CPU_PIN_H_

#include <sched.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace ptcap::capture {

// A step is two switches between tracer and tracee. Across CPUs each wakes an
// idle one up, which costs three times as much as switching in place
// (tests/bench/step_rate). So both are pinned; sched_getaffinity() of the
// program says what it would say otherwise. What /proc/PID/status and getcpu()
// say is not hidden.
class CpuPin {
 public:
  // Pins a thread that begins to be stepped, to the CPU of the caller.
  void pin(pid_t tid);
  // For a thread that `parent` has made: it inherited the one CPU.
  void inherit(const CpuPin& parent) { saved_ = parent.saved_; }
  // As it was. Idempotent.
  void release(pid_t tid);

  // The program has changed the affinity of the thread itself: its wish
  // counts from now on.
  void forget() { saved_.reset(); }
  // What it would be without the pin; nullopt if not pinned.
  const std::optional<cpu_set_t>& saved() const { return saved_; }

 private:
  std::optional<cpu_set_t> saved_;
};

// Pins the calling thread to the CPU that it runs on.
void pin_this_thread();

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_STEP_CPU_PIN_H_
