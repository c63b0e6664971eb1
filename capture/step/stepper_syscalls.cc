// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Stepper: system calls that change what it has to know, or that would show
// the program that it is stepped.

#include <algorithm>

#include "capture/step/stepper.h"
#include "capture/tracee_memory.h"

namespace ptcap::capture {
namespace {

// The handler is the first word of struct sigaction, to the kernel.
uint64_t read_handler(pid_t tid, uint64_t address, bool compat) {
  uint64_t handler = 0;
  uint32_t handler_32 = 0;
  if (!compat) {
    read_value(tid, address, handler);
    return handler;
  }
  read_value(tid, address, handler_32);
  return handler_32;
}

const uint64_t kIgnore = reinterpret_cast<uintptr_t>(SIG_IGN);

}  // namespace

void Stepper::before_call(Thread& thread) {
  const SyscallStop& call = thread.call;
  thread.call_changes_code = changes_code(call, *thread.process->space);
  if (syscall_name(call) == SyscallName::kSigaction) {
    // Read now: the old action may be written over it.
    thread.call_ignores_sigtrap =
        call.args[1] != 0 &&
        read_handler(thread.tid, call.args[1], call.compat) == kIgnore;
  }
}

void Stepper::after_call(Thread& thread) {
  if (thread.call_changes_code) refresh_code(thread);
  thread.call_changes_code = false;
  switch (syscall_name(thread.call)) {
    case SyscallName::kSigaction:
      after_sigaction(thread);
      break;
    case SyscallName::kSchedGetaffinity:
    case SyscallName::kSchedSetaffinity:
      after_affinity_call(thread);
      break;
    case SyscallName::kOther:
    case SyscallName::kMmap:
    case SyscallName::kOldMmap:
    case SyscallName::kMunmap:
    case SyscallName::kMprotect:
    case SyscallName::kMremap:
    case SyscallName::kMadvise:
    case SyscallName::kShmat:
    case SyscallName::kOtherMapping:
      break;
  }
}

// A step on a thread that ignores SIGTRAP has made the kernel forget that.
void Stepper::after_sigaction(Thread& thread) {
  const SyscallStop& call = thread.call;
  user_regs_struct registers = {};
  if (call.args[0] != SIGTRAP || !get_registers(thread.tid, registers) ||
      static_cast<int32_t>(registers.rax) != 0) {
    return;
  }
  const bool was_ignored = thread.process->sigtrap_ignored;
  if (call.args[1] != 0) {
    thread.process->sigtrap_ignored = thread.call_ignores_sigtrap;
  }
  if (call.args[2] == 0 || !was_ignored) return;
  const auto* bytes = reinterpret_cast<const uint8_t*>(&kIgnore);
  write_memory(thread.tid, call.args[2],
               {bytes, call.compat ? sizeof(uint32_t) : sizeof(uint64_t)});
}

void Stepper::after_affinity_call(Thread& thread) {
  const SyscallStop& call = thread.call;
  const auto wanted = static_cast<pid_t>(call.args[0]);
  const auto target = threads_.find(wanted == 0 ? thread.tid : wanted);
  user_regs_struct registers = {};
  if (target == threads_.end() || !get_registers(thread.tid, registers)) return;
  const auto result = static_cast<int32_t>(registers.rax);
  CpuPin& pin = target->second.pin;
  if (result < 0 || !pin.saved()) return;
  if (syscall_name(call) == SyscallName::kSchedSetaffinity) {
    pin.forget();
    return;
  }
  const auto* bytes = reinterpret_cast<const uint8_t*>(&*pin.saved());
  const size_t size =
      std::min<size_t>(static_cast<size_t>(result), sizeof(cpu_set_t));
  write_memory(thread.tid, call.args[2], {bytes, size});
}

// Threads that share the memory see it from their next instruction on.
void Stepper::refresh_code(Thread& thread) {
  AddressSpace& space = *thread.process->space;
  const uint64_t version = space.version();
  space.refresh(thread.tid, recorder_);
  if (space.version() == version) return;
  for (auto& [tid, other] : threads_) {
    if (&other != &thread && other.process->space == thread.process->space) {
      other.time_is_due = true;
    }
  }
}

}  // namespace ptcap::capture
