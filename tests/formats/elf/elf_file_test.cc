// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/elf/elf_file.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <system_error>

#include "formats/elf/function_table.h"
#include "formats/io/error.h"
#include "tests/formats/elf/elf_builder.h"

namespace ptcap::formats {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

std::vector<uint8_t> file_bytes(const std::string& path) {
  RegularFile file(path);
  std::vector<uint8_t> bytes(file.size_bytes());
  bytes.resize(file.read(0, bytes));
  return bytes;
}

std::string temporary(const std::string& name) {
  return testing::TempDir() + "elf_test." + std::to_string(getpid()) + name;
}

Bytes mapped_vdso() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find("[vdso]") == std::string::npos) continue;
    void *begin = nullptr, *end = nullptr;
    if (sscanf(line.c_str(), "%p-%p", &begin, &end) != 2) continue;
    return {static_cast<const uint8_t*>(begin),
            static_cast<const uint8_t*>(end)};
  }
  return {};
}

// Asks everything that users ask; for damaged files.
void ask_everything(const ElfFile& elf) {
  elf.build_id();
  elf.interpreter();
  elf.address_of_offset(elf.entry());
  elf.offset_of_address(elf.entry());
  for (const ElfSection& section : elf.sections()) elf.section_data(section);
  FunctionTable functions(elf);
  functions.find(elf.entry());
  functions.find("main");
}

// A note segment with a build-id of `id_size` bytes, 0xab each.
std::vector<uint8_t> build_id_note(uint32_t id_size) {
  std::vector<uint8_t> note = {
      4,   0,   0,   0, static_cast<uint8_t>(id_size), 0, 0, 0, 3, 0, 0, 0,
      'G', 'N', 'U', 0};
  note.insert(note.end(), id_size, 0xab);
  return note;
}

TEST(ElfFile, KnowsThisProgram) {
  ElfFile elf("/proc/self/exe");
  EXPECT_EQ(elf.elf_class(), ElfClass::k64);
  EXPECT_EQ(elf.machine(), EM_X86_64);
  EXPECT_THAT(elf.interpreter(), testing::Optional(HasSubstr("ld-linux")));
  ASSERT_TRUE(elf.build_id());
  EXPECT_THAT(*elf.build_id(), SizeIs(20));
  std::optional<uint64_t> offset = elf.offset_of_address(elf.entry());
  ASSERT_TRUE(offset);
  EXPECT_EQ(elf.address_of_offset(*offset), elf.entry());
}

TEST(ElfFile, ReadsTheVdsoFromMemory) {
  Bytes vdso = mapped_vdso();
  if (vdso.empty()) GTEST_SKIP() << "this kernel gives no vDSO";
  ElfFile elf(vdso, "[vdso]");
  EXPECT_EQ(elf.type(), ET_DYN);
  EXPECT_TRUE(elf.build_id());
  EXPECT_FALSE(elf.interpreter());
  EXPECT_THAT(FunctionTable(elf).find("__vdso_clock_gettime"), SizeIs(1));
}

TEST(ElfFile, MissingFileIsNamed) {
  EXPECT_THAT([] { ElfFile("/nowhere/file"); },
              ThrowsMessage<std::system_error>(
                  HasSubstr("/nowhere/file: No such file")));
}

TEST(ElfFile, DirectoryIsRefused) {
  EXPECT_THAT([] { ElfFile("/usr"); }, ThrowsMessage<std::system_error>(
                                           HasSubstr("/usr: Is a directory")));
}

TEST(ElfFile, DeviceIsRefused) {
  EXPECT_THAT([] { ElfFile("/dev/zero"); },
              ThrowsMessage<std::system_error>(
                  HasSubstr("/dev/zero is not a regular file")));
}

TEST(ElfFile, FifoIsRefusedWithoutWaiting) {
  std::string path = temporary(".fifo");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_THROW(ElfFile{path}, std::system_error);
  unlink(path.c_str());
}

TEST(ElfFile, TextFileIsRefused) {
  std::string path = temporary(".txt");
  std::ofstream(path) << "#!/bin/sh\nexit 0\n";
  EXPECT_THAT([&] { ElfFile{path}; },
              ThrowsMessage<FormatError>(
                  HasSubstr(path + ": not an ELF file at offset 0")));
  unlink(path.c_str());
}

TEST(ElfFile, EmptyFileIsRefused) {
  EXPECT_THROW(ElfFile(Bytes{}, "empty"), FormatError);
}

TEST(ElfFile, BuildIdFromSectionWhereNoSegmentHasIt) {
  ElfBuilder builder;
  Elf64_Shdr note = {};
  note.sh_type = SHT_NOTE;
  builder.add_section(".note.gnu.build-id", note, build_id_note(20));
  std::vector<uint8_t> bytes = builder.build();
  EXPECT_EQ(to_hex(*ElfFile(bytes, "built").build_id()),
            "abababababababababababababababababababab");
}

TEST(ElfFile, OverlongBuildIdIsNone) {
  ElfBuilder builder;
  Elf64_Shdr note = {};
  note.sh_type = SHT_NOTE;
  builder.add_section(".note", note, build_id_note(200));
  std::vector<uint8_t> bytes = builder.build();
  EXPECT_FALSE(ElfFile(bytes, "built").build_id());
}

TEST(ElfFile, SegmentsThatLieAreCut) {
  ElfBuilder builder;
  Elf64_Phdr segment = {};
  segment.p_type = PT_LOAD;
  segment.p_flags = PF_R | PF_X;
  segment.p_vaddr = 0xffff'ffff'ffff'0000;
  segment.p_memsz = ~uint64_t{0};
  segment.p_filesz = ~uint64_t{0};
  builder.segments = {segment};
  std::vector<uint8_t> bytes = builder.build();
  ElfFile elf(bytes, "built");
  ASSERT_THAT(elf.segments(), SizeIs(1));
  EXPECT_EQ(elf.segments()[0].memory_size, 0xffffu);
  EXPECT_EQ(elf.segments()[0].file_size, bytes.size());
}

TEST(ElfFile, ExecutableSegmentWinsWhereTwoLoadOneOffset) {
  ElfBuilder builder;
  Elf64_Phdr data = {};
  data.p_type = PT_LOAD;
  data.p_flags = PF_R;
  data.p_vaddr = 0x1000;
  data.p_filesz = data.p_memsz = 0x40;
  Elf64_Phdr code = data;
  code.p_flags = PF_R | PF_X;
  code.p_vaddr = 0x400000;
  builder.segments = {code, data};
  std::vector<uint8_t> bytes = builder.build();
  ElfFile elf(bytes, "built");
  EXPECT_EQ(elf.address_of_offset(8), 0x400008u);
  EXPECT_EQ(elf.offset_of_address(0x1008), 8u);
  EXPECT_FALSE(elf.offset_of_address(0x1040));
}

TEST(ElfFile, SectionBeyondTheFileHasNoData) {
  ElfBuilder builder;
  Elf64_Shdr header = {};
  header.sh_type = SHT_PROGBITS;
  size_t index = builder.add_section(".text", header, {1, 2, 3});
  builder.lying_sizes[index] = uint64_t{1} << 40;
  std::vector<uint8_t> bytes = builder.build();
  ElfFile elf(bytes, "built");
  EXPECT_THAT(elf.section_data(*elf.section(".text")), IsEmpty());
}

TEST(ElfFile, SectionCountThatLiesIsRefusedBeforeAllocating) {
  ElfBuilder builder;
  std::vector<uint8_t> bytes = builder.build();
  uint16_t none = 0;
  std::memcpy(&bytes[offsetof(Elf64_Ehdr, e_shnum)], &none, sizeof(none));
  uint64_t count = uint64_t{1} << 36;
  std::memcpy(&bytes[builder.header.e_shoff + offsetof(Elf64_Shdr, sh_size)],
              &count, sizeof(count));
  EXPECT_THAT([&] { ElfFile(bytes, "built"); },
              ThrowsMessage<FormatError>(HasSubstr("too many sections")));
}

TEST(ElfFile, CutAnywhereNeverCrashes) {
  std::vector<uint8_t> bytes = file_bytes("/proc/self/exe");
  for (size_t size = 0; size < 8192; size += 7) {
    try {
      ask_everything(ElfFile(Bytes(bytes).first(size), "cut"));
    } catch (const FormatError&) {
    }
  }
}

TEST(ElfFile, FlippedBytesNeverCrash) {
  ElfBuilder builder;
  Elf64_Shdr note = {};
  note.sh_type = SHT_NOTE;
  builder.add_section(".note", note, build_id_note(20));
  builder.segments.resize(3);
  builder.segments[0].p_type = PT_LOAD;
  builder.segments[1].p_type = PT_NOTE;
  builder.segments[2].p_type = PT_INTERP;
  Elf64_Shdr text = {};
  text.sh_type = SHT_PROGBITS;
  text.sh_flags = SHF_EXECINSTR;
  builder.add_section(".text", text, std::vector<uint8_t>(64, 0x90));
  builder.add_symbol("main", STT_FUNC, STB_GLOBAL, 0, 64, 2);
  builder.add_symbol_table();
  const std::vector<uint8_t> whole = builder.build();

  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::vector<uint8_t> bytes = whole;
    for (int flips = 1 + round % 4; flips > 0; --flips)
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    try {
      ask_everything(ElfFile(bytes, "flipped"));
    } catch (const FormatError&) {
    }
  }
}

}  // namespace
}  // namespace ptcap::formats
