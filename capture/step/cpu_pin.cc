// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/cpu_pin.h"

namespace ptcap::capture {
namespace {

cpu_set_t only(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  return set;
}

}  // namespace

void CpuPin::pin(pid_t tid) {
  cpu_set_t own;
  const int cpu = sched_getcpu();
  if (saved_ || cpu < 0 || sched_getaffinity(tid, sizeof own, &own) != 0)
    return;
  if (!CPU_ISSET(static_cast<unsigned>(cpu), &own)) return;
  const cpu_set_t one = only(cpu);
  if (sched_setaffinity(tid, sizeof one, &one) == 0) saved_ = own;
}

void CpuPin::release(pid_t tid) {
  if (saved_) sched_setaffinity(tid, sizeof *saved_, &*saved_);
  saved_.reset();
}

void pin_this_thread() {
  const int cpu = sched_getcpu();
  if (cpu < 0) return;
  const cpu_set_t one = only(cpu);
  sched_setaffinity(0, sizeof one, &one);
}

}  // namespace ptcap::capture
