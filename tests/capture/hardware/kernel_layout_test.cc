// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where the kernel's code is said to be.

#include "capture/hardware/kernel_layout.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "capture/error.h"

namespace ptcap::capture {
namespace {

std::vector<KernelRange> ranges(const std::string& kallsyms) {
  std::istringstream text(kallsyms);
  return read_kernel_ranges(text);
}

TEST(KernelLayout, TextAndModules) {
  EXPECT_EQ(
      ranges("ffffffff81000000 T _stext\n"
             "ffffffff81000100 T do_it\n"
             "ffffffff81e02000 T _etext\n"
             "ffffffff82000000 D data\n"
             "ffffffffc0100123 t second\t[mod]\n"
             "ffffffffc0100010 t first\t[mod]\n"
             "ffffffffc0200000 d data\t[mod]\n"),
      (std::vector<KernelRange>{
          {0xffffffff81000000, 0xffffffff81e02000, "[kernel.kallsyms]_text"},
          {0xffffffffc0100000, 0xffffffffc0104000, "[mod]"}}));
}

TEST(KernelLayout, NothingIsInTwoRanges) {
  EXPECT_EQ(ranges("ffffffffc0101000 t b\t[two]\n"
                   "ffffffffc0100000 t a\t[one]\n"
                   "ffffffffc0106010 t p\t[bpf]\n"
                   "ffffffffc0106040 t q\t[bpf]\n"),
            (std::vector<KernelRange>{
                {0xffffffffc0100000, 0xffffffffc0101000, "[one]"},
                {0xffffffffc0101000, 0xffffffffc0105000, "[two]"},
                {0xffffffffc0106010, 0xffffffffc0106040, "[bpf]"},
                {0xffffffffc0106040, 0xffffffffc0107040, "[bpf]"}}));
}

TEST(KernelLayout, HiddenAddressesAreNone) {
  EXPECT_TRUE(ranges("0000000000000000 T _stext\n"
                     "0000000000000000 T _etext\n"
                     "0000000000000000 t a\t[mod]\n")
                  .empty());
}

TEST(KernelNotes, TheBuildIdIsOneOfSeveral) {
  std::vector<uint8_t> notes = {
      6,   0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 'L', 'i', 'n', 'u',
      'x', 0, 0, 0, 7, 7, 7, 7,                                // Linux
      4,   0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0,  // the build-id
      1,   2, 3, 0};
  EXPECT_EQ(build_id_in_notes(notes), (std::vector<uint8_t>{1, 2, 3}));
  notes.resize(notes.size() - 4);
  EXPECT_TRUE(build_id_in_notes(notes).empty());
}

TEST(KernelCore, ReadsAcrossWhatSegmentsHold) {
  const std::string path =
      testing::TempDir() + "kcore." + std::to_string(::getpid());
  Elf64_Ehdr header = {};
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 2;
  Elf64_Phdr segments[2] = {};
  segments[0].p_type = PT_NOTE;
  segments[1].p_type = PT_LOAD;
  segments[1].p_vaddr = 0xffffffff81000000;
  segments[1].p_memsz = 6;
  segments[1].p_offset = sizeof header + sizeof segments;
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&header), sizeof header);
  file.write(reinterpret_cast<const char*>(segments), sizeof segments);
  file << "kernel";
  file.close();
  const Kcore kcore(path);
  ::unlink(path.c_str());
  EXPECT_EQ(kcore.read(0xffffffff81000002, 3),
            (std::vector<uint8_t>{'r', 'n', 'e'}));
  EXPECT_EQ(kcore.read(0xffffffff81000004, 100),
            (std::vector<uint8_t>{'e', 'l'}));
  EXPECT_TRUE(kcore.read(0xffffffff81000006, 1).empty());
  EXPECT_TRUE(kcore.read(0x1000, 1).empty());
}

TEST(KernelCore, WhatIsNotThereIsSaidWithAdvice) {
  try {
    Kcore("/nosuch/kcore");
    FAIL();
  } catch (const CaptureError& error) {
    EXPECT_STREQ(error.what(),
                 "open /nosuch/kcore: No such file or directory\n  this "
                 "kernel has none (CONFIG_PROC_KCORE)");
  }
}

}  // namespace
}  // namespace ptcap::capture
