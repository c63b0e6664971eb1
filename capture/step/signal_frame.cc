// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/signal_frame.h"

#include <csignal>
#include <cstdint>

#include "capture/tracee_memory.h"

namespace ptcap::capture {
namespace {

// Addresses in the frame.
struct Frame {
  uint64_t flags = 0;
  uint64_t mask = 0;
};

// Return address; ucontext: flags, link, stack_t, then sigcontext with 17
// registers in front of the flags, then the mask.
Frame frame_64(uint64_t sp) {
  const uint64_t sigcontext = sp + 8 + 8 + 8 + 24;
  return {sigcontext + uint64_t{17} * 8, sigcontext + 256};
}

// Of handlers with SA_SIGINFO: return address, signal, pointers to siginfo and
// ucontext, both of which follow. Otherwise: return address, signal,
// sigcontext, whose last word but one is the low half of the mask.
Frame frame_32(pid_t tid, uint64_t sp) {
  constexpr uint64_t kFlags =
      uint64_t{16} * 4;  // 4 segments, 8 registers, 4 more
  constexpr uint64_t kSize = 88;
  const uint64_t ucontext = sp + uint64_t{4} * 4 + 128;
  uint32_t pointer = 0;
  if (!read_value(tid, sp + uint64_t{3} * 4, pointer)) return {};
  if (pointer == ucontext) {
    const uint64_t sigcontext = ucontext + 4 + 4 + 12;
    return {sigcontext + kFlags, sigcontext + kSize};
  }
  const uint64_t sigcontext = sp + 4 + 4;
  return {sigcontext + kFlags, sigcontext + kSize - uint64_t{2} * 4};
}

Frame frame_of(pid_t tid, const user_regs_struct& registers, bool compat) {
  return compat ? frame_32(tid, registers.rsp) : frame_64(registers.rsp);
}

constexpr uint8_t kSigtrapBit = 1 << (SIGTRAP - 1);
constexpr uint8_t kTrapFlagInByte1 = 0x100 >> 8;

void change_byte(pid_t tid, uint64_t address, uint8_t clear, uint8_t set) {
  uint8_t byte = 0;
  if (!read_value(tid, address, byte)) return;
  byte = static_cast<uint8_t>((byte & ~clear) | set);
  write_memory(tid, address, {&byte, 1});
}

}  // namespace

void block_sigtrap_in_frame(pid_t tid, const user_regs_struct& registers,
                            bool compat) {
  const Frame frame = frame_of(tid, registers, compat);
  if (frame.mask != 0) change_byte(tid, frame.mask, 0, kSigtrapBit);
}

void clear_trap_flag_in_frame(pid_t tid, const user_regs_struct& registers,
                              bool compat) {
  const Frame frame = frame_of(tid, registers, compat);
  if (frame.flags != 0) {
    change_byte(tid, frame.flags + 1, kTrapFlagInByte1, 0);
  }
}

}  // namespace ptcap::capture
