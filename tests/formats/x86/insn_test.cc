// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/x86/insn.h"

#include <gmock/gmock.h>

#include <random>

#include "tests/formats/x86/zydis_compare.h"

namespace ptcap::x86 {
namespace {

using Code = std::vector<uint8_t>;

TEST(X86Insn, TellsBranchesAndTheirTargets) {
  Insn insn;
  ASSERT_TRUE(decode_insn(Code{0x74, 0xfe}, Mode::k64, insn));  // je self
  EXPECT_EQ(insn.kind, InsnClass::kCondJump);
  EXPECT_EQ(insn.length, 2);
  EXPECT_EQ(insn.displacement, -2);
  ASSERT_TRUE(decode_insn(Code{0xe8, 1, 2, 0, 0}, Mode::k64, insn));
  EXPECT_EQ(insn.kind, InsnClass::kCall);
  EXPECT_EQ(insn.displacement, 0x201);
  ASSERT_TRUE(decode_insn(Code{0xf3, 0xc3}, Mode::k64, insn));  // repz ret
  EXPECT_EQ(insn.kind, InsnClass::kReturn);
  EXPECT_EQ(insn.length, 2);
}

TEST(X86Insn, DeclinesWhatTheBytesCutShort) {
  Insn insn;
  EXPECT_FALSE(decode_insn(Code{}, Mode::k64, insn));
  EXPECT_FALSE(decode_insn(Code{0xe8, 1, 2, 0}, Mode::k64, insn));
  EXPECT_FALSE(decode_insn(Code{0x66, 0x66}, Mode::k64, insn));
}

TEST(X86Insn, DeclinesMoreThanFifteenBytes) {
  Code code(14, 0x66);
  code.push_back(0x90);
  Insn insn;
  EXPECT_TRUE(decode_insn(code, Mode::k64, insn));
  code.insert(code.begin(), 0x66);
  EXPECT_FALSE(decode_insn(code, Mode::k64, insn));
}

void expect_equal_everywhere(ZydisCompare& compare, const Code& code,
                             size_t stride) {
  unsigned shown = 0;
  for (size_t at = 0; at < code.size() && shown < 10; at += stride) {
    const size_t size = std::min<size_t>(code.size() - at, 64);
    const auto difference = compare.difference({code.data() + at, size});
    if (!difference) continue;
    ADD_FAILURE() << *difference;
    ++shown;
  }
}

// Each byte of the C library's code in turn as the first of an instruction.
TEST(X86Insn, EqualsZydisOnTheCLibrary) {
  const auto segments = executable_segments("/lib/x86_64-linux-gnu/libc.so.6");
  ASSERT_FALSE(segments.empty());
  ZydisCompare compare(Mode::k64);
  for (const Code& code : segments) expect_equal_everywhere(compare, code, 1);
  EXPECT_GT(compare.known(), 1'000'000u);
  EXPECT_LT(compare.declined() * 100, compare.known());
}

// Along the instructions that are really there, none may be declined: what is
// declined costs the fast engine a stretch.
TEST(X86Insn, KnowsEveryRealInstructionOfTheCLibrary) {
  ZydisCompare compare(Mode::k64);
  for (const Code& code :
       executable_segments("/lib/x86_64-linux-gnu/libc.so.6")) {
    for (size_t at = 0; at < code.size();) {
      const std::span<const uint8_t> rest(code.data() + at, code.size() - at);
      const auto difference = compare.difference(rest);
      EXPECT_FALSE(difference) << *difference;
      at += std::max<uint8_t>(compare.zydis_length(rest), 1);
    }
  }
  EXPECT_GT(compare.known(), 300'000u);
  EXPECT_LT(compare.declined(), compare.known() / 10'000);
}

class RandomBytes : public testing::TestWithParam<Mode> {};

TEST_P(RandomBytes, EqualZydis) {
  std::mt19937_64 random(7);
  ZydisCompare compare(GetParam());
  Code code(4 << 20);
  for (uint8_t& byte : code) byte = static_cast<uint8_t>(random());
  expect_equal_everywhere(compare, code, 2);
  EXPECT_GT(compare.known(), 1'000'000u);
}

// Opcodes behind every prefix that changes them, rarer than chance finds.
TEST_P(RandomBytes, EqualZydisBehindPrefixesAndEscapes) {
  std::mt19937_64 random(8);
  ZydisCompare compare(GetParam());
  const std::vector<Code> fronts = {
      {0x0f}, {0x66, 0x0f}, {0xf3, 0x0f}, {0xf2, 0x0f},       {0x48},
      {0x67}, {0x66, 0x48}, {0xf3, 0x48}, {0x62, 0xf1, 0x7c}, {0xc5, 0xf8},
      {0x66}, {0xf0},       {0x0f, 0x01}, {0xc4, 0xe2, 0x79}, {0xff},
      {0x8f}, {0x0f, 0xae}, {0x0f, 0x38}, {0x0f, 0x3a},       {0xf6}};
  for (unsigned round = 0; round < 400'000; ++round) {
    Code code = fronts[round % fronts.size()];
    while (code.size() < 20) code.push_back(static_cast<uint8_t>(random()));
    const auto difference = compare.difference(code);
    ASSERT_FALSE(difference) << *difference;
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, RandomBytes,
                         testing::Values(Mode::k32, Mode::k64));

}  // namespace
}  // namespace ptcap::x86
