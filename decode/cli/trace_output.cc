// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/trace_output.h"

#include <unistd.h>

#include "decode/cli/output.h"

namespace ptcap::decode {

int open_trace_output(const CommandLine& line) {
  if (line.output.empty()) throw UsageError("-o OUT is missing");
  if (line.output == "-") {
    if (isatty(STDOUT_FILENO) != 0) {
      throw UsageError("-o -: a trace is not written to a terminal");
    }
    return dup(STDOUT_FILENO);
  }
  return create_output(line.output, line.force).release();
}

}  // namespace ptcap::decode
