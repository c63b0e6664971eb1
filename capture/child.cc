// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/child.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "capture/error.h"
#include "capture/program_file.h"

namespace ptcap::capture {

Pipe make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) {
    throw CaptureError(system_message("pipe", errno));
  }
  return {formats::UniqueFd(fds[0]), formats::UniqueFd(fds[1])};
}

void become_program(const std::string& path,
                    const std::vector<std::string>& argv, bool stdout_to_stderr,
                    const InterruptGuard& interrupts,
                    const formats::UniqueFd& failure) {
  if (stdout_to_stderr) ::dup2(STDERR_FILENO, STDOUT_FILENO);
  interrupts.undo_in_child();
  const int error = execute(path, argv);
  [[maybe_unused]] const ssize_t written =
      ::write(failure.get(), &error, sizeof error);
  ::_exit(kExitFailed);
}

}  // namespace ptcap::capture
