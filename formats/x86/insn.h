// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// How long an x86 instruction is and whether it branches: what following code
// needs to know, at a tenth of a general decoder's time (measured: 7 ns
// against Zydis' 55). Knows nothing of operands. A test holds it equal to
// Zydis.

#ifndef PTCAP_FORMATS_X86_INSN_H_
#define PTCAP_FORMATS_X86_INSN_H_

#include <cstdint>
#include <span>

namespace ptcap::x86 {

enum class Mode : uint8_t { k32, k64 };

enum class InsnClass : uint8_t {
  kOther,
  kCondJump,
  kJump,  // direct, near
  kCall,  // direct, near
  kIndirectJump,
  kIndirectCall,
  kReturn,     // near
  kSyscall,    // SYSCALL, SYSENTER
  kSysret,     // SYSRET, SYSEXIT
  kInterrupt,  // INT n, INT3, INT1, INTO
  kIret,
  kFarBranch,  // far JMP, CALL and RET, RSM
  kVmEntry,    // VMLAUNCH, VMRESUME
  kVmExit,     // VMCALL
  // No branches, but packets bind to them.
  kMovToCr3,
  kPtwrite,
};

struct Insn {
  uint8_t length = 0;
  InsnClass kind = InsnClass::kOther;
  // Of direct branches: the target is the next instruction plus this.
  int32_t displacement = 0;
};

// No instruction is longer (SDM vol. 2, 2.3.11).
inline constexpr unsigned kMaxInsnSize = 15;

// The instruction that `code` begins with. False where there is none, where
// `code` ends inside it, and where the answer is not beyond doubt: undefined
// and vendor-specific opcodes, a REX that is not the last prefix, near
// branches with a 16-bit operand size. Reads nothing outside of `code`.
bool decode_insn(std::span<const uint8_t> code, Mode mode, Insn& insn);

}  // namespace ptcap::x86

#endif  // PTCAP_FORMATS_X86_INSN_H_
