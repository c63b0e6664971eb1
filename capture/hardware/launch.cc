// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/launch.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "capture/child.h"
#include "capture/error.h"
#include "capture/program_file.h"

namespace ptcap::capture {
namespace {

// In the child. `go` says one byte, or ends if ptcap gives up; `failure` takes
// errno.
[[noreturn]] void run_child(const std::vector<std::string>& argv,
                            bool stdout_to_stderr, const std::string& path,
                            const InterruptGuard& interrupts, Pipe& go,
                            Pipe& failure) {
  go.write.reset();
  char byte = 0;
  ssize_t got = 0;
  while ((got = ::read(go.read.get(), &byte, 1)) < 0 && errno == EINTR) {
  }
  if (got != 1) ::_exit(kExitFailed);
  become_program(path, argv, stdout_to_stderr, interrupts, failure.write);
}

}  // namespace

WaitingProgram::WaitingProgram(const std::vector<std::string>& argv,
                               bool stdout_to_stderr,
                               const InterruptGuard& interrupts)
    : path_(find_program(argv[0])) {
  Pipe go = make_pipe();
  Pipe failure = make_pipe();
  pid_ = ::fork();
  if (pid_ < 0) throw CaptureError(system_message("fork", errno));
  if (pid_ == 0) {
    run_child(argv, stdout_to_stderr, path_, interrupts, go, failure);
  }
  go_ = std::move(go.write);
  failure_ = std::move(failure.read);
}

WaitingProgram::~WaitingProgram() {
  if (gone_) return;
  go_.reset();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void WaitingProgram::go() {
  gone_ = true;
  const char byte = 1;
  [[maybe_unused]] const ssize_t written = ::write(go_.get(), &byte, 1);
  go_.reset();
  int error = 0;
  ssize_t got = 0;
  // Ends at exec, which closes the other side.
  while ((got = ::read(failure_.get(), &error, sizeof error)) < 0 &&
         errno == EINTR) {
  }
  if (got != sizeof error) return;
  reap(0);
  fail_execution(path_, error);
}

std::optional<int> WaitingProgram::reap(int flags) {
  int status = 0;
  const pid_t pid = ::waitpid(pid_, &status, flags);
  if (pid != pid_) return std::nullopt;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::optional<int> WaitingProgram::poll_end() { return reap(WNOHANG); }

std::optional<int> WaitingProgram::wait_end() { return reap(0); }

}  // namespace ptcap::capture
