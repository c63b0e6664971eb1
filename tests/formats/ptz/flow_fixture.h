// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A trace of code that is in the test program itself, so that perf finds it on
// disk, and the branches that perf must print.

#ifndef PTCAP_TESTS_FORMATS_PTZ_FLOW_FIXTURE_H_
#define PTCAP_TESTS_FORMATS_PTZ_FLOW_FIXTURE_H_

#include <string>
#include <vector>

#include "formats/perf/record.h"
#include "tests/formats/ptz/trace_fixture.h"

namespace ptcap::formats::testing {

struct CommandResult {
  int status = -1;
  std::string output;  // stdout and stderr
};
CommandResult run_command(const std::string& command);
bool have_perf();

std::vector<std::string> lines(const std::string& text);

class FlowTest : public TraceTest {
 protected:
  // The head of the stream, the mapping, and `passes` through the sample.
  void write_flow(int passes);

  // Of one pass, `from=>to` in hex.
  static std::vector<std::string> expected_branches();
  static constexpr int kBranchesPerPass = 5;

  // What perf prints, given its input option; in the form of
  // expected_branches().
  static std::vector<std::string> perf_branches(const std::string& feed,
                                                const std::string& input);

 private:
  void write_head();
  void write_own_mapping();
  void add(const RecordBody& body, uint64_t id, uint16_t misc);
  static Buffer encode(int passes);
};

}  // namespace ptcap::formats::testing

#endif  // PTCAP_TESTS_FORMATS_PTZ_FLOW_FIXTURE_H_
