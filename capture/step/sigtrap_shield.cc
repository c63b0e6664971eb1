// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/sigtrap_shield.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "capture/step/tracee.h"
#include "capture/tracee_memory.h"

namespace ptcap::capture {
namespace {

constexpr uint64_t kSigtrapBit = 1u << (SIGTRAP - 1);

// arch/x86/include/asm/sigframe.h: the return address, then the ucontext:
// flags, link, stack, sigcontext, mask.
constexpr uint64_t kMaskInFrame64 = 8 + 8 + 8 + 24 + 256;
// rt_sigframe_ia32: return address, signal, two pointers, siginfo; ucontext.
constexpr uint64_t kUcontextPointer32 = 4 + 4 + 4;
constexpr uint64_t kMaskInUcontext32 = 4 + 4 + 12 + 88;

void show_in_frame(pid_t tid, uint64_t address) {
  uint8_t low = 0;
  if (!read_value(tid, address, low)) return;
  low |= kSigtrapBit;
  write_memory(tid, address, {&low, 1});
}

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
  uint32_t ucontext = 0;
  if (!compat) {
    show_in_frame(tid, registers.rsp + kMaskInFrame64);
  } else if (read_value(tid, registers.rsp + kUcontextPointer32, ucontext)) {
    show_in_frame(tid, uint64_t{ucontext} + kMaskInUcontext32);
  }
  hide(tid);
  blocked_ = true;
}

}  // namespace ptcap::capture
