// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptrace(2) with types. A tracee can die at any moment; every call then says
// false and its end is reported by wait. Called by the tracing thread only.

#ifndef PTCAP_CAPTURE_STEP_TRACEE_H_
#define PTCAP_CAPTURE_STEP_TRACEE_H_

#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdint>
#include <optional>

namespace ptcap::capture {

enum class Resume : uint8_t {
  kStep,     // run one instruction
  kSyscall,  // run to the next entry or exit of a system call
  kFree,     // run until something happens
  kListen,   // stay in a group stop
};

// What is followed. `children` are threads and processes.
struct TraceOptions {
  bool children = true;
};

// Returns 0 or errno.
int seize(pid_t tid, TraceOptions options);
bool interrupt(pid_t tid);
bool resume(pid_t tid, Resume how, int signal);
bool detach(pid_t tid, int signal);
bool get_registers(pid_t tid, user_regs_struct& registers);
// A fifth of the time of get_registers().
bool get_ip(pid_t tid, uint64_t& ip);
bool get_siginfo(pid_t tid, siginfo_t& info);
std::optional<uint64_t> get_signal_mask(pid_t tid);
bool set_signal_mask(pid_t tid, uint64_t mask);
// Of PTRACE_EVENT_FORK, VFORK, CLONE, EXEC.
std::optional<pid_t> get_event_tid(pid_t tid);

// A system call at its entry or exit.
struct SyscallStop {
  bool entry = false;
  bool compat = false;  // the 32-bit calls
  uint64_t number = 0;
  uint64_t args[6] = {};
  int64_t result = 0;  // at exit
};
std::optional<SyscallStop> get_syscall_stop(pid_t tid);

// What wait reported of a stopped tracee.
class StopStatus {
 public:
  explicit StopStatus(int status) : status_(status) {}
  int signal() const { return WSTOPSIG(status_) & ~kSyscallBit; }
  bool is_syscall() const {
    return WSTOPSIG(status_) == (SIGTRAP | kSyscallBit);
  }
  // PTRACE_EVENT_*, or 0.
  int event() const { return status_ >> 16; }
  bool is_group_stop() const {
    return event() == PTRACE_EVENT_STOP && signal() != SIGTRAP;
  }

 private:
  static constexpr int kSyscallBit = 0x80;  // PTRACE_O_TRACESYSGOOD
  int status_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_STEP_TRACEE_H_
