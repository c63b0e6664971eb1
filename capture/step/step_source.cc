// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/step_source.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "capture/error.h"
#include "capture/interrupts.h"
#include "capture/proc_files.h"
#include "capture/step/launch.h"
#include "capture/step/stepper.h"
#include "capture/step/tracee.h"

namespace ptcap::capture {
namespace {

// Threads that appear while others are attached to are found again.
void attach_all_threads(Stepper& stepper, pid_t pid) {
  std::vector<pid_t> attached;
  for (bool more = true; more;) {
    more = false;
    for (pid_t tid : read_threads(pid)) {
      if (std::find(attached.begin(), attached.end(), tid) != attached.end()) {
        continue;
      }
      stepper.attach(tid, TraceOptions{});
      attached.push_back(tid);
      more = true;
    }
  }
  if (attached.empty()) {
    throw CaptureError(
        system_message("attach to process " + std::to_string(pid), ESRCH));
  }
}

class StepSource : public Source {
 public:
  explicit StepSource(const CaptureOptions& options)
      : options_(options), terms_(software_pt_terms(options, "step")) {}

  ProgramEnd run(Recorder& recorder) override {
    InterruptGuard interrupts;
    Stepper stepper(options_, terms_, recorder, interrupts);
    if (const auto* program = std::get_if<RunProgram>(&options_.target)) {
      stepper.add_program(
          launch({program->argv, options_.output == "-"}, interrupts));
    } else if (const auto* process =
                   std::get_if<AttachProcess>(&options_.target)) {
      attach_all_threads(stepper, process->pid);
    } else if (const auto* thread =
                   std::get_if<AttachThread>(&options_.target)) {
      stepper.attach(thread->tid, TraceOptions{.children = false});
    }
    return stepper.run();
  }

 private:
  CaptureOptions options_;
  SoftwarePtTerms terms_;
};

}  // namespace

std::string probe_step(const CaptureOptions&) {
  const pid_t child = ::fork();
  if (child < 0) return system_message("fork", errno);
  if (child == 0) {
    for (;;) ::pause();
  }
  const int error = seize(child, TraceOptions{});
  ::kill(child, SIGKILL);
  // It may stop once more on its way out, to say that it exits.
  for (int status = 0; ::waitpid(child, &status, __WALL) >= 0;) {
    if (!WIFSTOPPED(status)) break;
    resume(child, Resume::kFree, 0);
  }
  if (error == 0) return "";
  return system_message("ptrace", error) +
         " (a seccomp filter, or a debugger that traces ptcap)";
}

std::unique_ptr<Source> make_step_source(const CaptureOptions& options) {
  return std::make_unique<StepSource>(options);
}

}  // namespace ptcap::capture
