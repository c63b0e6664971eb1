// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The signal frame on the stack of a thread that stands at the first
// instruction of a handler (arch/x86/include/asm/sigframe.h).

#ifndef PTCAP_CAPTURE_STEP_SIGNAL_FRAME_H_
#define PTCAP_CAPTURE_STEP_SIGNAL_FRAME_H_

#include <sys/types.h>
#include <sys/user.h>

namespace ptcap::capture {

// What the program will have again, and may look at, behind the handler.
void block_sigtrap_in_frame(pid_t tid, const user_regs_struct& registers,
                            bool compat);
void clear_trap_flag_in_frame(pid_t tid, const user_regs_struct& registers,
                              bool compat);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_STEP_SIGNAL_FRAME_H_
