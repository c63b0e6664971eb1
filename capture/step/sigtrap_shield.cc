// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/sigtrap_shield.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "capture/step/signal_frame.h"
#include "capture/step/tracee.h"

namespace ptcap::capture {
namespace {

constexpr uint64_t kSigtrapBit = 1u << (SIGTRAP - 1);

}  // namespace

void SigtrapShield::show(pid_t pid, pid_t tid) {
  if (!blocked_) return;
  if (const auto mask = get_signal_mask(tid)) {
    set_signal_mask(tid, *mask | kSigtrapBit);
  }
  if (!held_) return;
  // The kernel lets nobody else pretend that a signal came from it, or from
  // kill(); the sender is lost then.
  if (syscall(SYS_rt_tgsigqueueinfo, pid, tid, SIGTRAP, &*held_) != 0) {
    syscall(SYS_tgkill, pid, tid, SIGTRAP);
  }
  held_.reset();
}

void SigtrapShield::hide(pid_t tid) {
  const auto mask = get_signal_mask(tid);
  if (!mask) return;
  blocked_ = (*mask & kSigtrapBit) != 0;
  if (blocked_) set_signal_mask(tid, *mask & ~kSigtrapBit);
}

void SigtrapShield::enter_handler(pid_t tid, const user_regs_struct& registers,
                                  bool compat) {
  if (!blocked_) {
    hide(tid);
    return;
  }
  block_sigtrap_in_frame(tid, registers, compat);
  hide(tid);
  blocked_ = true;
}

}  // namespace ptcap::capture
