// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The fixture that runs a program natively and emulated and holds the trace
// against the emulator's log.

#ifndef PTCAP_TESTS_CAPTURE_EMU_TRUTH_FIXTURE_H_
#define PTCAP_TESTS_CAPTURE_EMU_TRUTH_FIXTURE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/capture/emu/run_ptcap.h"
#include "tests/capture/emu/truth_compare.h"

namespace ptcap::capture::emu {

using Arguments = std::vector<std::string>;

// What the emulator translates in one go is seldom longer.
inline constexpr uint64_t kMostOfOneBlock = 64;

class EmuTruth : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string problem = emulation_problem();
    if (!problem.empty()) GTEST_SKIP() << problem;
    std::filesystem::create_directory(truth_folder());
  }

  std::string truth_folder() const { return folder_.file("truth"); }
  std::string trace() const { return folder_.file("trace.ptz"); }

  ProgramRun emulate(const Arguments& argv, const Arguments& options = {},
                     Arguments environment = {}) {
    environment.push_back(std::string("PTCAP_EMU_EXTRA_PLUGIN=") +
                          PTCAP_TRUTH_PLUGIN + ",dir=" + truth_folder());
    return run_emulated(trace(), argv, options, environment, limits_);
  }

  TruthResult compare() const {
    return compare_with_truth(PTDEC_PROGRAM, trace(), truth_folder());
  }

  // The whole check, for a program that does the same each time.
  TruthResult expect_exact(const Arguments& argv,
                           const Arguments& options = {}) {
    const ProgramRun native = run(argv, {}, limits_);
    const ProgramRun emulated = emulate(argv, options);
    EXPECT_EQ(emulated.exit_status, native.exit_status);
    EXPECT_EQ(emulated.out, native.out);
    EXPECT_EQ(emulated.err, native.err);
    const TruthResult result = compare();
    EXPECT_EQ(result.difference, "");
    EXPECT_EQ(result.beyond_end, 0u);
    EXPECT_EQ(result.gaps, 0u);
    // Threads that another one's exit cut off.
    EXPECT_LE(result.missing_at_end, kMostOfOneBlock * result.threads_cut);
    EXPECT_GT(result.instructions, 0u);
    return result;
  }

  TestFolder folder_;
  RunLimits limits_;
};

}  // namespace ptcap::capture::emu

#endif  // PTCAP_TESTS_CAPTURE_EMU_TRUTH_FIXTURE_H_
