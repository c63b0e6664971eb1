// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What code was translated, and where it came from: tells ptcap each byte of
// code once, and again when it has changed.
//
// The emulator drops its translations of a page that is written to and
// translates again what runs there, so every change to code that runs is seen.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_CODE_LOG_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_CODE_LOG_H_

#include <cstdint>

namespace ptcap::capture::emu::plugin {

// Code of `size` bytes at `ip` was translated. Returns the number of the last
// change to its pages, 0 if there was none. Only the translating thread; the
// emulator lets one translate at a time.
uint32_t note_code(uint64_t ip, const uint8_t* bytes, uint32_t size);

// The mapping of [begin, begin + size) may have changed. Any thread.
void note_mapping_change(uint64_t begin, uint64_t size);

// In the child of a fork, which has the parent's translations: tells ptcap
// everything again.
void repeat_code_in_child();

}  // namespace ptcap::capture::emu::plugin

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_CODE_LOG_H_
