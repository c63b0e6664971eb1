// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/stepper.h"

#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>

#include "capture/error.h"
#include "capture/message.h"
#include "capture/proc_files.h"

namespace ptcap::capture {
namespace {

// Between looks at clocks and signals: 2 ms of stepping.
constexpr unsigned kStopsBetweenLooks = 100;

int exit_status_of(int status) {
  constexpr int kSignalBase = 128;  // as the shell has it
  return WIFEXITED(status) ? WEXITSTATUS(status)
                           : kSignalBase + WTERMSIG(status);
}

}  // namespace

Stepper::Stepper(const CaptureOptions& options, const SoftwarePtTerms& terms,
                 Recorder& recorder, InterruptGuard& interrupts)
    : options_(options),
      terms_(terms),
      recorder_(recorder),
      interrupts_(interrupts) {
  if (const char* path = std::getenv("PTCAP_STEP_LOG")) {
    step_log_ = std::make_unique<StepLog>(path);
  }
  if (options.delay_ns != 0) {
    state_ = State::kDelayed;
    recording_from_ns_ = recorder.now_ns() + options.delay_ns;
  }
}

ProgramEnd Stepper::run() {
  if (state_ == State::kRecording && !begun_) begin_recording();
  pin_this_thread();
  while (!threads_.empty()) wait_once();
  if (program_ != 0 && !end_) wait_for_program();
  if (!begun_) recorder_.begin({terms_, "step"});
  if (let_go_count_ != 0 && end_ && !options_.quiet) {
    print_message(std::to_string(let_go_count_) +
                  " threads outlived the program: they run on untraced");
  }
  return end_.value_or(ProgramEnd{});
}

void Stepper::wait_once() {
  int status = 0;
  const pid_t tid = ::waitpid(-1, &status, __WALL);
  if (tid < 0) {
    if (errno != EINTR) threads_.clear();  // ECHILD: nobody is left
    look_around();
    return;
  }
  const auto known = threads_.find(tid);
  if (known == threads_.end()) {
    if (WIFSTOPPED(status)) early_[tid] = status;
  } else if (WIFSTOPPED(status)) {
    on_stop(known->second, StopStatus(status));
  } else {
    on_end(tid, status);
  }
  if (stops_until_look_-- == 0) look_around();
}

void Stepper::look_around() {
  stops_until_look_ = kStopsBetweenLooks;
  take_interrupts();
  if (state_ == State::kDelayed && recorder_.now_ns() >= recording_from_ns_) {
    state_ = State::kRecording;
    begin_recording();
    for (auto& [tid, thread] : threads_) interrupt(tid);
  }
  recorder_.tick([this] { flush_flows(); });
  if (recorder_.stop_asked() != StopReason::kNone) begin_letting_go();
}

void Stepper::begin_recording() {
  begun_ = true;
  recorder_.begin({terms_, "step"});
}

void Stepper::flush_flows() {
  for (auto& [tid, thread] : threads_) {
    if (thread.flow) thread.flow->flush();
    // Its other threads are not seen to map code.
    if (!follows_children_) thread.process->space->refresh(tid, recorder_);
  }
  if (step_log_) step_log_->flush();
}

void Stepper::take_interrupts() {
  while (const auto signal = interrupts_.take()) {
    const bool pass_on = program_ != 0 && !end_;
    if (pass_on && !signal->from_terminal) ::kill(program_, signal->signal);
    if (!pass_on || interrupted_) begin_letting_go();
    interrupted_ = true;
  }
}

void Stepper::begin_letting_go() {
  if (state_ == State::kLettingGo) return;
  state_ = State::kLettingGo;
  for (auto& [tid, thread] : threads_) interrupt(tid);
  for (const auto& [tid, status] : early_) detach(tid, 0);
  early_.clear();
}

// It runs on without us.
void Stepper::wait_for_program() {
  int status = 0;
  while (::waitpid(program_, &status, __WALL) != program_) {
    if (errno != EINTR) return;
    while (const auto signal = interrupts_.take()) {
      if (!signal->from_terminal) ::kill(program_, signal->signal);
    }
  }
  end_ = ProgramEnd{exit_status_of(status)};
}

void Stepper::on_end(pid_t tid, int status) {
  Thread& thread = threads_.at(tid);
  end_flow(thread);
  if (begun_) {
    const pid_t pid = thread.process->pid;
    recorder_.exit(pid, tid, pid, pid, recorder_.now_ns());
  }
  erase(thread);
  if (!early_.empty()) adopt_orphans();
  if (tid != program_) return;
  end_ = ProgramEnd{exit_status_of(status)};
  begin_letting_go();
}

}  // namespace ptcap::capture
