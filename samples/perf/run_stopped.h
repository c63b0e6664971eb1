// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Starts a program for the samples: it waits until its events are open.

#ifndef PTCAP_SAMPLES_PERF_RUN_STOPPED_H_
#define PTCAP_SAMPLES_PERF_RUN_STOPPED_H_

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

// A child that runs `argv` once go() is called.
class StoppedProgram {
 public:
  explicit StoppedProgram(char** argv) {
    if (::pipe(pipe_)) fail("pipe");
    pid_ = ::fork();
    if (pid_ < 0) fail("fork");
    if (pid_) return;
    ::close(pipe_[1]);
    char byte;
    if (::read(pipe_[0], &byte, 1) == 1) ::execvp(argv[0], argv);
    ::_exit(127);
  }
  pid_t pid() const { return pid_; }
  void go() { (void)!::write(pipe_[1], "", 1); }
  // After go(): whether it has ended.
  bool ended() { return ::waitpid(pid_, &status_, WNOHANG) == pid_; }
  void wait() { ::waitpid(pid_, &status_, 0); }

 private:
  [[noreturn]] static void fail(const char* call) {
    throw std::system_error(errno, std::generic_category(), call);
  }
  int pipe_[2];
  int status_ = 0;
  pid_t pid_;
};

#endif  // PTCAP_SAMPLES_PERF_RUN_STOPPED_H_
