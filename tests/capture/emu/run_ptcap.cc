// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/capture/emu/run_ptcap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "capture/emu/emulator_files.h"

namespace ptcap::capture::emu {

namespace {

using std::chrono::steady_clock;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void redirect(const std::string& path, int fd) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(file, fd);
  close(file);
}

[[noreturn]] void become(const std::vector<std::string>& argv,
                         const std::vector<std::string>& environment,
                         const RunLimits& limits, const TestFolder& folder) {
  // Whatever it starts ends with it.
  setpgid(0, 0);
  const rlimit size = {limits.file_bytes, limits.file_bytes};
  setrlimit(RLIMIT_FSIZE, &size);
  redirect(folder.file("out"), STDOUT_FILENO);
  redirect(folder.file("err"), STDERR_FILENO);
  for (const std::string& variable : environment) {
    putenv(const_cast<char*>(variable.c_str()));
  }
  std::vector<char*> arguments;
  for (const auto& argument : argv) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

int wait_for(pid_t child, std::chrono::seconds time) {
  const auto end = steady_clock::now() + time;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (steady_clock::now() > end) {
      kill(-child, SIGKILL);
      waitpid(child, &status, 0);
      return 124;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  kill(-child, SIGKILL);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

TestFolder::TestFolder() {
  // Not a RAM disk: traces and logs may grow.
  std::string name = "/var/tmp/ptcap_emu_test.XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("mkdtemp " + name);
  }
  path_ = name;
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

ProgramRun run(const std::vector<std::string>& argv,
               const std::vector<std::string>& environment,
               const RunLimits& limits) {
  const TestFolder folder;
  const pid_t child = fork();
  if (child == 0) become(argv, environment, limits, folder);
  ProgramRun result;
  result.exit_status = wait_for(child, limits.time);
  result.out = read_file(folder.file("out"));
  result.err = read_file(folder.file("err"));
  return result;
}

ProgramRun run_emulated(const std::string& trace,
                        const std::vector<std::string>& argv,
                        const std::vector<std::string>& options,
                        const std::vector<std::string>& environment,
                        const RunLimits& limits) {
  std::vector<std::string> command = {PTCAP_PROGRAM, "-q", "--source", "emu",
                                      "--force",     "-o", trace};
  command.insert(command.end(), options.begin(), options.end());
  command.emplace_back("--");
  command.insert(command.end(), argv.begin(), argv.end());
  return run(command, environment, limits);
}

std::string emulation_problem() {
  EmulatorFiles files = find_emulator_files();
  files.plugin = PTCAP_EMU_PLUGIN_FILE;
  return check_emulator(files, EmulatedMode::k64Bit).problem;
}

}  // namespace ptcap::capture::emu
