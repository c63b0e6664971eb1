// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/elf/function_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <link.h>

#include "tests/formats/elf/elf_builder.h"

// In the symbol table of this program, to be found there.
extern "C" __attribute__((noinline)) int function_table_test_target(int x) {
  return x * 7 + 1;
}

namespace ptcap::formats {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// One executable section of 0x100 bytes at 0x1000, index 1; symbols in it.
class FunctionTableTest : public testing::Test {
 protected:
  FunctionTableTest() {
    Elf64_Shdr text = {};
    text.sh_type = SHT_PROGBITS;
    text.sh_flags = SHF_ALLOC | SHF_EXECINSTR;
    text.sh_addr = 0x1000;
    builder_.add_section(".text", text, std::vector<uint8_t>(0x100, 0x90));
  }

  void function(const std::string& name, uint64_t address, uint64_t size,
                uint8_t binding = STB_GLOBAL) {
    builder_.add_symbol(name, STT_FUNC, binding, address, size, 1);
  }
  void label(const std::string& name, uint64_t address, uint16_t section = 1) {
    builder_.add_symbol(name, STT_NOTYPE, STB_LOCAL, address, 0, section);
  }

  const FunctionTable& table() {
    if (!table_) {
      builder_.add_symbol_table();
      bytes_ = builder_.build();
      elf_.emplace(bytes_, "built");
      table_.emplace(*elf_);
    }
    return *table_;
  }
  std::string at(uint64_t address) {
    const ElfFunction* found = table().find(address);
    return found ? std::string(found->name) : "-";
  }

  ElfBuilder builder_;
  std::vector<uint8_t> bytes_;
  std::optional<ElfFile> elf_;
  std::optional<FunctionTable> table_;
};

TEST_F(FunctionTableTest, FindsByAddressInsideOnly) {
  function("first", 0x1010, 0x10);
  function("second", 0x1040, 0x10);
  EXPECT_EQ(at(0x100f), "-");
  EXPECT_EQ(at(0x1010), "first");
  EXPECT_EQ(at(0x101f), "first");
  EXPECT_EQ(at(0x1020), "-");
  EXPECT_EQ(at(0x104f), "second");
}

TEST_F(FunctionTableTest, PrefersGlobalSizedNamesWithFewUnderscores) {
  function("__libc_name", 0x1010, 0x10);
  function("weak", 0x1010, 0x10, STB_WEAK);
  function("local", 0x1010, 0x10, STB_LOCAL);
  function("name", 0x1010, 0x10);
  function("a", 0x1010, 0);
  EXPECT_EQ(at(0x1014), "name");
}

TEST_F(FunctionTableTest, InnermostOfNestedFunctions) {
  function("outer", 0x1000, 0x40);
  function("inner", 0x1010, 0x8);
  EXPECT_EQ(at(0x1008), "outer");
  EXPECT_EQ(at(0x1010), "inner");
  EXPECT_EQ(at(0x1018), "outer");
}

TEST_F(FunctionTableTest, LabelReachesToNextFunctionOrSectionEnd) {
  label("_start", 0x1000);
  function("main", 0x1020, 0x10);
  label("tail", 0x1080);
  EXPECT_EQ(at(0x101f), "_start");
  EXPECT_EQ(at(0x1030), "-");
  EXPECT_EQ(at(0x10ff), "tail");
  EXPECT_EQ(at(0x1100), "-");
}

TEST_F(FunctionTableTest, LeavesOutWhatIsNoFunction) {
  label(".L1", 0x1000);
  label("undefined", 0x1000, SHN_UNDEF);
  label("in_no_section", 0x1000, 77);
  builder_.add_symbol("object", STT_OBJECT, STB_GLOBAL, 0x1000, 8, 1);
  EXPECT_THAT(table().functions(), IsEmpty());
}

TEST_F(FunctionTableTest, FindsEveryFunctionOfAName) {
  function("helper", 0x1010, 8, STB_LOCAL);
  function("helper", 0x1040, 8, STB_LOCAL);
  function("help", 0x1060, 8);
  EXPECT_THAT(table().find("helper"), SizeIs(2));
  EXPECT_THAT(table().find("none"), IsEmpty());
}

TEST_F(FunctionTableTest, VersionIsNoPartOfTheName) {
  function("memcpy@@GLIBC_2.14", 0x1010, 8);
  EXPECT_THAT(table().find("memcpy"), SizeIs(1));
}

TEST_F(FunctionTableTest, NameWithoutEndIsIgnored) {
  function("good", 0x1010, 8);
  function("unterminated", 0x1020, 8);
  builder_.add_symbol_table();
  // .strtab, cut inside the second name.
  builder_.lying_sizes[2] = sizeof("\0good") + 4;
  bytes_ = builder_.build();
  elf_.emplace(bytes_, "built");
  table_.emplace(*elf_);
  EXPECT_THAT(table().functions(), SizeIs(1));
}

TEST_F(FunctionTableTest, ManyNamesAtOneAddressAreNoLongWalk) {
  for (int i = 0; i < 2000; ++i) function("f" + std::to_string(i), 0x1000, 4);
  EXPECT_NE(at(0x1002), "-");
  EXPECT_EQ(at(0x1004), "-");
}

TEST(FunctionTable, FindsAFunctionOfThisProgram) {
  ElfFile elf("/proc/self/exe");
  FunctionTable table(elf);
  auto found = table.find("function_table_test_target");
  ASSERT_THAT(found, SizeIs(1));
  uint64_t address = reinterpret_cast<uint64_t>(&function_table_test_target);
  uint64_t bias = _r_debug.r_map->l_addr;
  EXPECT_EQ(found[0]->address + bias, address);
  EXPECT_EQ(table.find(address - bias), found[0]);
}

}  // namespace
}  // namespace ptcap::formats
