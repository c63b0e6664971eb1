// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/coverage/static_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ptcap::decode {
namespace {

constexpr uint64_t kBegin = 0x1000;

std::vector<uint64_t> blocks_of(const std::vector<uint8_t>& bytes,
                                const FunctionAt& function_at) {
  CodeView code;
  code.add({kBegin, bytes});
  return static_blocks(code, kBegin, kBegin + bytes.size(), ExecMode::k64,
                       function_at);
}

std::optional<FunctionExtent> no_function(uint64_t /*ip*/) {
  return std::nullopt;
}

std::optional<FunctionExtent> one_function(uint64_t /*ip*/) {
  return FunctionExtent{kBegin, kBegin + 0x100};
}

TEST(StaticBlocks, BeginAtTheCodeAtTargetsAndBehindBranches) {
  const std::vector<uint8_t> code = {
      0x85, 0xff,                    // 1000: test edi, edi
      0x74, 0x04,                    // 1002: je 1008
      0xff, 0xcf,                    // 1004: dec edi
      0xeb, 0xf8,                    // 1006: jmp 1000
      0xe8, 0x01, 0x00, 0x00, 0x00,  // 1008: call 100e
      0xc3,                          // 100d: ret
      0x31, 0xc0,                    // 100e: xor eax, eax
      0xc3,                          // 1010: ret
  };
  EXPECT_THAT(blocks_of(code, one_function),
              testing::ElementsAre(0x1000, 0x1004, 0x1008, 0x100d, 0x100e));
}

TEST(StaticBlocks, PaddingIsNone) {
  const std::vector<uint8_t> code = {
      0xc3,                                // 1000: ret
      0x66, 0x2e, 0x0f, 0x1f, 0x44, 0, 0,  // 1001: nop word cs:[rax+rax]
      0x90,                                // 1008: nop
      0xcc,                                // 1009: int3
      0x31, 0xc0,                          // 100a: xor eax, eax
      0xc3,                                // 100c: ret
  };
  EXPECT_THAT(blocks_of(code, one_function),
              testing::ElementsAre(0x1000, 0x100a));
}

TEST(StaticBlocks, FunctionsBeginThem) {
  const std::vector<uint8_t> code = {
      0x31, 0xc0,  // 1000: xor eax, eax; falls into the next function
      0x31, 0xdb,  // 1002: xor ebx, ebx
      0xc3,        // 1004: ret
  };
  const auto functions = [](uint64_t ip) {
    return std::optional<FunctionExtent>(ip < 0x1002
                                             ? FunctionExtent{0x1000, 0x1002}
                                             : FunctionExtent{0x1002, 0x1005});
  };
  EXPECT_THAT(blocks_of(code, functions), testing::ElementsAre(0x1000, 0x1002));
  EXPECT_THAT(blocks_of(code, no_function), testing::ElementsAre(0x1000));
}

TEST(StaticBlocks, DataIsReadPast) {
  const std::vector<uint8_t> code = {
      0xc3,        // 1000: ret
      0x06,        // 1001: no instruction
      0x31, 0xc0,  // 1002: xor eax, eax
      0xc3,        // 1004: ret
      0x74, 0x00,  // 1005: je 1007
      0x74, 0x70,  // 1007: je out of the code
  };
  EXPECT_THAT(blocks_of(code, no_function),
              testing::ElementsAre(0x1000, 0x1005, 0x1007));
}

}  // namespace
}  // namespace ptcap::decode
