// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/jit_map.h"

#include <gtest/gtest.h>

namespace ptcap::decode {
namespace {

std::string name_at(const JitMap& map, uint64_t address) {
  const JitFunction* function = map.find(address);
  return function ? function->name : "-";
}

TEST(JitMap, FindsByAddress) {
  JitMap map("1000 10 first\n1020 8 second function\n");
  EXPECT_EQ(name_at(map, 0xfff), "-");
  EXPECT_EQ(name_at(map, 0x100f), "first");
  EXPECT_EQ(name_at(map, 0x1010), "-");
  EXPECT_EQ(name_at(map, 0x1027), "second function");
}

TEST(JitMap, LaterEntriesReplaceWhatTheyCover) {
  JitMap map("1000 30 old\n1010 10 new\n");
  EXPECT_EQ(name_at(map, 0x100f), "old");
  EXPECT_EQ(name_at(map, 0x1010), "new");
  EXPECT_EQ(name_at(map, 0x1020), "old");
  EXPECT_EQ(name_at(JitMap("1000 10 a\n1010 10 b\n0ff8 20 c\n"), 0x1017), "c");
  EXPECT_EQ(name_at(JitMap("1000 10 a\n1010 10 b\n0ff8 20 c\n"), 0x1018), "b");
}

TEST(JitMap, SkipsLinesThatAreNone) {
  JitMap map(
      "\n\nnonsense\n1000\n1000 \n1000 0 empty\n1000 10\n"
      "ffffffffffffffff ffff wraps\n1000 10 good");
  EXPECT_EQ(name_at(map, 0x1000), "good");
  EXPECT_EQ(name_at(map, ~uint64_t{0}), "-");
}

TEST(JitMap, NamesAreEscaped) {
  EXPECT_EQ(name_at(JitMap("1000 10 \x1b[2J\n"), 0x1000), "\\x1b[2J");
}

TEST(JitMap, NoFileIsAnEmptyMap) {
  EXPECT_TRUE(JitMap::read("/nowhere/perf-1.map").empty());
  EXPECT_TRUE(JitMap::read("/dev/zero").empty());
}

}  // namespace
}  // namespace ptcap::decode
