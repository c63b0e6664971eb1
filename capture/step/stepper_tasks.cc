// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Stepper: threads and processes come and go.

#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "capture/error.h"
#include "capture/message.h"
#include "capture/proc_files.h"
#include "capture/step/stepper.h"

namespace ptcap::capture {
namespace {

x86::Mode mode_of(const user_regs_struct& registers) {
  constexpr unsigned kUser32Cs = 0x23;
  return registers.cs == kUser32Cs ? x86::Mode::k32 : x86::Mode::k64;
}

// The SIGTRAP of a step is still on its way to the thread: other stops come
// first. Letting go now would kill the program with it.
bool has_pending_step(pid_t tid) {
  const auto status = read_status(tid);
  return status && has_signal(status->pending, SIGTRAP);
}

bool share_memory(pid_t one, pid_t other, int event) {
  const long order = syscall(SYS_kcmp, one, other, KCMP_VM, 0, 0);
  if (order < 0) return event == PTRACE_EVENT_VFORK;  // no kcmp here
  return order == 0;
}

std::string attach_advice(pid_t tid, int error) {
  const auto status = read_status(tid);
  if (status && status->tracer_pid != 0) {
    return "\n  process " + std::to_string(status->tracer_pid) +
           " traces it already, and only one can";
  }
  if (error != EPERM) return "";
  const std::string scope = read_file("/proc/sys/kernel/yama/ptrace_scope");
  if (!scope.empty() && scope[0] != '0' && ::geteuid() != 0) {
    return std::string("\n  kernel.yama.ptrace_scope is ") + scope[0] +
           "; 'sudo sysctl kernel.yama.ptrace_scope=0' allows it";
  }
  return "\n  it belongs to another user, or may not be traced at all";
}

}  // namespace

std::shared_ptr<Stepper::Process> Stepper::make_process(pid_t pid) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->space = std::make_shared<AddressSpace>(
      AddressSpace::Options{.sees_all_threads = follows_children_});
  process->space->add_user(pid);
  if (const auto status = read_status(pid)) {
    process->sigtrap_ignored = has_signal(status->ignored, SIGTRAP);
  }
  processes_[pid] = process;
  return process;
}

std::shared_ptr<Stepper::Process> Stepper::find_process(pid_t pid) {
  const auto known = processes_.find(pid);
  return known == processes_.end() ? nullptr : known->second.lock();
}

Stepper::Thread& Stepper::add_thread(pid_t tid,
                                     std::shared_ptr<Process> process) {
  Thread& thread = threads_[tid];
  thread.tid = tid;
  thread.process = std::move(process);
  ++thread.process->threads;
  return thread;
}

void Stepper::erase(Thread& thread) {
  const std::shared_ptr<Process> process = thread.process;
  threads_.erase(thread.tid);
  if (--process->threads > 0) return;
  process->space->remove_user(process->pid);
  processes_.erase(process->pid);
}

void Stepper::add_program(pid_t pid) {
  program_ = pid;
  Thread& thread = add_thread(pid, make_process(pid));
  if (state_ == State::kRecording) {
    if (!begun_) begin_recording();
    on_exec(thread);
  } else {
    go_on(thread);
  }
}

void Stepper::attach(pid_t tid, TraceOptions trace) {
  follows_children_ = trace.children;
  const int error = seize(tid, trace);
  if (error != 0) {
    throw CaptureError(
        system_message("ptrace(" + std::to_string(tid) + ")", error) +
        attach_advice(tid, error));
  }
  const auto status = read_status(tid);
  const pid_t pid = status ? status->pid : tid;
  auto process = find_process(pid);
  add_thread(tid, process ? process : make_process(pid));
  if (state_ == State::kRecording) interrupt(tid);
}

void Stepper::on_event(Thread& thread, StopStatus stop) {
  switch (stop.event()) {
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
      on_new_task(thread, stop.event());
      go_on(thread);
      break;
    case PTRACE_EVENT_EXEC:
      on_exec(thread);
      break;
    case PTRACE_EVENT_EXIT:
      on_exit(thread);
      break;
    default:
      on_ptrace_stop(thread, stop);
      break;
  }
}

// PTRACE_EVENT_STOP: a new thread, an interrupt of ours, a group stop or its
// end. Nothing of the program has run unless a step's SIGTRAP is to come.
void Stepper::on_ptrace_stop(Thread& thread, StopStatus stop) {
  if (state_ == State::kLettingGo) {
    if (thread.flow && thread.resumed == Resume::kStep &&
        has_pending_step(thread.tid)) {
      resume(thread.tid, Resume::kStep, 0);
    } else {
      let_go(thread, 0);
    }
    return;
  }
  if (thread.flow == nullptr && state_ == State::kRecording) {
    begin_thread(thread);
  }
  // A signal that came along with forget_step() is in its handler.
  user_regs_struct registers = {};
  if (thread.flow && thread.takes_signal && thread.resumed == Resume::kFree &&
      get_registers(thread.tid, registers) && registers.rip != thread.ip) {
    on_handler(thread, registers);
    return;
  }
  if (stop.is_group_stop()) {
    resume(thread.tid, Resume::kListen, 0);
  } else {
    go_on(thread);
  }
}

void Stepper::begin_thread(Thread& thread) {
  user_regs_struct registers = {};
  if (!get_registers(thread.tid, registers)) return;
  if (!thread.process->announced) announce(*thread.process);
  const x86::Mode mode = mode_of(registers);
  start_flow(thread, mode);
  thread.restarts = is_restarted(registers, mode == x86::Mode::k32);
  if (!thread.restarts) thread.shield.hide(thread.tid);
  come_back(thread, registers);
}

void Stepper::start_flow(Thread& thread, x86::Mode mode) {
  thread.flow = std::make_unique<ThreadFlow>(thread.process->pid, thread.tid,
                                             terms_, mode, recorder_);
  thread.mode = mode;
  thread.pin.pin(thread.tid);
}

// Names and mappings of a process that is recorded from now on.
void Stepper::announce(Process& process) {
  process.announced = true;
  recorder_.comm(process.pid, process.pid, read_comm(process.pid),
                 /*exec=*/false, recorder_.now_ns());
  for (const auto& [tid, thread] : threads_) {
    if (thread.process->pid != process.pid || tid == process.pid) continue;
    recorder_.fork(process.pid, tid, process.pid, process.pid,
                   recorder_.now_ns());
    recorder_.comm(process.pid, tid, read_comm(tid), /*exec=*/false,
                   recorder_.now_ns());
  }
  process.space->refresh(process.pid, recorder_);
}

void Stepper::on_new_task(Thread& parent, int event) {
  const auto tid = get_event_tid(parent.tid);
  if (!tid || threads_.contains(*tid)) return;
  const auto status = read_status(*tid);
  const pid_t pid = status ? status->pid : *tid;
  auto process = find_process(pid);
  if (process == nullptr) {
    process = make_process(pid);
    if (share_memory(parent.tid, *tid, event)) {
      process->space = parent.process->space;
    } else {
      process->space = parent.process->space->clone();
    }
    process->space->add_user(pid);
    process->announced = parent.process->announced;
    process->sigtrap_ignored = parent.process->sigtrap_ignored;
  }
  Thread& child = add_thread(*tid, process);
  child.pin.inherit(parent.pin);
  if (parent.flow != nullptr) {
    recorder_.fork(pid, *tid, parent.process->pid, parent.tid,
                   recorder_.now_ns());
  }
  const auto early = early_.find(*tid);
  if (early == early_.end()) return;
  const StopStatus stop(early->second);
  early_.erase(early);
  on_stop(child, stop);
}

// Their parent was killed before it could say so.
void Stepper::adopt_orphans() {
  for (auto at = early_.begin(); at != early_.end();) {
    const auto status = read_status(at->first);
    const bool parent_lives =
        status &&
        threads_.contains(status->pid == at->first ? status->parent_pid
                                                   : status->pid);
    if (parent_lives) {
      ++at;
      continue;
    }
    const pid_t pid = status ? status->pid : at->first;
    auto process = find_process(pid);
    Thread& child =
        add_thread(at->first, process ? process : make_process(pid));
    const StopStatus stop(at->second);
    at = early_.erase(at);
    on_stop(child, stop);
  }
}

void Stepper::on_exec(Thread& leader) {
  const pid_t pid = leader.process->pid;
  const pid_t tid = get_event_tid(leader.tid).value_or(pid);
  const auto caller = threads_.find(tid);
  if (tid != pid && caller != threads_.end()) {
    // The calling thread has taken the leader's place and number.
    end_flow(leader);
    end_flow(caller->second);
    leader.shield = caller->second.shield;
    leader.pin = caller->second.pin;
    leader.exiting = false;
    if (begun_) recorder_.exit(pid, tid, pid, pid, recorder_.now_ns());
    erase(caller->second);
  }
  Process& process = *leader.process;
  process.space->remove_user(pid);
  process.space = std::make_shared<AddressSpace>(
      AddressSpace::Options{.sees_all_threads = follows_children_});
  process.space->add_user(pid);
  leader.in_syscall = true;
  leader.restarts = false;
  if (state_ == State::kRecording) {
    process.announced = true;
    recorder_.comm(pid, pid, read_comm(pid), /*exec=*/true, recorder_.now_ns());
    process.space->refresh(pid, recorder_);
    if (leader.flow == nullptr) start_flow(leader, leader.mode);
  }
  go_on(leader);
}

// The thread is about to be gone; it has run as far as it ever will.
void Stepper::on_exit(Thread& thread) {
  user_regs_struct registers = {};
  if (thread.flow && get_registers(thread.tid, registers)) {
    run_until(thread, registers);
  }
  end_flow(thread);
  thread.exiting = true;
  go_on(thread);
}

void Stepper::end_flow(Thread& thread) {
  if (thread.flow == nullptr) return;
  thread.flow->end(thread.ip);
  thread.flow.reset();
}

void Stepper::let_go(Thread& thread, int signal) {
  end_flow(thread);
  thread.shield.show(thread.process->pid, thread.tid);
  thread.pin.release(thread.tid);
  detach(thread.tid, signal);
  if (end_ && recorder_.stop_asked() == StopReason::kNone) {
    ++let_go_count_;
    note_not_followed(thread, "outlived the program");
  }
  erase(thread);
}

void Stepper::abandon(Thread& thread, const std::string& why) {
  print_message("process " + std::to_string(thread.process->pid) + ": " + why +
                "; it runs on untraced");
  note_not_followed(thread, why);
  let_go(thread, 0);
}

void Stepper::note_not_followed(const Thread& thread, const std::string& why) {
  formats::Loss loss;
  loss.cause = formats::LossCause::kNotFollowed;
  loss.pid = static_cast<uint32_t>(thread.process->pid);
  loss.tid = static_cast<uint32_t>(thread.tid);
  loss.begin_ns = recorder_.now_ns();
  loss.detail = why;
  recorder_.loss(loss);
}

}  // namespace ptcap::capture
