// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The coverage of a trace, as the command line selects it.

#ifndef PTCAP_DECODE_CLI_COVERAGE_INPUT_H_
#define PTCAP_DECODE_CLI_COVERAGE_INPUT_H_

#include <cstdint>
#include <string>

#include "decode/cli/command_line.h"
#include "decode/coverage/coverage.h"
#include "formats/io/reporter.h"

namespace ptcap::decode {

struct CoverageInput {
  Coverage coverage;
  uint64_t gaps = 0;
  bool damaged = false;
  uint64_t size_bytes = 0;  // of the files
};

// Adds the trace at `path`. Lines only `with_lines`. Throws as Trace does.
void add_coverage_of(const std::string& path, const CommandLine& line,
                     bool with_lines, formats::Reporter& reporter,
                     CoverageInput& input);

// Tells of gaps and damage; the exit status.
int finish_coverage(const CommandLine& line, const CoverageInput& input,
                    formats::Reporter& reporter);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_COVERAGE_INPUT_H_
