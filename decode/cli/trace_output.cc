// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/trace_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace ptcap::decode {

int open_trace_output(const CommandLine& line) {
  if (line.output.empty()) throw UsageError("-o OUT is missing");
  if (line.output == "-") {
    if (isatty(STDOUT_FILENO) != 0) {
      throw UsageError("-o -: a trace is not written to a terminal");
    }
    return dup(STDOUT_FILENO);
  }
  const int mode = line.force ? O_TRUNC : O_EXCL;
  const int fd =
      open(line.output.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0666);
  if (fd >= 0) return fd;
  std::string name = line.output;
  if (errno == EEXIST) name += " (--force overwrites it)";
  throw std::system_error(errno, std::generic_category(), name);
}

}  // namespace ptcap::decode
