// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/emulator_probe.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "capture/emu/emulator_command.h"
#include "capture/emu/messages.h"

namespace ptcap::capture::emu {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{10};
constexpr size_t kMaxOutput = 4096;

// Never comes to it: the plugin ends the process before.
constexpr char kProgram[] = "/proc/self/exe";

[[noreturn]] void become(const std::string& emulator, const std::string& option,
                         int output) {
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  setpgid(0, 0);
  signal(SIGCHLD, SIG_DFL);
  const char* const argv[] = {emulator.c_str(), "-plugin", option.c_str(),
                              kProgram, nullptr};
  // What acts on the loader is meant for the program.
  const char* const envp[] = {nullptr};
  execve(argv[0], const_cast<char**>(argv), const_cast<char**>(envp));
  const char* reason = strerror(errno);
  [[maybe_unused]] const ssize_t ignored =
      write(STDERR_FILENO, reason, strlen(reason));
  _exit(127);
}

std::string option_for(const std::string& plugin) {
  std::string escaped(2 * plugin.size(), '\0');
  char* end = escaped.data();
  append_escaped(end, plugin.c_str());
  escaped.resize(static_cast<size_t>(end - escaped.data()));
  return escaped + ",probe=on";
}

// Until the other end is closed everywhere, or patience ends.
std::string read_all(int fd) {
  std::string text;
  const auto end = steady_clock::now() + kPatience;
  while (text.size() < kMaxOutput) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - steady_clock::now());
    pollfd poll_fd = {fd, POLLIN, 0};
    if (left.count() <= 0 ||
        poll(&poll_fd, 1, static_cast<int>(left.count())) == 0) {
      return text.empty() ? "it does not answer" : text;
    }
    std::array<char, 512> buffer;
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got == 0 || (got < 0 && errno != EINTR)) break;
    if (got > 0) text.append(buffer.data(), static_cast<size_t>(got));
  }
  return text;
}

EmulatorAnswer parse(const std::string& output) {
  EmulatorAnswer answer;
  const size_t at = output.find(kProbeAnswer);
  if (at != std::string::npos) {
    answer.interface = std::atoi(output.c_str() + at + strlen(kProbeAnswer));
    return answer;
  }
  answer.complaint = output.substr(0, output.find('\n'));
  if (answer.complaint.empty()) answer.complaint = "it said nothing";
  return answer;
}

}  // namespace

EmulatorAnswer ask_emulator(const std::string& emulator,
                            const std::string& plugin) {
  std::array<int, 2> pipe_ends;
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return {0, strerror(errno)};
  const auto [from_emulator, to_ptcap] = pipe_ends;
  const std::string option = option_for(plugin);
  const pid_t child = fork();
  if (child == 0) become(emulator, option, to_ptcap);
  close(to_ptcap);
  const std::string output = read_all(from_emulator);
  close(from_emulator);
  if (child > 0) {
    kill(-child, SIGKILL);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  return parse(output);
}

}  // namespace ptcap::capture::emu
