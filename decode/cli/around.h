// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// --around FUNCTION[#N]: the time range of a call.

#ifndef PTCAP_DECODE_CLI_AROUND_H_
#define PTCAP_DECODE_CLI_AROUND_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "decode/calls/function_map.h"
#include "decode/cli/row_command.h"

namespace ptcap::decode {

// "f": its first call; "f#3": the third; "f#-1": the last.
struct CallChoice {
  std::string function;
  int64_t number = 1;
};

// Throws UsageError.
CallChoice parse_call_choice(std::string_view text);

// From the begin of the call that line.around names to its end, both included:
// the calls of the threads that --pid, --tid and --cpu leave, in the order in
// which they began, those that were running when their trace began among them.
// Decodes up to there. Throws std::runtime_error if there is no such call.
TimeRange find_around(RowRun& run);

// "; did you mean 'ns::f'?", or nothing: what ran whose name is close.
std::string did_you_mean_function(const std::string& wanted,
                                  const SeenFunctions& seen);

// Says so if --function names nothing that ran.
void warn_if_unknown(const CommandLine& line, const SeenFunctions& seen,
                     formats::Reporter& reporter);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_AROUND_H_
