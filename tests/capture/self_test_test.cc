// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What `ptcap doctor --self-test` takes for the known flow.

#include "capture/self_test.h"

#include <gtest/gtest.h>

#include "capture/self_test_program.h"
#include "formats/elf/elf_file.h"

namespace ptcap::capture {
namespace {

const std::vector<std::string> kExpected = {"a b call", "b c ret", "a b call",
                                            "b d ret"};

// A row for each word: "FROM TO KIND" or "KIND CAUSE".
std::string rows(const std::vector<std::string>& words) {
  std::string text = "#pid\ttid\tcpu\ttime_ns\tfrom\tto\tkind\tcause\n";
  for (std::string word : words) {
    const bool branch = std::count(word.begin(), word.end(), ' ') == 2;
    std::replace(word.begin(), word.end(), ' ', '\t');
    text += "1\t1\t\t5\t" + (branch ? word + "\t" : "\t\t" + word) + "\n";
  }
  return text;
}

std::string compare(const std::vector<std::string>& words, bool may_lose,
                    uint64_t losses = 0) {
  SelfTestResult result;
  result.losses = losses;
  return compare_flow(rows(words), kExpected, may_lose, result);
}

TEST(SelfTestFlow, AllBranchesWhateverInterruptsThem) {
  SelfTestResult result;
  const std::string text =
      rows({"on ", "a b call", "off async", "on ", "b c ret", "a b call",
            "b d ret", "off syscall"});
  EXPECT_EQ(compare_flow(text, kExpected, false, result), "");
  EXPECT_EQ(result.branches, 4u);
  EXPECT_EQ(result.expected_branches, 4u);
  EXPECT_EQ(result.gaps, 0u);
}

TEST(SelfTestFlow, AnotherBranch) {
  EXPECT_EQ(compare({"a b call", "b d ret", "a b call", "b d ret"}, false),
            "behind branch 0: b d ret, expected b c ret");
}

TEST(SelfTestFlow, BranchesTooFewOrTooMany) {
  EXPECT_EQ(compare({"a b call", "b c ret"}, false),
            "2 of 4 branches are missing");
  EXPECT_EQ(
      compare({"a b call", "b c ret", "a b call", "b d ret", "x y jmp"}, false),
      "behind branch 0: x y jmp, expected none");
  EXPECT_EQ(compare({}, false), "4 of 4 branches are missing");
}

TEST(SelfTestFlow, AGapFailsUnlessSomethingMayBeLost) {
  const std::vector<std::string> words = {"a b call", "gap lost", "a b call",
                                          "b d ret"};
  EXPECT_EQ(compare(words, false), "a gap: lost");
  EXPECT_EQ(compare(words, true, 1), "");
  EXPECT_EQ(compare(words, true, 0), "1 of 4 branches are missing");
  EXPECT_EQ(compare({"a b call", "gap desync", "b d ret"}, true, 1),
            "a gap: desync");
}

TEST(SelfTestFlow, BehindALossTheFlowIsStillTheProgram) {
  EXPECT_EQ(compare({"gap lost", "b d ret", "a b call"}, true, 1),
            "behind branch 0: a run of branches that the program does not "
            "have");
}

TEST(SelfTestProgram, IsAnElfFileWithItsBranchesInside) {
  const std::vector<uint8_t> file = self_test_program();
  const formats::ElfFile elf(file, "program");
  ASSERT_EQ(elf.segments().size(), 1u);
  EXPECT_EQ(elf.segments().front().address, 0x400000u);
  const std::vector<std::string> flow = self_test_flow();
  EXPECT_EQ(flow.size(), 27501u);
  EXPECT_EQ(flow.front(), "40007d 4000a7 call");
  EXPECT_EQ(flow.back(), "40009a 40009e jmp");
}

}  // namespace
}  // namespace ptcap::capture
