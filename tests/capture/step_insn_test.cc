// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/step_insn.h"

#include <gtest/gtest.h>

#include <vector>

#include "capture/step/syscall_effects.h"

namespace ptcap::capture {
namespace {

using Code = std::vector<uint8_t>;
constexpr auto k64 = x86::Mode::k64;
constexpr auto k32 = x86::Mode::k32;

TEST(StepInsn, SystemCalls) {
  EXPECT_TRUE(decode_step_insn(Code{0x0f, 0x05}, k64).system_call);
  EXPECT_TRUE(decode_step_insn(Code{0x0f, 0x34}, k32).system_call);
  EXPECT_TRUE(decode_step_insn(Code{0xcd, 0x80}, k64).system_call);
  EXPECT_FALSE(decode_step_insn(Code{0xcd, 0x81}, k64).system_call);
  EXPECT_FALSE(decode_step_insn(Code{0x0f, 0x05}, k64).plain);
}

TEST(StepInsn, TrapShadows) {
  EXPECT_TRUE(decode_step_insn(Code{0x8e, 0xd0}, k64).trap_shadow);  // ss, eax
  EXPECT_TRUE(decode_step_insn(Code{0x66, 0x48, 0x8e, 0x17}, k64).trap_shadow);
  EXPECT_FALSE(decode_step_insn(Code{0x8e, 0xd8}, k64).trap_shadow);  // ds
  EXPECT_TRUE(decode_step_insn(Code{0x17}, k32).trap_shadow);
  EXPECT_FALSE(decode_step_insn(Code{0x17}, k64).trap_shadow);
}

TEST(StepInsn, Flags) {
  EXPECT_TRUE(decode_step_insn(Code{0x9c}, k64).push_flags);
  EXPECT_TRUE(decode_step_insn(Code{0x66, 0x9c}, k64).push_flags);
  EXPECT_TRUE(decode_step_insn(Code{0x9d}, k64).loads_flags);
  EXPECT_TRUE(decode_step_insn(Code{0x48, 0xcf}, k64).loads_flags);
}

TEST(StepInsn, PlainOnesChangeTheIpOnly) {
  EXPECT_TRUE(decode_step_insn(Code{0x90}, k64).plain);
  EXPECT_TRUE(decode_step_insn(Code{0xc3}, k64).plain);
  EXPECT_TRUE(decode_step_insn(Code{0xf3, 0xa4}, k64).plain);
  for (const Code& code : {Code{0xcc}, Code{0xf1}, Code{0x9c}, Code{0x9d},
                           Code{0xcb}, Code{0x8e, 0xd0}, Code{}}) {
    EXPECT_FALSE(decode_step_insn(code, k64).plain);
  }
}

TEST(SyscallEffects, RestartsAreWhatTheProgramNeverSees) {
  user_regs_struct registers = {};
  registers.orig_rax = 0;
  registers.rax = static_cast<uint64_t>(-512);
  EXPECT_TRUE(is_restarted(registers, /*compat=*/false));
  registers.rax = static_cast<uint64_t>(-4);  // EINTR
  EXPECT_FALSE(is_restarted(registers, /*compat=*/false));
  // 32-bit: only the low half counts.
  registers.rax = static_cast<uint32_t>(-516);
  EXPECT_TRUE(is_restarted(registers, /*compat=*/true));
  EXPECT_FALSE(is_restarted(registers, /*compat=*/false));
  // Behind a sigreturn, rax is the program's.
  registers.rax = static_cast<uint64_t>(-512);
  registers.orig_rax = ~0ull;
  EXPECT_FALSE(is_restarted(registers, /*compat=*/false));
}

TEST(SyscallEffects, OnlyCallsThatTouchCodeChangeIt) {
  const AddressSpace empty({});
  SyscallStop call;
  call.number = 9;  // mmap
  EXPECT_FALSE(changes_code(call, empty));
  call.args[2] = 4;  // PROT_EXEC
  EXPECT_TRUE(changes_code(call, empty));
  call = {};
  call.number = 11;  // munmap
  EXPECT_FALSE(changes_code(call, empty));
  call = {};
  call.compat = true;
  call.number = 90;  // mmap with arguments in memory
  EXPECT_TRUE(changes_code(call, empty));
}

}  // namespace
}  // namespace ptcap::capture
