// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The commands of ptdec: one table that dispatches, helps and corrects.

#ifndef PTCAP_DECODE_CLI_COMMAND_H_
#define PTCAP_DECODE_CLI_COMMAND_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/cli/command_line.h"
#include "formats/io/reporter.h"

namespace ptcap::decode {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitIncomplete = 3;  // with --strict: gaps, damage

struct Command {
  std::string_view name;
  std::string_view arguments;  // "TRACE"
  std::string_view summary;    // one line
  CommandOptions options;
  size_t max_traces = 1;
  // Returns the exit status. May throw UsageError, FormatError,
  // std::system_error, which ptdec_main() makes messages of.
  int (*run)(const CommandLine& line, formats::Reporter& reporter) = nullptr;
};

std::span<const Command> commands();

// All of them as data, for the manual page and the shells.
formats::ProgramDoc document_command_line();

// The inside of main(). Never throws.
int ptdec_main(const std::vector<std::string>& words);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_COMMAND_H_
