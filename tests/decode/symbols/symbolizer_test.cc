// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/symbolizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace symbolizer_test {

__attribute__((noinline)) int target(int x) { return x * 3 + 1; }

}  // namespace symbolizer_test

namespace ptcap::decode {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

struct Warnings : formats::Reporter {
  void warn(const std::string& message) override { all.push_back(message); }
  std::vector<std::string> all;
};

// The executable mapping of /proc/self/maps that holds `address`.
MappingDescription mapping_of(uint64_t address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    uint64_t begin = 0, end = 0, offset = 0;
    char path[4096] = "";
    if (sscanf(line.c_str(), "%lx-%lx %*s %lx %*s %*s %4095[^\n]", &begin, &end,
               &offset, path) < 3)
      continue;
    if (address < begin || address >= end) continue;
    MappingDescription mapping;
    mapping.path = path;
    mapping.address = begin;
    mapping.size = end - begin;
    mapping.file_offset = offset;
    return mapping;
  }
  return {};
}

class SymbolizerTest : public testing::Test {
 protected:
  SymbolizerTest()
      : folder_(testing::TempDir() + "symbolizer_test." +
                std::to_string(getpid())) {
    fs::create_directories(folder_);
    options_.debug_directories = {folder_ + "/debug"};
    options_.jit_map_directory = folder_;
  }
  ~SymbolizerTest() override { fs::remove_all(folder_); }

  // objcopy of binutils, which every compiler needs.
  void objcopy(const std::string& arguments) {
    ASSERT_EQ(std::system(("objcopy " + arguments).c_str()), 0) << arguments;
  }

  // A mapping of the program at `path` as the kernel would make it for a
  // non-PIE, by its first executable segment.
  MappingDescription mapping_of_file(const std::string& path) {
    formats::ElfFile elf(path);
    MappingDescription mapping;
    mapping.path = path;
    mapping.build_id = elf.build_id().value();
    for (const formats::ElfSegment& segment : elf.segments()) {
      if (!segment.executable) continue;
      mapping.address = segment.address & ~uint64_t{4095};
      mapping.size = segment.memory_size + 4096;
      mapping.file_offset = segment.offset & ~uint64_t{4095};
    }
    return mapping;
  }

  std::string name_at(const MappingDescription& mapping, uint64_t ip) {
    if (!symbolizer_) symbolizer_.emplace(options_, warnings_);
    auto range = symbolizer_->open(mapping).function_at(ip);
    return range ? std::string(range->name) : "-";
  }

  static uint64_t main_of(const std::string& path) {
    formats::ElfFile elf(path);
    return formats::FunctionTable(elf).find("main").at(0)->address;
  }

  // SAMPLE with its symbols in folder_/NAME.debug only.
  std::string strip_sample(const std::string& name) {
    std::string whole = SAMPLES "/" + name, stripped = folder_ + "/" + name;
    objcopy("--only-keep-debug " + whole + " " + stripped + ".debug");
    objcopy("--strip-all " + whole + " " + stripped);
    return stripped;
  }

  const std::string folder_;
  SymbolOptions options_;
  Warnings warnings_;
  std::optional<Symbolizer> symbolizer_;
};

TEST_F(SymbolizerTest, FunctionOfThisProgram) {
  auto address = reinterpret_cast<uint64_t>(&symbolizer_test::target);
  MappingDescription mapping = mapping_of(address);
  symbolizer_.emplace(options_, warnings_);
  MappedSymbols symbols = symbolizer_->open(mapping);
  auto range = symbols.function_at(address + 1);
  ASSERT_TRUE(range);
  EXPECT_EQ(range->name, "symbolizer_test::target(int)");
  EXPECT_EQ(range->begin, address);
  EXPECT_GT(range->end, address + 1);
  EXPECT_FALSE(symbols.function_at(mapping.address - 1));
  EXPECT_FALSE(symbols.function_at(mapping.address + mapping.size));
  std::vector<SourceFrame> source = symbols.source_at(address);
  ASSERT_EQ(source.size(), 1u);
  EXPECT_EQ(source[0].function, "symbolizer_test::target(int)");
}

TEST_F(SymbolizerTest, VdsoByItsImage) {
  std::ifstream maps("/proc/self/maps");
  MappingDescription mapping;
  for (std::string line; std::getline(maps, line);)
    if (line.ends_with("[vdso]"))
      mapping = mapping_of(std::stoull(line, nullptr, 16));
  if (mapping.size == 0) GTEST_SKIP() << "this kernel gives no vDSO";
  std::vector<uint8_t> image(mapping.size);
  std::ifstream memory("/proc/self/mem", std::ios::binary);
  memory.seekg(static_cast<std::streamoff>(mapping.address));
  memory.read(reinterpret_cast<char*>(image.data()),
              static_cast<std::streamsize>(image.size()));
  mapping.image = image;
  mapping.file_offset = 0;
  formats::ElfFile elf(image, "[vdso]");
  formats::FunctionTable functions(elf);
  uint64_t offset = functions.find("__vdso_clock_gettime").at(0)->address;
  EXPECT_EQ(name_at(mapping, mapping.address + offset), "__vdso_clock_gettime");
}

TEST_F(SymbolizerTest, PltStubOfThisProgram) {
  formats::ElfFile elf("/proc/self/exe");
  std::vector<PltEntry> plt = read_plt(elf);
  ASSERT_FALSE(plt.empty());
  auto address = reinterpret_cast<uint64_t>(&symbolizer_test::target);
  MappingDescription mapping = mapping_of(address);
  uint64_t bias = mapping.address - mapping.file_offset;
  auto mangled_c = std::find_if(plt.begin(), plt.end(), [](const auto& entry) {
    return !entry.name.starts_with("_Z");
  });
  ASSERT_NE(mangled_c, plt.end());
  EXPECT_EQ(name_at(mapping, mangled_c->address + bias), mangled_c->name);
}

TEST_F(SymbolizerTest, DebugFileByBuildId) {
  std::string path = strip_sample("sample_loop_no_pie");
  MappingDescription mapping = mapping_of_file(path);
  std::string hex = formats::to_hex(mapping.build_id);
  std::string place = folder_ + "/debug/.build-id/" + hex.substr(0, 2);
  fs::create_directories(place);
  fs::rename(path + ".debug", place + "/" + hex.substr(2) + ".debug");
  uint64_t main = main_of(SAMPLES "/sample_loop_no_pie");
  EXPECT_EQ(name_at(mapping, main), "main");

  // And where the program itself is not here.
  fs::remove(path);
  symbolizer_.reset();
  EXPECT_EQ(name_at(mapping, main), "main");
  EXPECT_THAT(warnings_.all, IsEmpty());
}

TEST_F(SymbolizerTest, DebugFileByLinkWithItsCrc) {
  std::string path = strip_sample("sample_loop_no_pie");
  objcopy("--add-gnu-debuglink=" + path + ".debug " + path);
  uint64_t main = main_of(SAMPLES "/sample_loop_no_pie");
  MappingDescription mapping = mapping_of_file(path);
  EXPECT_EQ(name_at(mapping, main), "main");

  fs::create_directories(folder_ + "/debug" + folder_);
  fs::rename(path + ".debug", folder_ + "/debug" + path + ".debug");
  symbolizer_.reset();
  EXPECT_EQ(name_at(mapping, main), "main");

  std::ofstream(folder_ + "/debug" + path + ".debug", std::ios::app) << "x";
  symbolizer_.reset();
  EXPECT_EQ(name_at(mapping, main), "-");
}

TEST_F(SymbolizerTest, FileThatWasReplacedIsReportedAndNotUsed) {
  MappingDescription mapping = mapping_of_file(SAMPLES "/sample_loop_no_pie");
  uint64_t main = main_of(mapping.path);
  EXPECT_EQ(name_at(mapping, main), "main");
  mapping.build_id[0] ^= 1;
  EXPECT_EQ(name_at(mapping, main), "-");
  EXPECT_EQ(name_at(mapping, main), "-");
  ASSERT_EQ(warnings_.all.size(), 1u);
  EXPECT_THAT(warnings_.all[0], HasSubstr("is not the file that was traced"));
}

TEST_F(SymbolizerTest, SysrootIsPutBeforePaths) {
  MappingDescription mapping = mapping_of_file(SAMPLES "/sample_loop_no_pie");
  uint64_t main = main_of(mapping.path);
  mapping.path = "/there/program";
  fs::create_directories(folder_ + "/there");
  fs::copy(SAMPLES "/sample_loop_no_pie", folder_ + "/there/program");
  EXPECT_EQ(name_at(mapping, main), "-");
  options_.sysroot = folder_;
  symbolizer_.reset();
  EXPECT_EQ(name_at(mapping, main), "main");
}

TEST_F(SymbolizerTest, JitCodeByItsMap) {
  std::ofstream(folder_ + "/perf-77.map") << "5000 10 jitted\n";
  MappingDescription mapping;
  mapping.pid = 77;
  mapping.path = "//anon";
  mapping.address = 0x4000;
  mapping.size = 0x2000;
  EXPECT_EQ(name_at(mapping, 0x500f), "jitted");
  mapping.pid = 78;
  EXPECT_EQ(name_at(mapping, 0x500f), "-");
}

TEST_F(SymbolizerTest, FifoInPlaceOfTheModuleIsNotWaitedFor) {
  MappingDescription mapping;
  mapping.path = folder_ + "/fifo";
  mapping.address = 0x1000;
  mapping.size = 0x1000;
  ASSERT_EQ(mkfifo(mapping.path.c_str(), 0600), 0);
  EXPECT_EQ(name_at(mapping, 0x1000), "-");
}

}  // namespace
}  // namespace ptcap::decode
