// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The coverage of a trace, as the command line selects it.

#ifndef PTCAP_DECODE_CLI_COVERAGE_INPUT_H_
#define PTCAP_DECODE_CLI_COVERAGE_INPUT_H_

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

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

// What to find out beside blocks, edges and functions, all of it slow.
struct CoverageWants {
  bool lines = false;
  bool modules = false;
};

class CountedTrace;  // a trace that is decoded

// Decodes the traces, --jobs of them at a time, and hands each to `take` as it
// is read, in their order, on the thread of the caller. Throws as Trace does.
void for_each_counted(const std::vector<std::string>& paths,
                      const CommandLine& line, formats::Reporter& reporter,
                      const std::function<void(CountedTrace&)>& take);

// Adds it.
void add_coverage(CountedTrace& counted, const CommandLine& line,
                  const CoverageWants& wants, CoverageInput& input);

// Both, for all of `paths` together.
CoverageInput coverage_of(const std::vector<std::string>& paths,
                          const CommandLine& line, const CoverageWants& wants,
                          formats::Reporter& reporter);

// The same, each thread on its own; threads of several traces that have the
// same ids are one.
struct ThreadKey {
  std::optional<uint32_t> pid, tid;  // nullopt: of a CPU

  bool operator<(const ThreadKey& other) const {
    return std::tie(pid, tid) < std::tie(other.pid, other.tid);
  }
};
std::map<ThreadKey, CoverageInput> coverage_by_thread(
    const std::vector<std::string>& paths, const CommandLine& line,
    const CoverageWants& wants, formats::Reporter& reporter);

// Tells of gaps and damage; the exit status.
int finish_coverage(const CommandLine& line, const CoverageInput& input,
                    formats::Reporter& reporter);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_COVERAGE_INPUT_H_
