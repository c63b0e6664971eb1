// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the program asks of its kernel, as far as it matters to the trace.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_SYSCALLS_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_SYSCALLS_H_

#include <cstdint>

namespace ptcap::capture::emu::plugin {

// Before the emulator does it, in the thread that asks.
void before_syscall(int64_t number, const uint64_t (&arguments)[6]);

// Afterwards; `result` as the kernel returns it.
void after_syscall(int64_t number, int64_t result);

}  // namespace ptcap::capture::emu::plugin

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_SYSCALLS_H_
