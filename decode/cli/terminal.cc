// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace ptcap::decode {

namespace {

constexpr auto kFirstProgress = std::chrono::seconds(1);
constexpr auto kProgressInterval = std::chrono::milliseconds(200);

// The pager that runs; for the signal handler, which must let it end first.
volatile pid_t pager = 0;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

bool in_path(const std::string& program) {
  std::string_view path = environment("PATH");
  while (!path.empty()) {
    const size_t colon = std::min(path.find(':'), path.size());
    const std::string file = std::string(path.substr(0, colon)) + "/" + program;
    if (access(file.c_str(), X_OK) == 0) return true;
    path.remove_prefix(std::min(colon + 1, path.size()));
  }
  return false;
}

// Empty: none.
std::string pager_command() {
  for (const char* name : {"PTDEC_PAGER", "PAGER"}) {
    if (std::getenv(name) == nullptr) continue;
    const std::string_view command = environment(name);
    return command == "cat" ? "" : std::string(command);
  }
  return in_path("less") ? "less" : "";
}

void wait_for_pager() {
  while (waitpid(pager, nullptr, 0) < 0 && errno == EINTR) {
  }
  pager = 0;
}

// Ending before the pager would leave the terminal to it and the shell both.
void on_interrupt(int signal) {
  close(STDOUT_FILENO);
  close(STDERR_FILENO);
  wait_for_pager();
  _exit(128 + signal);
}

// Makes `target` the same as `fd`; returns a copy of what it was.
int redirect(int target, int fd) {
  const int before = fcntl(target, F_DUPFD_CLOEXEC, 3);
  dup2(fd, target);
  return before;
}

void restore(int target, int before) {
  if (before < 0) return;
  dup2(before, target);
  close(before);
}

[[noreturn]] void exec_pager(const std::string& command, int input) {
  dup2(input, STDIN_FILENO);
  setenv("LESS", "FRX", 0);  // 0: as the user has it
  execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  _exit(127);
}

}  // namespace

bool stdout_has_colour() {
  return isatty(STDOUT_FILENO) != 0 && environment("NO_COLOR").empty() &&
         environment("TERM") != "dumb";
}

size_t stdout_columns() {
  constexpr size_t kUsual = 80;
  winsize size = {};
  const bool known = isatty(STDOUT_FILENO) != 0 &&
                     ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return known && size.ws_col != 0 ? size.ws_col : kUsual;
}

// As setlocale() would look for it, without having to.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view locale = environment(name);
    if (locale.empty()) continue;
    return locale.find("UTF-8") != std::string_view::npos ||
           locale.find("utf8") != std::string_view::npos;
  }
  return false;
}

Pager::Pager() {
  if (isatty(STDOUT_FILENO) == 0 || environment("TERM") == "dumb") return;
  const std::string command = pager_command();
  std::array<int, 2> pipe = {};
  if (command.empty() || pipe2(pipe.data(), O_CLOEXEC) != 0) return;
  const pid_t child = fork();
  if (child == 0) exec_pager(command, pipe[0]);
  close(pipe[0]);
  if (child > 0) {
    pager = child;
    stdout_ = redirect(STDOUT_FILENO, pipe[1]);
    if (isatty(STDERR_FILENO) != 0) {
      stderr_ = redirect(STDERR_FILENO, pipe[1]);
    }
    signal(SIGINT, on_interrupt);
    signal(SIGTERM, on_interrupt);
    // Who leaves the pager early has seen enough.
    signal(SIGPIPE, on_interrupt);
  }
  close(pipe[1]);
}

Pager::~Pager() {
  if (pager == 0) return;
  std::fflush(stdout);
  restore(STDOUT_FILENO, stdout_);
  restore(STDERR_FILENO, stderr_);
  wait_for_pager();
}

Progress::Progress()
    : enabled_(isatty(STDERR_FILENO) != 0), next_(begin_ + kFirstProgress) {}

void Progress::add(uint64_t bytes, uint64_t total) {
  done_ += bytes;
  if (!enabled_) return;
  const Clock::time_point now = Clock::now();
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (lock && now >= next_) show(now, total);
}

void Progress::clear() {
  const std::lock_guard lock(mutex_);
  if (!shown_) return;
  std::fputs("\r\033[K", stderr);
  shown_ = false;
}

void Progress::show(Clock::time_point now, uint64_t total) {
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  std::fprintf(stderr, "\r%s\033[K",
               progress_text(done_, total, seconds).c_str());
  next_ = now + kProgressInterval;
  shown_ = true;
}

std::string progress_text(uint64_t done, uint64_t total, double seconds) {
  const double rate = static_cast<double>(done) / seconds;
  char text[96];
  // A second pass over the trace makes more than there is.
  if (done > total || done == 0) {
    std::snprintf(text, sizeof(text), "ptdec: %.1f MB, %.1f MB/s",
                  static_cast<double>(done) / 1e6, rate / 1e6);
  } else {
    std::snprintf(text, sizeof(text), "ptdec: %.0f %%, %.1f MB/s, %.0f s left",
                  100 * static_cast<double>(done) / static_cast<double>(total),
                  rate / 1e6, static_cast<double>(total - done) / rate);
  }
  return text;
}

}  // namespace ptcap::decode
