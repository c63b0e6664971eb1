// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From the blocks that run to PT packets.
//
// The emulator calls back before a block runs. The packet that belongs to the
// end of a block is therefore written when the next one comes, which tells
// where control went.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_FLOW_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_FLOW_H_

#include "capture/emu/plugin/block.h"
#include "capture/emu/plugin/process.h"
#include "capture/emu/plugin/qemu_plugin_api.h"

namespace ptcap::capture::emu::plugin {

// The callback for `block`; its argument is the block.
qemu_plugin_vcpu_udata_cb_t callback_for(const Block& block);

// The calling thread enters the kernel: its last block has run to its end.
void enter_syscall(Slot& slot);

// The thread will not run the instruction at `ip`, nor any other.
void die_at(Slot& slot, uint64_t ip);

}  // namespace ptcap::capture::emu::plugin

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_FLOW_H_
