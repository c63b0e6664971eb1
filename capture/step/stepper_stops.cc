// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Stepper: what a thread has run between two stops.

#include "capture/proc_files.h"
#include "capture/step/signal_frame.h"
#include "capture/step/stepper.h"
#include "capture/tracee_memory.h"

namespace ptcap::capture {
namespace {

constexpr uint64_t kTrapFlag = 0x100;

// arch/x86/include/asm/segment.h: __USER32_CS; everything else is 64-bit.
x86::Mode mode_of(const user_regs_struct& registers) {
  constexpr unsigned kUser32Cs = 0x23;
  return registers.cs == kUser32Cs ? x86::Mode::k32 : x86::Mode::k64;
}

// ptrace_notify(SIGTRAP) behind the set-up of a signal frame.
constexpr int kHandlerStop = SIGTRAP;

// Where SYSCALL, SYSENTER's landing pad and INT 0x80 are 2 bytes before.
constexpr uint64_t kSyscallInsnSize = 2;

}  // namespace

void Stepper::on_stop(Thread& thread, StopStatus stop) {
  if (stop.event() != 0) {
    on_event(thread, stop);
  } else if (thread.flow == nullptr) {
    go_on(thread, stop.is_syscall() ? 0 : stop.signal());
  } else if (stop.is_syscall()) {
    on_syscall(thread);
  } else if (stop.signal() == SIGTRAP) {
    on_trap(thread);
  } else {
    on_signal(thread, stop.signal());
  }
}

// Nearly all stops, with the least of calls. A SIGTRAP with another cause
// leaves the ip where it is, follows an instruction that is not plain, or was
// sent by another thread in the very moment of the step.
bool Stepper::on_plain_step(Thread& thread) {
  uint64_t ip = 0;
  if (!thread.insn.plain || thread.takes_signal ||
      thread.program_set_trap_flag || thread.time_is_due ||
      thread.process->threads > 1 || !get_ip(thread.tid, ip) ||
      ip == thread.ip || page_of(ip) == kVsyscallPage) {
    return false;
  }
  run_insn(thread, ip, thread.mode);
  stand_at(thread, ip, thread.mode);
  go_on(thread);
  return true;
}

void Stepper::on_trap(Thread& thread) {
  if (on_plain_step(thread)) return;
  siginfo_t info = {};
  user_regs_struct registers = {};
  if (!get_siginfo(thread.tid, info) || !get_registers(thread.tid, registers)) {
    return;
  }
  if (info.si_code == TRAP_TRACE) {
    const bool due = thread.program_set_trap_flag;
    on_step(thread, registers);
    go_on(thread, due ? SIGTRAP : 0);
  } else if (info.si_code == kHandlerStop) {
    on_handler(thread, registers);
  } else if (info.si_code == TRAP_BRKPT && thread.insn.system_call) {
    on_stepped_syscall(thread, registers);
  } else {
    on_signal(thread, SIGTRAP);
  }
}

void Stepper::on_step(Thread& thread, const user_regs_struct& registers) {
  const x86::Mode mode = mode_of(registers);
  if (thread.time_is_due) {
    thread.flow->mark_time(thread.ip);
    thread.time_is_due = false;
  }
  thread.program_set_trap_flag = (registers.eflags & kTrapFlag) != 0;
  if (thread.insn.push_flags && !thread.program_set_trap_flag) {
    uint8_t byte = 0;  // the one that holds the trap flag
    if (read_value(thread.tid, registers.rsp + 1, byte)) {
      byte &= static_cast<uint8_t>(~(kTrapFlag >> 8));
      write_memory(thread.tid, registers.rsp + 1, {&byte, 1});
    }
  }
  if (page_of(thread.ip) == kVsyscallPage) {
    run_vsyscall(thread, registers.rip, mode);
  } else {
    run_insn(thread, registers.rip, mode);
  }
  thread.step_to_forget =
      thread.insn.loads_flags && !thread.program_set_trap_flag;
  thread.stack_pointer = registers.rsp;
  stand_at(thread, registers.rip, mode);
}

void Stepper::run_insn(Thread& thread, uint64_t to, x86::Mode mode_after) {
  const uint64_t next = thread.ip + thread.insn.insn.length;
  if (thread.insn.trap_shadow && to != next) {
    thread.flow->step(thread.insn, thread.ip, next, thread.mode);
    log(thread);
    stand_at(thread, next, thread.mode);
  }
  const bool repeats =
      thread.insn.insn.kind == x86::InsnClass::kOther && to == thread.ip;
  if (thread.flow->step(thread.insn, thread.ip, to, mode_after) && !repeats) {
    log(thread);
  }
}

// The kernel has emulated the call that the fault at the page asked for, and
// its return; then, maybe, an instruction was stepped.
void Stepper::run_vsyscall(Thread& thread, uint64_t to, x86::Mode mode_after) {
  thread.flow->interrupt(thread.ip);
  uint64_t return_address = 0;
  if (!read_value(thread.tid, thread.stack_pointer, return_address)) return;
  if (to == return_address) return;
  stand_at(thread, return_address, thread.mode);
  run_insn(thread, to, mode_after);
}

void Stepper::stand_at(Thread& thread, uint64_t ip, x86::Mode mode) {
  thread.ip = ip;
  thread.mode = mode;
  AddressSpace& space = *thread.process->space;
  AddressSpace::Fetched code;
  space.fetch(thread.tid, ip, code);
  if (!code.recorded && page_of(ip) != kVsyscallPage &&
      space.find(ip) == nullptr) {
    refresh_code(thread);
    space.fetch(thread.tid, ip, code);
  }
  const formats::Bytes bytes(code.bytes.data(), code.size);
  thread.insn = decode_step_insn(bytes, mode);
  thread.readable = code.size != 0;
  const size_t length =
      thread.insn.insn.length != 0 ? thread.insn.insn.length : code.size;
  const bool crosses_page = page_of(ip) != page_of(ip + length - 1);
  if (thread.readable && (!code.recorded || crosses_page)) {
    thread.flow->check_code(thread.tid, ip, bytes.first(length), space);
  }
}

void Stepper::on_handler(Thread& thread, const user_regs_struct& registers) {
  thread.flow->interrupt(thread.ip);
  thread.restarts = false;
  const x86::Mode mode = mode_of(registers);
  thread.flow->set_mode(mode);
  if (thread.insn.loads_flags && !thread.program_set_trap_flag) {
    clear_trap_flag_in_frame(thread.tid, registers, mode == x86::Mode::k32);
  }
  thread.program_set_trap_flag = false;
  thread.takes_signal = false;
  thread.shield.enter_handler(thread.tid, registers, mode == x86::Mode::k32);
  stand_at(thread, registers.rip, mode);
  go_on(thread);
}

void Stepper::on_syscall(Thread& thread) {
  const auto stop = get_syscall_stop(thread.tid);
  if (!stop) return;  // it is dying
  if (!stop->entry) {
    on_syscall_exit(thread);
    return;
  }
  thread.flow->enter_kernel(thread.ip);
  log(thread);
  thread.in_syscall = true;
  thread.restarts = false;
  thread.call = *stop;
  thread.shield.show(thread.process->pid, thread.tid);
  before_call(thread);
  go_on(thread);
}

void Stepper::on_syscall_exit(Thread& thread) {
  user_regs_struct registers = {};
  if (!get_registers(thread.tid, registers)) return;
  thread.in_syscall = false;
  thread.restarts = is_restarted(registers, thread.call.compat);
  // The mask may be a temporary one (sigsuspend), which a look would end.
  if (!thread.restarts) thread.shield.hide(thread.tid);
  after_call(thread);
  come_back(thread, registers);
  if (!thread.readable && thread.process->space->find(thread.ip) != nullptr) {
    abandon(thread, "its code cannot be read");
    return;
  }
  go_on(thread);
}

// Only where a signal that was to be caught was not: the kernel has forced a
// SIGTRAP behind the call.
void Stepper::on_stepped_syscall(Thread& thread,
                                 const user_regs_struct& registers) {
  thread.flow->enter_kernel(thread.ip);
  log(thread);
  thread.restarts =
      is_restarted(registers, mode_of(registers) == x86::Mode::k32);
  if (!thread.restarts) thread.shield.hide(thread.tid);
  refresh_code(thread);
  come_back(thread, registers);
  go_on(thread);
}

// From the kernel, to where it called it or somewhere else.
void Stepper::come_back(Thread& thread, const user_regs_struct& registers) {
  const x86::Mode mode = mode_of(registers);
  thread.flow->set_mode(mode);
  thread.program_set_trap_flag = (registers.eflags & kTrapFlag) != 0;
  thread.stack_pointer = registers.rsp;
  stand_at(thread, registers.rip - (thread.restarts ? kSyscallInsnSize : 0),
           mode);
}

// A signal can come before the instruction has run, or because of it: INT3,
// or the end of the step itself, where both are one SIGTRAP to the kernel.
void Stepper::run_until(Thread& thread, const user_regs_struct& registers) {
  if (registers.rip == thread.ip || thread.restarts || thread.in_syscall) {
    return;
  }
  const x86::Mode mode = mode_of(registers);
  if (thread.insn.system_call ||
      thread.insn.insn.kind == x86::InsnClass::kInterrupt) {
    thread.flow->enter_kernel(thread.ip);
    log(thread);
  } else {
    run_insn(thread, registers.rip, mode);
  }
  stand_at(thread, registers.rip, mode);
}

void Stepper::on_signal(Thread& thread, int signal) {
  siginfo_t info = {};
  user_regs_struct registers = {};
  if (!get_registers(thread.tid, registers) || !get_siginfo(thread.tid, info)) {
    return;
  }
  run_until(thread, registers);
  if (signal == SIGTRAP && keeps_from_program(thread, info)) signal = 0;
  go_on(thread, signal);
}

// Signals that only a step could have let through.
bool Stepper::keeps_from_program(Thread& thread, const siginfo_t& info) {
  if (info.si_code > 0) return false;  // forced by the kernel
  if (thread.process->sigtrap_ignored) return true;
  if (!thread.shield.blocked()) return false;
  thread.shield.hold(info);
  return true;
}

void Stepper::go_on(Thread& thread, int signal) {
  if (state_ == State::kLettingGo && !thread.exiting) {
    let_go(thread, signal);
    return;
  }
  if (thread.step_to_forget) {
    forget_step(thread, signal);
    return;
  }
  Resume how = Resume::kStep;
  if (thread.flow == nullptr || thread.exiting) {
    how = Resume::kFree;
  } else if (thread.in_syscall || thread.insn.system_call) {
    how = Resume::kSyscall;
    // Only a step stops before a handler.
    if (signal != 0 && !thread.in_syscall) {
      const auto status = read_status(thread.tid);
      if (status && has_signal(status->caught, signal)) how = Resume::kStep;
    }
  }
  thread.resumed = how;
  thread.takes_signal = signal != 0;
  resume(thread.tid, how, signal);
}

// In front of POPF and IRET the kernel forgets that the trap flag is the
// tracer's. If they have loaded none, the next PTRACE_SINGLESTEP would set it
// as the program's own, for good (enable_single_step, while TIF_SINGLESTEP is
// set). Going on freely clears that state; a stop that is asked for before
// keeps the thread from running.
void Stepper::forget_step(Thread& thread, int signal) {
  thread.step_to_forget = false;
  thread.resumed = Resume::kFree;
  thread.takes_signal = signal != 0;
  interrupt(thread.tid);
  resume(thread.tid, Resume::kFree, signal);
}

void Stepper::log(const Thread& thread) {
  if (!step_log_) return;
  step_log_->add({static_cast<uint32_t>(thread.process->pid),
                  static_cast<uint32_t>(thread.tid), thread.ip});
}

}  // namespace ptcap::capture
