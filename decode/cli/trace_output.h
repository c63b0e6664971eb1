// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where commands that write a trace put it.

#ifndef PTCAP_DECODE_CLI_TRACE_OUTPUT_H_
#define PTCAP_DECODE_CLI_TRACE_OUTPUT_H_

#include "decode/cli/command_line.h"

namespace ptcap::decode {

// A descriptor of the file of -o, or of stdout for "-". Throws UsageError where
// -o is missing or stdout is a terminal, std::system_error, naming the file,
// where it cannot be opened, or is there and --force is not.
int open_trace_output(const CommandLine& line);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_TRACE_OUTPUT_H_
