// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the table in command.cc lists. Each returns the exit status.

#ifndef PTCAP_DECODE_CLI_COMMANDS_H_
#define PTCAP_DECODE_CLI_COMMANDS_H_

#include "decode/cli/command_line.h"
#include "formats/io/reporter.h"

namespace ptcap::decode {

int run_info(const CommandLine& line, formats::Reporter& reporter);
int run_skim(const CommandLine& line, formats::Reporter& reporter);
int run_branches(const CommandLine& line, formats::Reporter& reporter);
int run_insns(const CommandLine& line, formats::Reporter& reporter);
int run_blocks(const CommandLine& line, formats::Reporter& reporter);
int run_calls(const CommandLine& line, formats::Reporter& reporter);
int run_events(const CommandLine& line, formats::Reporter& reporter);
int run_export(const CommandLine& line, formats::Reporter& reporter);
int run_packets(const CommandLine& line, formats::Reporter& reporter);
int run_functions(const CommandLine& line, formats::Reporter& reporter);
int run_flame(const CommandLine& line, formats::Reporter& reporter);
int run_timeline(const CommandLine& line, formats::Reporter& reporter);
int run_profile(const CommandLine& line, formats::Reporter& reporter);
int run_report(const CommandLine& line, formats::Reporter& reporter);
int run_verify(const CommandLine& line, formats::Reporter& reporter);
int run_coverage(const CommandLine& line, formats::Reporter& reporter);
int run_cmin(const CommandLine& line, formats::Reporter& reporter);
int run_import(const CommandLine& line, formats::Reporter& reporter);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_COMMANDS_H_
