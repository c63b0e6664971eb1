// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The last instruction of a process that a signal kills.
//
// QEMU lets an uncaught guest signal end the process by kill() on itself, and
// has no callback for it. Its kill() goes through ours (its table of imported
// functions is changed), which then closes the thread's stream where the
// guest's ip is. Where kill() cannot be found, ptcap closes the stream at the
// start of the last block instead. What QEMU prints about the death is kept
// from the program's stderr in the same way.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_DEATH_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_DEATH_H_

namespace ptcap::capture::emu::plugin {

// Tells ptcap what is less exact if the emulator does not call as expected.
void watch_death();

}  // namespace ptcap::capture::emu::plugin

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_DEATH_H_
