// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/tracee.h"

#include <elf.h>
#include <linux/audit.h>

#include <cerrno>
#include <cstddef>

namespace ptcap::capture {
namespace {

// glibc declares neither.
constexpr auto kGetSigmask = static_cast<__ptrace_request>(0x420a);
constexpr auto kSetSigmask = static_cast<__ptrace_request>(0x420b);

template <typename T>
void* as_data(T value) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): ptrace's calling convention
  return reinterpret_cast<void*>(static_cast<uintptr_t>(value));
}

__ptrace_request request_of(Resume how) {
  switch (how) {
    case Resume::kStep:
      return PTRACE_SINGLESTEP;
    case Resume::kSyscall:
      return PTRACE_SYSCALL;
    case Resume::kFree:
      return PTRACE_CONT;
    case Resume::kListen:
      return PTRACE_LISTEN;
  }
  return PTRACE_CONT;
}

}  // namespace

int seize(pid_t tid, TraceOptions options) {
  // A tracee that stepped would die of a SIGTRAP that nobody expects soon
  // after its tracer (Linux leaves the trap flag set), so that SIGKILL is the
  // better end: at once, and never half way through a repair of ours.
  uintptr_t bits = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL |
                   PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT;
  if (options.children) {
    bits |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
  }
  return ptrace(PTRACE_SEIZE, tid, nullptr, as_data(bits)) == 0 ? 0 : errno;
}

bool interrupt(pid_t tid) {
  return ptrace(PTRACE_INTERRUPT, tid, nullptr, nullptr) == 0;
}

bool resume(pid_t tid, Resume how, int signal) {
  return ptrace(request_of(how), tid, nullptr, as_data(signal)) == 0;
}

bool detach(pid_t tid, int signal) {
  return ptrace(PTRACE_DETACH, tid, nullptr, as_data(signal)) == 0;
}

bool get_registers(pid_t tid, user_regs_struct& registers) {
  return ptrace(PTRACE_GETREGS, tid, nullptr, &registers) == 0;
}

bool get_ip(pid_t tid, uint64_t& ip) {
  errno = 0;
  const long word = ptrace(PTRACE_PEEKUSER, tid,
                           as_data(offsetof(user_regs_struct, rip)), nullptr);
  ip = static_cast<uint64_t>(word);
  return errno == 0;
}

bool get_siginfo(pid_t tid, siginfo_t& info) {
  return ptrace(PTRACE_GETSIGINFO, tid, nullptr, &info) == 0;
}

std::optional<uint64_t> get_signal_mask(pid_t tid) {
  uint64_t mask = 0;
  if (ptrace(kGetSigmask, tid, as_data(sizeof mask), &mask) != 0) {
    return std::nullopt;
  }
  return mask;
}

bool set_signal_mask(pid_t tid, uint64_t mask) {
  return ptrace(kSetSigmask, tid, as_data(sizeof mask), &mask) == 0;
}

std::optional<pid_t> get_event_tid(pid_t tid) {
  unsigned long message = 0;
  if (ptrace(PTRACE_GETEVENTMSG, tid, nullptr, &message) != 0) {
    return std::nullopt;
  }
  return static_cast<pid_t>(message);
}

std::optional<SyscallStop> get_syscall_stop(pid_t tid) {
  __ptrace_syscall_info info = {};
  if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, as_data(sizeof info), &info) <= 0) {
    return std::nullopt;
  }
  SyscallStop stop;
  stop.compat = info.arch == AUDIT_ARCH_I386;
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
    constexpr uint64_t kX32Bit = 0x40000000;
    stop.entry = true;
    stop.number = stop.compat ? info.entry.nr : info.entry.nr & ~kX32Bit;
    for (int i = 0; i < 6; ++i) stop.args[i] = info.entry.args[i];
  } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
    stop.result = info.exit.rval;
  } else {
    return std::nullopt;
  }
  return stop;
}

}  // namespace ptcap::capture
