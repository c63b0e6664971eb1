// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/self_test_program.h"

#include <elf.h>

#include <cstdio>
#include <cstring>

namespace ptcap::capture {
namespace {

constexpr uint64_t kBase = 0x400000;
constexpr uint64_t kCode = kBase + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
// More than one PSB period of packets.
constexpr unsigned kRounds = 5000;

// Offsets in kInstructions.
enum : uint64_t {
  kLoop = 0x05,
  kIndirectCall = 0x11,
  kDecrement = 0x13,
  kLoopEnd = 0x15,
  kIndirectJump = 0x1e,
  kJump = 0x22,
  kExit = 0x26,
  kEvenOrOdd = 0x2f,
  kIfEven = 0x32,
  kReturn = 0x35,
  kEmpty = 0x36,
};

constexpr uint8_t kInstructions[] = {
    0xb9,
    kRounds & 0xff,
    kRounds >> 8,
    0,
    0,  // 00 mov ecx, kRounds
    0xe8,
    0x25,
    0,
    0,
    0,  // 05 call 2f
    0x48,
    0x8d,
    0x05,
    0x25,
    0,
    0,
    0,  // 0a lea rax, [rip -> 36]
    0xff,
    0xd0,  // 11 call rax
    0xff,
    0xc9,  // 13 dec ecx
    0x75,
    0xee,  // 15 jnz 05
    0x48,
    0x8d,
    0x05,
    0x04,
    0,
    0,
    0,  // 17 lea rax, [rip -> 22]
    0xff,
    0xe0,  // 1e jmp rax
    0x0f,
    0x0b,  // 20 ud2
    0xeb,
    0x02,  // 22 jmp 26
    0x0f,
    0x0b,  // 24 ud2
    0x31,
    0xff,  // 26 xor edi, edi
    0xb8,
    0xe7,
    0,
    0,
    0,  // 28 mov eax, exit_group
    0x0f,
    0x05,  // 2d syscall
    0xf6,
    0xc1,
    0x01,  // 2f test cl, 1
    0x74,
    0x01,  // 32 jz 35
    0x90,  // 34 nop
    0xc3,  // 35 ret
    0xc3,  // 36 ret
};
static_assert(sizeof(kInstructions) == kEmpty + 1);

template <typename T>
void append(std::vector<uint8_t>& file, const T& value) {
  const size_t at = file.size();
  file.resize(at + sizeof value);
  std::memcpy(file.data() + at, &value, sizeof value);
}

std::string row(uint64_t from, uint64_t to, const char* kind) {
  char text[64];
  std::snprintf(text, sizeof text, "%lx %lx %s", kCode + from, kCode + to,
                kind);
  return text;
}

}  // namespace

std::vector<uint8_t> self_test_program() {
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_entry = kCode;
  header.e_phoff = sizeof header;
  header.e_ehsize = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment = {};
  segment.p_type = PT_LOAD;
  segment.p_flags = PF_R | PF_X;
  segment.p_vaddr = segment.p_paddr = kBase;
  segment.p_filesz = segment.p_memsz =
      sizeof header + sizeof segment + sizeof kInstructions;
  segment.p_align = 0x1000;
  std::vector<uint8_t> file;
  append(file, header);
  append(file, segment);
  append(file, kInstructions);
  return file;
}

std::vector<std::string> self_test_flow() {
  std::vector<std::string> rows;
  for (unsigned left = kRounds; left > 0; --left) {
    rows.push_back(row(kLoop, kEvenOrOdd, "call"));
    if (left % 2 == 0) rows.push_back(row(kIfEven, kReturn, "jcc"));
    rows.push_back(row(kReturn, kLoop + 5, "ret"));
    rows.push_back(row(kIndirectCall, kEmpty, "icall"));
    rows.push_back(row(kEmpty, kDecrement, "ret"));
    if (left > 1) rows.push_back(row(kLoopEnd, kLoop, "jcc"));
  }
  rows.push_back(row(kIndirectJump, kJump, "ijmp"));
  rows.push_back(row(kJump, kExit, "jmp"));
  return rows;
}

}  // namespace ptcap::capture
