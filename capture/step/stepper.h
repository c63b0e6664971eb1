// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The tracer: what each thread is doing, and what to do about each stop.

#ifndef PTCAP_CAPTURE_STEP_STEPPER_H_
#define PTCAP_CAPTURE_STEP_STEPPER_H_

#include <sys/types.h>
#include <sys/user.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "capture/interrupts.h"
#include "capture/recorder.h"
#include "capture/source.h"
#include "capture/step/address_space.h"
#include "capture/step/cpu_pin.h"
#include "capture/step/sigtrap_shield.h"
#include "capture/step/step_insn.h"
#include "capture/step/step_log.h"
#include "capture/step/syscall_effects.h"
#include "capture/step/thread_flow.h"
#include "capture/step/tracee.h"

namespace ptcap::capture {

// Steps all threads of what it is given, in one loop in one thread: ptrace
// allows no other, and it makes one order of all that happens.
//
// How a thread goes on from a stop depends on the instruction it stands at:
// PTRACE_SINGLESTEP, but PTRACE_SYSCALL for system calls, which then run
// without trap flag (it would be visible in r11), with the program's own
// signal mask, and end in a stop that forces no SIGTRAP. A signal is passed on
// with PTRACE_SINGLESTEP, which stops before the handler's first instruction.
class Stepper {
 public:
  Stepper(const CaptureOptions& options, const SoftwarePtTerms& terms,
          Recorder& recorder, InterruptGuard& interrupts);

  // Takes over a child that launch() has started.
  void add_program(pid_t pid);
  // Seizes one thread; with `children` also what it will make.
  void attach(pid_t tid, TraceOptions trace);

  // Until all is over (source.h).
  ProgramEnd run();

 private:
  struct Process {
    pid_t pid = 0;
    std::shared_ptr<AddressSpace> space;
    unsigned threads = 0;
    bool announced = false;
    // The program ignores SIGTRAP; a step has made that "default" in the
    // kernel's eyes.
    bool sigtrap_ignored = false;
  };

  struct Thread {
    pid_t tid = 0;
    std::shared_ptr<Process> process;
    std::unique_ptr<ThreadFlow> flow;  // while it is recorded

    // Where it stands in user code, or will when it comes back.
    uint64_t ip = 0;
    StepInsn insn;
    x86::Mode mode = x86::Mode::k64;
    uint64_t stack_pointer = 0;
    bool readable = true;  // the instruction
    bool program_set_trap_flag = false;

    bool in_syscall = false;
    // It will run the system call instruction before `ip` in the registers
    // again, unless a handler comes first.
    bool restarts = false;
    SyscallStop call;  // the last one
    bool call_changes_code = false;
    bool call_ignores_sigtrap = false;

    bool time_is_due = false;  // code was mapped by another thread
    bool exiting = false;
    bool takes_signal = false;  // resumed with one
    // The kernel has lost track of whose the trap flag is; see forget_step().
    bool step_to_forget = false;
    Resume resumed = Resume::kFree;
    SigtrapShield shield;
    CpuPin pin;
  };

  enum class State : uint8_t { kDelayed, kRecording, kLettingGo };

  // stepper.cc: the loop.
  void wait_once();
  void look_around();
  void take_interrupts();
  void begin_recording();
  void begin_letting_go();
  void wait_for_program();
  void flush_flows();

  // stepper_stops.cc: a thread ran some way.
  void on_stop(Thread& thread, StopStatus stop);
  void on_trap(Thread& thread);
  bool on_plain_step(Thread& thread);
  void on_step(Thread& thread, const user_regs_struct& registers);
  void on_handler(Thread& thread, const user_regs_struct& registers);
  void on_stepped_syscall(Thread& thread, const user_regs_struct& registers);
  void on_syscall(Thread& thread);
  void on_syscall_exit(Thread& thread);
  void come_back(Thread& thread, const user_regs_struct& registers);
  void on_signal(Thread& thread, int signal);
  bool keeps_from_program(Thread& thread, const siginfo_t& info);
  void run_insn(Thread& thread, uint64_t to, x86::Mode mode_after);
  void run_vsyscall(Thread& thread, uint64_t to, x86::Mode mode_after);
  void run_until(Thread& thread, const user_regs_struct& registers);
  void stand_at(Thread& thread, uint64_t ip, x86::Mode mode);
  void go_on(Thread& thread, int signal = 0);
  void forget_step(Thread& thread, int signal);
  void log(const Thread& thread);

  // stepper_syscalls.cc: system calls that matter.
  void before_call(Thread& thread);
  void after_call(Thread& thread);
  void after_sigaction(Thread& thread);
  void after_affinity_call(Thread& thread);
  void refresh_code(Thread& thread);

  // stepper_tasks.cc: threads and processes come and go.
  void on_event(Thread& thread, StopStatus stop);
  void on_ptrace_stop(Thread& thread, StopStatus stop);
  void on_new_task(Thread& parent, int event);
  void on_exec(Thread& thread);
  void on_exit(Thread& thread);
  void on_end(pid_t tid, int status);
  Thread& add_thread(pid_t tid, std::shared_ptr<Process> process);
  std::shared_ptr<Process> make_process(pid_t pid);
  std::shared_ptr<Process> find_process(pid_t pid);
  void adopt_orphans();
  void begin_thread(Thread& thread);
  void announce(Process& process);
  void start_flow(Thread& thread, x86::Mode mode);
  void end_flow(Thread& thread);
  void let_go(Thread& thread, int signal);
  void abandon(Thread& thread, const std::string& why);
  void note_not_followed(const Thread& thread, const std::string& why);
  void erase(Thread& thread);

  const CaptureOptions& options_;
  SoftwarePtTerms terms_;
  Recorder& recorder_;
  InterruptGuard& interrupts_;
  std::unique_ptr<StepLog> step_log_;

  State state_ = State::kRecording;
  uint64_t recording_from_ns_ = 0;
  bool begun_ = false;
  bool follows_children_ = true;
  bool interrupted_ = false;
  pid_t program_ = 0;  // launched, 0 if attached
  std::optional<ProgramEnd> end_;
  uint64_t let_go_count_ = 0;

  std::unordered_map<pid_t, Thread> threads_;
  std::unordered_map<pid_t, std::weak_ptr<Process>> processes_;
  // Stopped children whose parent's event has not come yet.
  std::map<pid_t, int> early_;
  unsigned stops_until_look_ = 0;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_STEP_STEPPER_H_
