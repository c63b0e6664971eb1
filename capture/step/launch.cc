// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/launch.h"

#include <unistd.h>

#include <cerrno>

#include "capture/child.h"
#include "capture/error.h"
#include "capture/program_file.h"
#include "capture/step/tracee.h"

namespace ptcap::capture {
namespace {

// In the child. `go` ends when the tracer is there; `failure` takes errno.
[[noreturn]] void run_child(const LaunchOptions& options,
                            const std::string& path,
                            const InterruptGuard& interrupts, Pipe& go,
                            Pipe& failure) {
  go.write.reset();
  char byte = 0;
  while (::read(go.read.get(), &byte, 1) < 0 && errno == EINTR) {
  }
  become_program(path, options.argv, options.stdout_to_stderr, interrupts,
                 failure.write);
}

// Whether the child got as far as its program; else it is gone.
bool wait_for_exec(pid_t pid) {
  for (;;) {
    int status = 0;
    if (::waitpid(pid, &status, __WALL) < 0) {
      if (errno == EINTR) continue;
      throw CaptureError(system_message("waitpid", errno));
    }
    if (!WIFSTOPPED(status)) return false;
    const StopStatus stop(status);
    if (stop.event() == PTRACE_EVENT_EXEC) return true;
    if (stop.is_group_stop()) {
      resume(pid, Resume::kListen, 0);
    } else {
      resume(pid, Resume::kFree, stop.event() == 0 ? stop.signal() : 0);
    }
  }
}

}  // namespace

pid_t launch(const LaunchOptions& options, const InterruptGuard& interrupts) {
  const std::string path = find_program(options.argv[0]);
  Pipe go = make_pipe();
  Pipe failure = make_pipe();
  const pid_t pid = ::fork();
  if (pid < 0) throw CaptureError(system_message("fork", errno));
  if (pid == 0) run_child(options, path, interrupts, go, failure);
  failure.write.reset();
  const int error = seize(pid, TraceOptions{});
  if (error != 0) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    throw CaptureError(
        system_message("ptrace(" + std::to_string(pid) + ")", error) +
        "\n  something forbids it: a seccomp filter of a container (docker: "
        "--cap-add SYS_PTRACE), or a debugger that traces ptcap");
  }
  go.write.reset();
  if (wait_for_exec(pid)) return pid;
  int exec_error = 0;
  if (::read(failure.read.get(), &exec_error, sizeof exec_error) ==
      sizeof exec_error) {
    fail_execution(path, exec_error);
  }
  throw CaptureError("run " + path + ": the process died before the program");
}

}  // namespace ptcap::capture
