// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What differs between the versions of QEMU's plugin interface.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_INTERFACE_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_INTERFACE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "capture/emu/messages.h"
#include "capture/emu/plugin/qemu_plugin_api.h"

namespace ptcap::capture::emu::plugin {

// The version that a plugin in this emulator should declare: the newest whose
// functions are there. QEMU refuses those that it does not have or no longer
// takes. May run before the plugin is installed.
inline int interface_to_declare() {
  if (&qemu_plugin_register_vcpu_discon_cb != nullptr) return kNewestInterface;
  if (&qemu_plugin_write_register != nullptr) return 5;
  if (&qemu_plugin_read_memory_vaddr != nullptr) return 4;
  if (&qemu_plugin_scoreboard_new != nullptr) return 2;
  return 1;
}

// Copies the `size` bytes of an instruction.
inline void copy_insn(int version, const qemu_plugin_insn* insn, uint8_t* to,
                      size_t size) {
  constexpr int kCopies = 3;
  const void* bytes = qemu_plugin_insn_data(insn, to, size);
  if (version < kCopies) std::memcpy(to, bytes, size);
}

}  // namespace ptcap::capture::emu::plugin

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_INTERFACE_H_
