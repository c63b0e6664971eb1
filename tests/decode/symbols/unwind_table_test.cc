// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/unwind_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "formats/elf/function_table.h"

namespace ptcap::decode {
namespace {

const std::string kSample = SAMPLES "/sample_exceptions";

std::vector<uint8_t> bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "pc=0000000000401000..0000000000401010", as binutils read them.
std::vector<std::pair<uint64_t, uint64_t>> frames_by_readelf() {
  const std::string command = "readelf --debug-dump=frames " + kSample;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"),
                                                   pclose);
  std::vector<std::pair<uint64_t, uint64_t>> frames;
  std::array<char, 4096> line;
  while (fgets(line.data(), line.size(), pipe.get()) != nullptr) {
    unsigned long begin = 0;
    unsigned long end = 0;
    const char* at = std::strstr(line.data(), "pc=");
    if (at != nullptr && std::sscanf(at, "pc=%lx..%lx", &begin, &end) == 2 &&
        begin < end) {
      frames.emplace_back(begin, end);
    }
  }
  return frames;
}

TEST(UnwindTable, HasTheFunctionsThatReadelfFinds) {
  const formats::ElfFile elf(kSample);
  const UnwindTable table(elf);
  const auto frames = frames_by_readelf();
  ASSERT_GT(frames.size(), 100u);
  for (const auto& [begin, end] : frames) {
    const UnwindEntry* entry = table.find(begin);
    ASSERT_NE(entry, nullptr) << std::hex << begin;
    EXPECT_EQ(entry->begin, begin);
    EXPECT_EQ(entry->end, end);
    EXPECT_EQ(table.find(end - 1), entry);
  }
}

TEST(UnwindTable, LandingPadsLieInTheFunctionOfTheCall) {
  const formats::ElfFile elf(kSample);
  const UnwindTable table(elf);
  const formats::FunctionTable functions(elf);
  size_t pads = 0;
  for (const formats::ElfFunction& function : functions.functions()) {
    const std::string_view name =
        function.name.substr(0, function.name.find(".cold"));
    if (name.find("attempt") == std::string_view::npos) continue;
    uint64_t last = 0;
    for (uint64_t at = 0; at < function.size; ++at) {
      const auto pad = table.landing_pad(function.address + at + 1);
      ASSERT_TRUE(pad.has_value());
      if (*pad == 0 || *pad == last) continue;
      last = *pad;
      ++pads;
      const formats::ElfFunction* home = functions.find(*pad);
      ASSERT_NE(home, nullptr);
      EXPECT_TRUE(home->name.starts_with(name)) << home->name;
    }
  }
  EXPECT_GE(pads, 2u);  // it tries twice
}

TEST(UnwindTable, AFileWithoutTheSectionKnowsNothing) {
  std::vector<uint8_t> bytes = bytes_of(kSample);
  const std::string name = ".eh_frame";
  const auto at = std::search(bytes.begin(), bytes.end(), name.c_str(),
                              name.c_str() + name.size() + 1);
  ASSERT_NE(at, bytes.end());
  *at = 'x';
  const formats::ElfFile elf(bytes, "changed");
  const UnwindTable table(elf);
  EXPECT_EQ(table.find(elf.entry()), nullptr);
  EXPECT_EQ(table.landing_pad(elf.entry()), std::nullopt);
}

TEST(UnwindTable, DamageEndsInFewerEntries) {
  const std::vector<uint8_t> whole = bytes_of(kSample);
  const formats::ElfFile original(whole, "whole");
  for (const char* name : {".eh_frame", ".gcc_except_table"}) {
    const auto section = original.section(name);
    ASSERT_TRUE(section);
    const uint64_t step = std::max<uint64_t>(section->size / 40, 1);
    for (uint64_t at = 0; at < section->size; at += step) {
      for (const uint8_t value : {0x00, 0x7f, 0xff}) {
        std::vector<uint8_t> bytes = whole;
        bytes[section->offset + at] = value;
        const formats::ElfFile elf(bytes, "damaged");
        const UnwindTable table(elf);
        table.find(elf.entry());
        for (uint64_t ip = 0; ip < 0x3000; ip += 0x31) {
          table.landing_pad(elf.entry() + ip);
        }
      }
    }
  }
}

}  // namespace
}  // namespace ptcap::decode
