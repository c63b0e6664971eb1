// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/command_line.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "decode/cli/command.h"
#include "formats/manual/closest.h"

namespace ptcap::decode {
namespace {

CommandLine parse(const std::vector<std::string>& words,
                  const CommandOptions& options = {.flow = true,
                                                   .rows = true}) {
  return parse_command_line(words, options);
}

TEST(CommandLine, TimesHaveUnitsAndMayCountFromTheStart) {
  const CommandLine line = parse({"t.ptz", "--time", "+1.5ms..2s"});
  ASSERT_TRUE(line.begin && line.end);
  EXPECT_TRUE(line.begin->from_start);
  EXPECT_EQ(line.begin->ns, 1'500'000u);
  EXPECT_FALSE(line.end->from_start);
  EXPECT_EQ(line.end->ns, 2'000'000'000u);
}

TEST(CommandLine, EitherEndOfATimeMayBeMissing) {
  EXPECT_FALSE(parse({"t.ptz", "--time", "..5"}).begin);
  EXPECT_FALSE(parse({"t.ptz", "--time", "5.."}).end);
}

TEST(CommandLine, WhatIsNoTimeIsRefused) {
  for (const char* text : {"5", "a..b", "1..2x", "..-1",
                           "99999999999999999999..", "400000000000m.."}) {
    EXPECT_THROW(parse({"t.ptz", "--time", text}), UsageError) << text;
  }
}

TEST(CommandLine, OptionsAreNotAbbreviated) {
  EXPECT_THROW(parse({"t.ptz", "--lim", "3"}), UsageError);
}

TEST(CommandLine, AnUnknownOptionIsToldWithTheClosestOne) {
  try {
    parse({"t.ptz", "--limt", "3"});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "unrecognised option '--limt'; did you mean '--limit'?");
  }
}

TEST(CommandLine, HelpIsThereWhateverElseIsMissing) {
  for (const Command& command : commands()) {
    EXPECT_TRUE(parse({"--help"}, command.options).help) << command.name;
  }
}

TEST(CommandLine, LimitAndLastExcludeEachOther) {
  EXPECT_THROW(parse({"t.ptz", "--limit", "3", "--last", "3"}), UsageError);
}

TEST(CommandLine, NumbersAreThoseOfC) {
  EXPECT_EQ(parse_number("10", "x"), 10u);
  EXPECT_EQ(parse_number("0x10", "x"), 16u);
  EXPECT_EQ(parse_number("010", "x"), 8u);
  for (const char* text : {"", "0x", "10q", "-1", "08"}) {
    EXPECT_THROW(parse_number(text, "x"), UsageError) << text;
  }
}

TEST(CommandLine, IdsThatAreTooLargeAreRefused) {
  EXPECT_THROW(parse({"t.ptz", "--tid", "4294967296"}), UsageError);
}

TEST(Commands, EachIsDocumentedWithItsOptions) {
  const auto doc = document_command_line();
  ASSERT_EQ(doc.commands.size(), commands().size());
  for (const auto& command : doc.commands) {
    EXPECT_FALSE(command.summary.empty()) << command.name;
    for (const auto& option : command.options) {
      EXPECT_FALSE(option.summary.empty()) << command.name << option.name;
      EXPECT_NE(option.argument, "arg") << command.name << option.name;
    }
  }
}

TEST(Commands, TheClosestWordIsNearEnough) {
  constexpr std::string_view kKnown[] = {"branches", "blocks"};
  EXPECT_EQ(formats::closest("branchs", kKnown), "branches");
  EXPECT_EQ(formats::closest("block", kKnown), "blocks");
  EXPECT_EQ(formats::closest("xyzzy", kKnown), "");
}

}  // namespace
}  // namespace ptcap::decode
