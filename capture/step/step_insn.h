// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// An instruction as stepping sees it: its branch class, and what a trap flag
// that is set does to it.

#ifndef PTCAP_CAPTURE_STEP_STEP_INSN_H_
#define PTCAP_CAPTURE_STEP_STEP_INSN_H_

#include "formats/io/byte_reader.h"
#include "formats/x86/insn.h"

namespace ptcap::capture {

struct StepInsn {
  // length 0 and kOther where x86::decode_insn() declines: the instruction is
  // taken to run on, and what it did is judged by the next ip.
  x86::Insn insn;
  // SYSCALL, SYSENTER, INT 0x80: a call of the Linux kernel.
  bool system_call = false;
  // MOV SS, POP SS: the CPU takes no trap behind it, so that a step runs the
  // next instruction too (SDM vol. 3, 6.8.3).
  bool trap_shadow = false;
  // PUSHF: stores the trap flag, which the program must not see.
  bool push_flags = false;
  // POPF, IRET: the kernel takes a trap flag behind it for the program's own.
  bool loads_flags = false;
  // None of the above, no interrupt, and neither the trap flag nor the code
  // segment can change: all that a step of it changes for us is the ip.
  bool plain = false;
};

StepInsn decode_step_insn(formats::Bytes code, x86::Mode mode);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_STEP_STEP_INSN_H_
