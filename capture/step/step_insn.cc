// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/step_insn.h"

namespace ptcap::capture {
namespace {

bool is_legacy_prefix(uint8_t byte) {
  switch (byte) {
    case 0x26:
    case 0x2e:
    case 0x36:
    case 0x3e:
    case 0x64:
    case 0x65:
    case 0x66:
    case 0x67:
    case 0xf0:
    case 0xf2:
    case 0xf3:
      return true;
    default:
      return false;
  }
}

formats::Bytes without_prefixes(formats::Bytes code, x86::Mode mode) {
  while (!code.empty()) {
    const bool rex = mode == x86::Mode::k64 && (code[0] & 0xf0) == 0x40;
    if (!rex && !is_legacy_prefix(code[0])) break;
    code = code.subspan(1);
  }
  return code;
}

bool is_plain(x86::InsnClass kind) {
  switch (kind) {
    case x86::InsnClass::kOther:
    case x86::InsnClass::kCondJump:
    case x86::InsnClass::kJump:
    case x86::InsnClass::kCall:
    case x86::InsnClass::kIndirectJump:
    case x86::InsnClass::kIndirectCall:
    case x86::InsnClass::kReturn:
      return true;
    case x86::InsnClass::kSyscall:
    case x86::InsnClass::kSysret:
    case x86::InsnClass::kInterrupt:
    case x86::InsnClass::kIret:
    case x86::InsnClass::kFarBranch:
    case x86::InsnClass::kVmEntry:
    case x86::InsnClass::kVmExit:
    case x86::InsnClass::kMovToCr3:
    case x86::InsnClass::kPtwrite:
      return false;
  }
  return false;
}

// SDM vol. 2, appendix A.
void find_traits(formats::Bytes opcode, x86::Mode mode, StepInsn& step) {
  step.plain = !opcode.empty() && is_plain(step.insn.kind);
  if (opcode.empty()) return;
  const uint8_t next = opcode.size() > 1 ? opcode[1] : 0;
  switch (opcode[0]) {
    case 0x17:  // POP SS
      step.trap_shadow = mode == x86::Mode::k32;
      break;
    case 0x8e:  // MOV Sreg: the register is in the middle of ModRM
      step.trap_shadow = (next >> 3 & 7) == 2;
      break;
    case 0x9c:
      step.push_flags = true;
      break;
    case 0x9d:  // POPF
    case 0xcf:  // IRET
      step.loads_flags = true;
      break;
    case 0xcd:  // INT n
      step.system_call = next == 0x80;
      break;
    default:
      break;
  }
}

}  // namespace

StepInsn decode_step_insn(formats::Bytes code, x86::Mode mode) {
  StepInsn step;
  if (code.empty()) return step;  // unreadable memory
  if (!x86::decode_insn(code, mode, step.insn)) step.insn = {};
  find_traits(without_prefixes(code, mode), mode, step);
  if (step.insn.kind == x86::InsnClass::kSyscall) step.system_call = true;
  if (step.trap_shadow || step.push_flags || step.loads_flags) {
    step.plain = false;
  }
  return step;
}

}  // namespace ptcap::capture
