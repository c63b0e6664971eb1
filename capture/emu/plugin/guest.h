// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The guest CPU's registers, and how signals show in them. The plugin API (up
// to version 1) has no callback for a signal's delivery.
//
// TCG's generated code keeps the address of its CPU state in a fixed host
// register, rbp, and callbacks are called from there; the state begins with
// the general registers and the ip (target/i386/cpu.h, CPUX86State). Whether
// that holds is checked at a process's first block; where it does not, a
// signal handler's entry is written as a jump from nowhere (flow.cc).

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_GUEST_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_GUEST_H_

#include <cstdint>

#include "capture/emu/plugin/process.h"

namespace ptcap::capture::emu::plugin {

// Where QEMU has put the guest's address 0; it exports that by accident. A
// 64-bit program's addresses are the emulator's own.
extern "C" [[gnu::weak]] uintptr_t guest_base;

inline uint64_t guest_offset() {
  return &guest_base != nullptr ? guest_base : 0;
}

// The guest's memory, in the emulator's address space.
template <typename T>
T* guest_memory(uint64_t address) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): it is a number by nature.
  return reinterpret_cast<T*>(address + guest_offset());
}

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

inline uint64_t guest_register(const void* state, GuestRegister number) {
  if (process.is_32bit) return static_cast<const uint32_t*>(state)[number];
  return static_cast<const uint64_t*>(state)[number];
}

// Behind 8 or 16 general registers.
inline uint64_t guest_ip(const void* state) {
  if (process.is_32bit) return static_cast<const uint32_t*>(state)[8];
  return static_cast<const uint64_t*>(state)[16];
}

// The program sets a handler.
void note_handler(uint64_t signal, uint64_t handler, uint64_t restorer);

// Quick and with false positives: whether `ip` may be a handler's address.
extern uint8_t handler_filter[4096];
inline bool may_be_handler(uint64_t ip) {
  return handler_filter[(ip ^ ip >> 12) & 4095] != 0;
}

struct DeliveredSignal {
  uint64_t interrupted_ip = 0;  // would have run next
  bool is_fault = false;        // of the instruction at interrupted_ip
};

// Whether `ip`, which runs next, is the first instruction of a handler that
// the emulator has just entered.
bool is_signal_entry(const void* state, uint64_t ip, DeliveredSignal& signal);

// At a handler's entry: puts the stack pointer where the psABI has it, as
// Linux does. QEMU 7.2 often misses by 8, and the first aligned store of the
// handler is then a fault.
void align_signal_frame(void* state);

}  // namespace ptcap::capture::emu::plugin

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_GUEST_H_
