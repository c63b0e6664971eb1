// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/source_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <link.h>

namespace ptcap::decode {
namespace {

using testing::EndsWith;
using testing::IsEmpty;

// Where its caller goes on: one byte before is inside the call.
__attribute__((noinline)) uint64_t return_address() {
  return reinterpret_cast<uint64_t>(__builtin_return_address(0));
}

int inner_line, outer_line;

__attribute__((always_inline)) inline uint64_t inlined_inner() {
  inner_line = __LINE__ + 1;
  uint64_t address = return_address();
  asm volatile("" : "+r"(address));  // no tail call
  return address;
}

__attribute__((noinline)) uint64_t real_outer() {
  outer_line = __LINE__ + 1;
  uint64_t address = inlined_inner();
  asm volatile("" : "+r"(address));
  return address;
}

TEST(SourceLines, InlinedFunctionThenItsCaller) {
  uint64_t address = real_outer() - 1 - _r_debug.r_map->l_addr;
  formats::ElfFile elf("/proc/self/exe");
  std::vector<SourceFrame> frames = SourceLines(elf).frames_at(address);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_THAT(frames[0].function, testing::HasSubstr("inlined_inner"));
  EXPECT_THAT(frames[0].file, EndsWith("/source_lines_test.cc"));
  EXPECT_EQ(frames[0].line, static_cast<uint32_t>(inner_line));
  EXPECT_THAT(frames[1].function, testing::HasSubstr("real_outer"));
  EXPECT_THAT(frames[1].file, EndsWith("/source_lines_test.cc"));
  EXPECT_EQ(frames[1].line, static_cast<uint32_t>(outer_line));
}

TEST(SourceLines, NothingOutsideOfCode) {
  formats::ElfFile elf("/proc/self/exe");
  EXPECT_THAT(SourceLines(elf).frames_at(~uint64_t{0}), IsEmpty());
}

TEST(SourceLines, NothingWithoutDwarf) {
  formats::ElfFile elf("/bin/true");
  EXPECT_THAT(SourceLines(elf).frames_at(elf.entry()), IsEmpty());
}

}  // namespace
}  // namespace ptcap::decode
