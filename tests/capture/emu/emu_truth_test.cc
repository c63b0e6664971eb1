// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What ptdec finds in a trace of the emulator source is what the emulator
// executed: every instruction, in every thread and process; and the program
// behaves as it does natively.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/capture/emu/truth_fixture.h"

namespace ptcap::capture::emu {
namespace {

class EmuSample : public EmuTruth,
                  public ::testing::WithParamInterface<const char*> {};

TEST_P(EmuSample, IsExact) {
  const std::string sample =
      std::string(PTCAP_SAMPLES) + "/sample_" + GetParam();
  if (!std::filesystem::exists(sample)) {
    GTEST_SKIP() << "this compiler cannot build " << sample;
  }
  expect_exact({sample});
}

INSTANTIATE_TEST_SUITE_P(
    Samples, EmuSample,
    ::testing::Values("alarm_rep", "crash", "dlopen", "exceptions",
                      "exit_threads", "faults", "faults_32", "fork_wait",
                      "indirect", "jit", "jit_threads", "jump_table",
                      "jump_table_32", "loop", "loop_32", "loop_32_pie",
                      "loop_pie", "loop_static_pie", "mismatched_returns",
                      "nested_signals", "recursion", "recursion_32",
                      "rep_strings", "self_exec", "signals", "signals_32",
                      "spawn_pipes", "tail_calls", "thread_exec",
                      "thread_signals", "threads", "threads_32", "vfork_exec",
                      "vfork_exec_32"),
    [](const auto& info) { return info.param; });

TEST_F(EmuTruth, EveryOptionKeepsTheFlow) {
  const std::string sample = std::string(PTCAP_SAMPLES) + "/sample_recursion";
  for (const char* terms :
       {"noretcomp", "tsc=0", "psb_period=0", "psb_period=5,noretcomp"}) {
    SCOPED_TRACE(terms);
    std::filesystem::remove_all(truth_folder());
    std::filesystem::create_directory(truth_folder());
    expect_exact({sample}, {"--pt", terms});
  }
}

TEST_F(EmuTruth, ShellPipelineFollowsEveryChild) {
  const auto result = expect_exact(
      {"/bin/sh", "-c", "for i in 1 2 3; do echo $i | cat; done; exit 7"});
  EXPECT_GE(result.threads, 4u);
}

TEST_F(EmuTruth, ScriptRunsItsInterpreter) {
  const std::string script = folder_.file("script");
  std::ofstream(script) << "#!/bin/sh -e\necho \"$0\" \"$1\" \"$2\"\n";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  expect_exact({script, "a b", ""});
}

TEST_F(EmuTruth, LoaderVariablesReachTheProgramOnly) {
  const Arguments argv = {"/bin/sh", "-c", "echo $LD_LIBRARY_PATH; env"};
  const ProgramRun emulated = emulate(argv, {}, {"LD_LIBRARY_PATH=/nowhere"});
  EXPECT_EQ(emulated.exit_status, 0);
  EXPECT_THAT(emulated.out, ::testing::StartsWith("/nowhere\n"));
  EXPECT_THAT(emulated.out,
              ::testing::HasSubstr("\nLD_LIBRARY_PATH=/nowhere\n"));
}

TEST_F(EmuTruth, ProgramThatClosesEveryDescriptorIsTraced) {
  expect_exact({"/bin/sh", "-c",
                "for i in 3 4 5 6 7 8 9; do eval \"exec $i>&-\"; done; "
                "/bin/echo done"});
}

TEST_F(EmuTruth, KilledProgramEndsWithItsLastBlock) {
  const ProgramRun emulated = emulate({"/bin/sh", "-c", "kill -9 $$"});
  EXPECT_EQ(emulated.exit_status, 128 + 9);
  const TruthResult result = compare();
  EXPECT_EQ(result.difference, "");
  EXPECT_EQ(result.gaps, 0u);
}

TEST_F(EmuTruth, KilledWhileItSpinsEndsWithItsLastBlock) {
  const ProgramRun emulated = emulate(
      {"/bin/sh", "-c", "(while :; do :; done) & sleep 0.3; kill -9 $!"});
  EXPECT_EQ(emulated.exit_status, 0);
  const TruthResult result = compare();
  EXPECT_EQ(result.difference, "");
  EXPECT_LE(result.beyond_end, kMostOfOneBlock);
  EXPECT_EQ(result.gaps, 0u);
}

}  // namespace
}  // namespace ptcap::capture::emu
