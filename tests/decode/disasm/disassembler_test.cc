// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/disasm/disassembler.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace ptcap::decode {
namespace {

using Code = std::vector<uint8_t>;

std::string text_at(uint64_t ip, const Code& code,
                    ExecMode mode = ExecMode::k64) {
  Disassembler disassembler;
  return std::string(disassembler.at(ip, code, mode).text);
}

TEST(Disassembler, BranchesHaveAbsoluteLowerCaseTargets) {
  EXPECT_EQ(text_at(0x401100, {0x74, 0x34}), "jz 0x401136");
  EXPECT_EQ(text_at(0xffff'ffff'ffff'fff0, {0xeb, 0x10}), "jmp 0x2");
  EXPECT_EQ(text_at(0x7f00'0000'0000, {0xe8, 0xfb, 0xff, 0xff, 0xff}),
            "call 0x7f0000000000");
  EXPECT_EQ(text_at(0, {0xff, 0xe0}), "jmp rax");
  EXPECT_EQ(text_at(0, {0xc3}), "ret");
}

TEST(Disassembler, ModeDecidesTheMeaning) {
  Code code = {0x48, 0x89, 0xd8};
  EXPECT_EQ(text_at(0, code, ExecMode::k64), "mov rax, rbx");
  EXPECT_EQ(text_at(0, code, ExecMode::k32), "dec eax");
  EXPECT_EQ(text_at(0, code, ExecMode::k16), "dec ax");
}

TEST(Disassembler, SizeIsThatOfTheInstruction) {
  Disassembler disassembler;
  Code code = {0x0f, 0x1f, 0x44, 0x00, 0x00, 0x90, 0x90};
  EXPECT_EQ(disassembler.at(0, code, ExecMode::k64).size, 5);
}

TEST(Disassembler, WhatIsNoWholeInstructionIsBad) {
  Disassembler disassembler;
  for (const Code& code :
       {Code{}, Code{0xe8, 0x00}, Code{0x06}, Code(15, 0x66)}) {
    InsnText insn = disassembler.at(0, code, ExecMode::k64);
    EXPECT_EQ(insn.text, "(bad)");
    EXPECT_EQ(insn.size, 0);
  }
}

TEST(Disassembler, SeesCodeThatChangedUnderItsAddress) {
  Disassembler disassembler;
  EXPECT_EQ(disassembler.at(0x1000, Code{0x90}, ExecMode::k64).text, "nop");
  EXPECT_EQ(disassembler.at(0x1000, Code{0xc3}, ExecMode::k64).text, "ret");
  EXPECT_EQ(disassembler.at(0x1000, Code{}, ExecMode::k64).text, "(bad)");
  EXPECT_EQ(disassembler.at(0x1000, Code{0xc3}, ExecMode::k64).text, "ret");
}

TEST(Disassembler, AddressesThatShareASlotKeepTheirOwnText) {
  Disassembler disassembler;
  Code jump = {0xeb, 0x00};
  for (uint64_t n = 0; n < 8; ++n) {
    uint64_t ip = n << 32;
    char expected[32];
    snprintf(expected, sizeof(expected), "jmp 0x%lx", ip + 2);
    EXPECT_EQ(disassembler.at(ip, jump, ExecMode::k64).text, expected);
  }
}

TEST(Disassembler, AnyBytesAreSafe) {
  Disassembler disassembler;
  std::mt19937 random(1);
  for (int round = 0; round < 100000; ++round) {
    Code code(random() % 16);
    for (uint8_t& byte : code) byte = static_cast<uint8_t>(random());
    InsnText insn = disassembler.at(random(), code, ExecMode(round % 3));
    ASSERT_FALSE(insn.text.empty());
    ASSERT_LE(insn.size, code.size());
  }
}

}  // namespace
}  // namespace ptcap::decode
