// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The guest CPU's registers.
//
// They come from the plugin interface where it has them (version 2). What it
// never has (a register outside of a callback, writing one in most versions)
// comes from the emulator's inside: TCG's generated code keeps the address of
// its CPU state in a fixed host register, rbp, and callbacks are called from
// there; the state begins with the general registers and the ip
// (target/i386/cpu.h, CPUX86State). Both are checked at a thread's first block,
// whose address the ip must be; what does not hold is not used.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_REGISTERS_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_REGISTERS_H_

#include <cstdint>

namespace ptcap::capture::emu::plugin {

enum GuestRegister : unsigned {
  kRax,
  kRcx,
  kRdx,
  kRbx,
  kRsp,
  kRbp,
  kRsi,
  kRdi,
};

// Before the first block; in QEMU's callback for a new virtual CPU.
void find_registers();

// At a thread's first block, which is at `ip`. Tells ptcap what is less exact.
void check_registers(const void* state, uint64_t ip);

// Whether registers can be read, in a block's callback.
bool can_read_registers();
// REQUIRES: can_read_registers().
uint64_t guest_register(const void* state, GuestRegister number);

// Whether the CPU state is where it was expected; then it can be written, too.
bool knows_cpu_state();
// REQUIRES: knows_cpu_state().
uint64_t guest_ip(const void* state);

}  // namespace ptcap::capture::emu::plugin

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_REGISTERS_H_
