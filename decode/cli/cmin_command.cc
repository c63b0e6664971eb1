// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec cmin: the fewest traces that have the edges of all, as afl-cmin does
// for inputs.

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "decode/cli/command.h"
#include "decode/cli/commands.h"
#include "decode/cli/coverage_input.h"
#include "decode/cli/output.h"
#include "decode/coverage/set_cover.h"

namespace ptcap::decode {

namespace {

// Numbers for edges that are the same in every trace.
class EdgeNumbers {
 public:
  std::vector<uint64_t> of(const formats::CoverageData& data) {
    std::vector<uint64_t> numbers;
    for (const auto& [edge, count] : data.edges) {
      const Key key{data.modules[edge.first.module].path, edge.first.offset,
                    data.modules[edge.second.module].path, edge.second.offset};
      numbers.push_back(
          numbers_.try_emplace(key, numbers_.size()).first->second);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  }
  size_t size() const { return numbers_.size(); }

 private:
  using Key = std::tuple<std::string, uint64_t, std::string, uint64_t>;
  std::map<Key, uint64_t> numbers_;
};

}  // namespace

int run_cmin(const CommandLine& line, formats::Reporter& reporter) {
  EdgeNumbers numbers;
  std::vector<CoverCandidate> candidates;
  CoverageInput all;  // only its gaps
  for_each_counted(line.traces, line, reporter, [&](CountedTrace& counted) {
    CoverageInput input;
    add_coverage(counted, line, {}, input);
    candidates.push_back({numbers.of(input.coverage.data()), input.size_bytes});
    all.gaps += input.gaps;
    all.damaged |= input.damaged;
  });
  const std::vector<size_t> chosen = cover(candidates);
  Output out({line.output, line.force});
  for (const size_t index : chosen) out.write(line.traces[index] + "\n");
  out.flush();
  reporter.warn(std::to_string(chosen.size()) + " of " +
                std::to_string(line.traces.size()) + " traces have all " +
                std::to_string(numbers.size()) + " edges");
  return finish_coverage(line, all, reporter);
}

}  // namespace ptcap::decode
