// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Holds formats/x86/insn.h against Zydis, one byte sequence at a time.

#ifndef PTCAP_TESTS_FORMATS_X86_ZYDIS_COMPARE_H_
#define PTCAP_TESTS_FORMATS_X86_ZYDIS_COMPARE_H_

#include <Zydis/Zydis.h>
#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "formats/x86/insn.h"

namespace ptcap::x86 {

class ZydisCompare {
 public:
  explicit ZydisCompare(Mode mode) : mode_(mode) {
    if (mode == Mode::k64) {
      ZydisDecoderInit(&decoder_, ZYDIS_MACHINE_MODE_LONG_64,
                       ZYDIS_STACK_WIDTH_64);
    } else {
      ZydisDecoderInit(&decoder_, ZYDIS_MACHINE_MODE_LEGACY_32,
                       ZYDIS_STACK_WIDTH_32);
    }
  }

  // What is different, or nothing. A decline of ours is never different, but
  // counted where Zydis knows the instruction.
  std::optional<std::string> difference(std::span<const uint8_t> code) {
    Insn ours;
    ZydisDecodedInstruction theirs;
    const bool known = ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(
        &decoder_, nullptr, code.data(), code.size(), &theirs));
    const bool decoded = decode_insn(code, mode_, ours);
    if (!known) return std::nullopt;
    ++known_;
    if (!decoded) {
      ++declined_;
      return std::nullopt;
    }
    const Insn expected = translate(theirs);
    if (ours.length == expected.length && ours.kind == expected.kind &&
        ours.displacement == expected.displacement) {
      return std::nullopt;
    }
    return describe(code, ours, expected, theirs);
  }

  // Of the sequences that Zydis knows.
  uint64_t known() const { return known_; }
  uint64_t declined() const { return declined_; }
  uint8_t zydis_length(std::span<const uint8_t> code) const {
    ZydisDecodedInstruction theirs;
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(
            &decoder_, nullptr, code.data(), code.size(), &theirs))) {
      return 0;
    }
    return theirs.length;
  }

 private:
  static InsnClass kind_of(const ZydisDecodedInstruction& insn) {
    const bool is_far = insn.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;
    const bool direct = insn.raw.imm[0].is_relative != 0;
    switch (insn.mnemonic) {
      case ZYDIS_MNEMONIC_SYSCALL:
      case ZYDIS_MNEMONIC_SYSENTER:
        return InsnClass::kSyscall;
      case ZYDIS_MNEMONIC_SYSRET:
      case ZYDIS_MNEMONIC_SYSEXIT:
        return InsnClass::kSysret;
      case ZYDIS_MNEMONIC_INT:
      case ZYDIS_MNEMONIC_INT1:
      case ZYDIS_MNEMONIC_INT3:
      case ZYDIS_MNEMONIC_INTO:
        return InsnClass::kInterrupt;
      case ZYDIS_MNEMONIC_IRET:
      case ZYDIS_MNEMONIC_IRETD:
      case ZYDIS_MNEMONIC_IRETQ:
        return InsnClass::kIret;
      case ZYDIS_MNEMONIC_RSM:
        return InsnClass::kFarBranch;
      case ZYDIS_MNEMONIC_VMLAUNCH:
      case ZYDIS_MNEMONIC_VMRESUME:
        return InsnClass::kVmEntry;
      case ZYDIS_MNEMONIC_VMCALL:
        return InsnClass::kVmExit;
      case ZYDIS_MNEMONIC_PTWRITE:
        return InsnClass::kPtwrite;
      case ZYDIS_MNEMONIC_JMP:
        if (is_far) return InsnClass::kFarBranch;
        return direct ? InsnClass::kJump : InsnClass::kIndirectJump;
      case ZYDIS_MNEMONIC_CALL:
        if (is_far) return InsnClass::kFarBranch;
        return direct ? InsnClass::kCall : InsnClass::kIndirectCall;
      case ZYDIS_MNEMONIC_RET:
        return is_far ? InsnClass::kFarBranch : InsnClass::kReturn;
      case ZYDIS_MNEMONIC_MOV:
        if (insn.opcode_map == ZYDIS_OPCODE_MAP_0F && insn.opcode == 0x22 &&
            insn.raw.modrm.reg == 3) {
          return InsnClass::kMovToCr3;
        }
        return InsnClass::kOther;
      default:
        return insn.meta.category == ZYDIS_CATEGORY_COND_BR && direct &&
                       insn.mnemonic != ZYDIS_MNEMONIC_XBEGIN
                   ? InsnClass::kCondJump
                   : InsnClass::kOther;
    }
  }

  static Insn translate(const ZydisDecodedInstruction& insn) {
    Insn expected{insn.length, kind_of(insn), 0};
    if (expected.kind == InsnClass::kCondJump ||
        expected.kind == InsnClass::kJump ||
        expected.kind == InsnClass::kCall) {
      expected.displacement = static_cast<int32_t>(insn.raw.imm[0].value.s);
    }
    return expected;
  }

  static std::string describe(std::span<const uint8_t> code, const Insn& ours,
                              const Insn& expected,
                              const ZydisDecodedInstruction& theirs) {
    std::ostringstream text;
    text << ZydisMnemonicGetString(theirs.mnemonic) << std::hex;
    for (const uint8_t byte : code.first(std::min<size_t>(code.size(), 15))) {
      text << ' ' << int{byte};
    }
    text << std::dec << ": length " << int{ours.length} << " for "
         << int{expected.length} << ", class " << int(ours.kind) << " for "
         << int(expected.kind) << ", displacement " << ours.displacement
         << " for " << expected.displacement;
    return text.str();
  }

  Mode mode_;
  ZydisDecoder decoder_;
  uint64_t known_ = 0;
  uint64_t declined_ = 0;
};

// The executable segments of a 64-bit ELF file; empty where there is no file.
inline std::vector<std::vector<uint8_t>> executable_segments(
    const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
  std::vector<std::vector<uint8_t>> segments;
  if (bytes.size() < sizeof(Elf64_Ehdr)) return segments;
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, bytes.data() + header.e_phoff + i * sizeof(segment),
                sizeof(segment));
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    const char* begin = bytes.data() + segment.p_offset;
    segments.emplace_back(begin, begin + segment.p_filesz);
  }
  return segments;
}

}  // namespace ptcap::x86

#endif  // PTCAP_TESTS_FORMATS_X86_ZYDIS_COMPARE_H_
