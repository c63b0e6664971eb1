// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the samples share: a main() that tells usage and errors, and a program
// that waits until its events are open.

#ifndef PTCAP_SAMPLES_PERF_SAMPLE_H_
#define PTCAP_SAMPLES_PERF_SAMPLE_H_

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <system_error>

// Calls run(argv) where at least `required` arguments are there. The exit
// status.
template <typename Run>
int run_sample(int argc, char** argv, const char* usage, int required,
               Run&& run) {
  if (argc <= required) {
    std::fprintf(stderr, "usage: %s\n", usage);
    return 2;
  }
  try {
    run(argv);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
}

// A child that runs `argv` once run() is called.
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

  // Lets it go and waits for its end.
  void run() {
    go();
    ::waitpid(pid_, nullptr, 0);
  }
  // Meanwhile, and once after its end, calls drain() each 10 ms.
  template <typename Drain>
  void run(Drain&& drain) {
    go();
    while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
      drain();
      ::usleep(10000);
    }
    drain();
  }

 private:
  void go() { (void)!::write(pipe_[1], "", 1); }
  [[noreturn]] static void fail(const char* call) {
    throw std::system_error(errno, std::generic_category(), call);
  }
  int pipe_[2];
  pid_t pid_;
};

#endif  // PTCAP_SAMPLES_PERF_SAMPLE_H_
