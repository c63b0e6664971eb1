// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The samples of the perf layer do what they say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

// stdout and stderr of a sample.
std::string run(const std::string& command) {
  FILE* pipe = ::popen((SAMPLES "/" + command + " 2>&1").c_str(), "r");
  std::string text;
  char buffer[4096];
  while (::fgets(buffer, sizeof(buffer), pipe)) text += buffer;
  ::pclose(pipe);
  return text;
}

#define SKIP_IF_REFUSED(text) \
  if (text.find("Permission denied") != std::string::npos) GTEST_SKIP() << text

TEST(PerfSamples, CountersCount) {
  std::string text =
      run("perf_counters page-faults:u,task-clock:u " KNOWN_WORK " 3000");
  SKIP_IF_REFUSED(text);
  EXPECT_THAT(text, ContainsRegex(" 30[0-9][0-9]   page-faults:u\n"));
  EXPECT_THAT(text, HasSubstr("task-clock:u"));
  EXPECT_THAT(run("perf_counters cycels true"), HasSubstr("\"cycels\""));
}

TEST(PerfSamples, ProfilerPrintsFoldedStacks) {
  std::string text =
      run("perf_profiler sh -c 'i=0; while [ $i -lt 100000 ]; "
          "do i=$((i+1)); done'");
  SKIP_IF_REFUSED(text);
  EXPECT_THAT(text, ContainsRegex("\\+0x[0-9a-f]+ [0-9]+\n"));
}

TEST(PerfSamples, WatchSeesBothWrites) {
  std::string text = run("perf_watch");
  SKIP_IF_REFUSED(text);
  EXPECT_EQ(text, "balance 109 after 2 writes, 2 counted\n");
}

TEST(PerfSamples, OthersSayWhatTheyNeed) {
  EXPECT_THAT(run("perf_uprobe"), HasSubstr("usage: perf_uprobe FILE OFFSET"));
  EXPECT_THAT(run("perf_uprobe /nonexistent 1 true"),
              HasSubstr("perf_uprobe: perf_event_open(uprobe:/nonexistent"));
  EXPECT_THAT(run("perf_tracepoint sched nonsense true"),
              HasSubstr("perf_tracepoint: open("));
}

}  // namespace
