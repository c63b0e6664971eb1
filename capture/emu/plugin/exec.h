// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Follows a program through execve: the process becomes the emulator again,
// with the new program.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_EXEC_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_EXEC_H_

#include <cstdint>

namespace ptcap::capture::emu::plugin {

// The program calls execve(path, argv, envp); all three are guest addresses.
// Does not return if the emulator was started. Otherwise the caller lets the
// syscall go on: it fails as it would anyway, or the new program runs
// natively, of which ptcap is told.
void follow_execve(uint64_t path, uint64_t argv, uint64_t envp);

void follow_execveat(int directory, uint64_t path, uint64_t argv, uint64_t envp,
                     int flags);

}  // namespace ptcap::capture::emu::plugin

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_EXEC_H_
