// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The guest's memory, and how signals show in it and in the registers: the
// plugin interface has no callback for a signal's delivery.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_GUEST_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_GUEST_H_

#include <cstdint>

#include "capture/emu/plugin/process.h"
#include "capture/emu/plugin/qemu_plugin_api.h"

namespace ptcap::capture::emu::plugin {

// Where QEMU has put the guest's address 0, in the emulator's address space.
inline uint64_t guest_offset() { return process.guest_offset; }

// From an instruction that is being translated.
void learn_guest_offset(const qemu_plugin_insn* insn);

// The guest's memory, in the emulator's address space.
template <typename T>
T* guest_memory(uint64_t address) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): it is a number by nature.
  return reinterpret_cast<T*>(address + guest_offset());
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
// Linux does. QEMU before 9.1 often misses by 8, and the first aligned store of
// the handler is then a fault. Nothing without the CPU state.
void align_signal_frame(void* state);

}  // namespace ptcap::capture::emu::plugin

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_GUEST_H_
