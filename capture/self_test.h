// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// `ptcap doctor --self-test`: does what is traced here decode to what has run?

#ifndef PTCAP_CAPTURE_SELF_TEST_H_
#define PTCAP_CAPTURE_SELF_TEST_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ptcap::capture {

struct SelfTestResult {
  std::string name;  // "pt, snapshot"
  std::string command;
  bool passed = false;
  std::string why_not;   // empty if it passed
  std::string messages;  // of ptcap, attr dumps included
  uint64_t branches = 0, expected_branches = 0;
  uint64_t gaps = 0;
  uint64_t produced_bytes = 0, written_bytes = 0, losses = 0;
  double seconds = 0;  // of tracing, start and end included
};

struct SelfTest {
  // Where the traces are, if something failed; else empty: they are removed.
  std::string folder;
  std::string decoder;  // the ptdec that was used; empty if there is none
  std::vector<SelfTestResult> results;

  bool passed() const;
};

// Traces self_test_program() with each of these sources ("pt", "step"), in each
// mode of theirs, by running this ptcap; and decodes it by running the ptdec
// beside it, or in PATH: ptcap itself cannot decode. Without a ptdec nothing
// passes. Throws CaptureError if there is no folder for the traces.
SelfTest run_self_test(const std::vector<std::string>& sources);

// The first difference between `rows` (stdout of `ptdec branches --format tsv`)
// and `expected`, or empty. With `may_lose`, branches may be missing where
// tracing begins again, if `result` has losses. Counts into `result`.
std::string compare_flow(const std::string& rows,
                         const std::vector<std::string>& expected,
                         bool may_lose, SelfTestResult& result);

std::string to_text(const SelfTest& test);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_SELF_TEST_H_
