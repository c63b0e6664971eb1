// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/error.h"
#include "capture/source.h"
#include "capture/units.h"

namespace ptcap::capture {
namespace {

using Arguments = std::vector<std::string>;

CaptureOptions parsed(const Arguments& arguments) {
  return std::get<CaptureOptions>(parse_command_line(arguments));
}

std::string usage_error(const Arguments& arguments) {
  try {
    parse_command_line(arguments);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Options, EverythingBehindTheDashesIsTheProgram) {
  const auto options = parsed({"-o", "x", "--", "ls", "-l", "--", "--force"});
  EXPECT_THAT(std::get<RunProgram>(options.target).argv,
              testing::ElementsAre("ls", "-l", "--", "--force"));
  EXPECT_EQ(options.output, "x");
  EXPECT_FALSE(options.force);
}

TEST(Options, TargetsExcludeEachOther) {
  EXPECT_EQ(std::get<AttachProcess>(parsed({"-p", "7"}).target).pid, 7);
  EXPECT_EQ(std::get<AttachThread>(parsed({"-t", "8"}).target).tid, 8);
  EXPECT_EQ(std::get<WholeSystem>(parsed({"-a", "-C", "0-1"}).target).cpus,
            "0-1");
  EXPECT_THAT(usage_error({"-p", "7", "--", "ls"}), testing::HasSubstr("-p"));
  EXPECT_NE(usage_error({}), "");
  EXPECT_NE(usage_error({"-p", "0"}), "");
  EXPECT_NE(usage_error({"-C", "1", "--", "ls"}), "");
}

TEST(Options, SwitchOutputIsASizeOrATimeByItsUnit) {
  const auto size = parsed({"--switch-output", "10M", "--", "ls"});
  EXPECT_EQ(size.switch_bytes, 10u << 20);
  EXPECT_EQ(size.switch_ns, std::nullopt);
  const auto time = parsed({"--switch-output", "10m", "--", "ls"});
  EXPECT_EQ(time.switch_bytes, std::nullopt);
  EXPECT_EQ(time.switch_ns, 600'000'000'000u);
  for (const char* bad : {"10", "0K", "0s", "", "often"}) {
    EXPECT_THAT(usage_error({"--switch-output", bad, "--", "ls"}),
                testing::HasSubstr("--switch-output"))
        << bad;
  }
  EXPECT_THAT(usage_error({"--switch-output", "1M", "-o", "-", "--", "ls"}),
              testing::HasSubstr("-o -"));
}

TEST(Options, AbbreviationsAreErrors) {
  EXPECT_THAT(usage_error({"--sourc", "step", "--", "ls"}),
              testing::HasSubstr("--sourc"));
}

TEST(Options, AProgramWithoutDashesIsAnErrorThatSaysHow) {
  EXPECT_THAT(usage_error({"ls"}), testing::HasSubstr("--"));
}

TEST(Options, ValuesAreChecked) {
  EXPECT_THAT(usage_error({"--source", "moon", "--", "ls"}),
              testing::HasSubstr("auto, pt, bts, emu, step"));
  EXPECT_NE(usage_error({"--level", "99", "--", "ls"}), "");
  EXPECT_NE(usage_error({"--images", "store=", "--", "ls"}), "");
  EXPECT_NE(usage_error({"--duration", "5 parsecs", "--", "ls"}), "");
  EXPECT_NE(usage_error({"--pt", "psb_period=x", "--", "ls"}), "");
  EXPECT_EQ(parsed({"--level", "none", "--", "ls"}).level, 0);
  EXPECT_EQ(parsed({"--images", "store=d", "--", "ls"}).image_store, "d");
  EXPECT_EQ(parsed({"--delay", "20ms", "--", "ls"}).delay_ns, 20'000'000u);
  EXPECT_EQ(parsed({"--max-size", "2M", "--", "ls"}).max_size_bytes, 2u << 20);
}

TEST(Options, HelpAndVersionNeedNoTarget) {
  EXPECT_TRUE(std::holds_alternative<ShowHelp>(parse_command_line({"-h"})));
  EXPECT_TRUE(
      std::holds_alternative<ShowVersion>(parse_command_line({"--version"})));
  EXPECT_THAT(help_text(), testing::StartsWith("usage: ptcap"));
}

TEST(SoftwarePtTerms, KnowsThreeAndNamesThem) {
  const auto terms = software_pt_terms(
      parsed({"--pt", "tsc=0,noretcomp,psb_period=5", "--", "ls"}), "step");
  EXPECT_FALSE(terms.tsc);
  EXPECT_FALSE(terms.compress_returns);
  EXPECT_EQ(terms.psb_period_bytes(), 65536u);
  for (const char* wrong : {"cyc", "psb_period=6", "tsc=2"}) {
    EXPECT_THROW(software_pt_terms(parsed({"--pt", wrong, "--", "ls"}), "step"),
                 UsageError)
        << wrong;
  }
}

TEST(Units, SizesAndTimes) {
  EXPECT_EQ(parse_size("64K"), 65536u);
  EXPECT_EQ(parse_size("3"), 3u);
  EXPECT_EQ(parse_size("17179869184G"), std::nullopt);
  EXPECT_EQ(parse_size("1T"), std::nullopt);
  EXPECT_EQ(parse_size("-1"), std::nullopt);
  EXPECT_EQ(parse_time_ns("1.5s"), 1'500'000'000u);
  EXPECT_EQ(parse_time_ns("250us"), 250'000u);
  EXPECT_EQ(parse_time_ns("2m"), 120'000'000'000u);
  EXPECT_EQ(parse_time_ns("2"), 2'000'000'000u);
  EXPECT_EQ(parse_time_ns("s"), std::nullopt);
  EXPECT_EQ(parse_time_ns("nan"), std::nullopt);
  EXPECT_EQ(parse_time_ns("1e30s"), std::nullopt);
}

std::string works(const CaptureOptions&) { return ""; }
std::string broken(const CaptureOptions&) { return "it is broken"; }

constexpr SourceEntry kHardwareBroken[] = {
    {SourceKind::kPt, "pt", "", {Feature::kKernel}, broken, nullptr},
    {SourceKind::kStep, "step", "", {Feature::kDelay}, works, nullptr},
};

TEST(ChooseSource, AutoTakesTheFirstThatWorksAndSaysWhy) {
  const auto chosen = choose_source(parsed({"--", "ls"}), kHardwareBroken);
  EXPECT_EQ(chosen.entry->name, "step");
  EXPECT_EQ(chosen.why, "pt: it is broken");
}

TEST(ChooseSource, AFeatureThatTheNamedSourceLacksNamesThoseThatHaveIt) {
  const auto options = parsed({"--source", "step", "--kernel", "--", "ls"});
  try {
    choose_source(options, kHardwareBroken);
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "--kernel: source step cannot; pt can");
  }
}

TEST(ChooseSource, AutoSkipsSourcesWithoutTheFeature) {
  EXPECT_EQ(
      choose_source(parsed({"--delay", "1s", "--", "ls"}), kHardwareBroken)
          .entry->name,
      "step");
  EXPECT_THROW(choose_source(parsed({"--kernel", "--", "ls"}), kHardwareBroken),
               CaptureError);
}

TEST(ChooseSource, ANamedSourceThatDoesNotWorkFails) {
  EXPECT_THROW(
      choose_source(parsed({"--source", "pt", "--", "ls"}), kHardwareBroken),
      CaptureError);
}

}  // namespace
}  // namespace ptcap::capture
