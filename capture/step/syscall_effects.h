// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Which system calls change what a stepping source has to know.

#ifndef PTCAP_CAPTURE_STEP_SYSCALL_EFFECTS_H_
#define PTCAP_CAPTURE_STEP_SYSCALL_EFFECTS_H_

#include "capture/step/address_space.h"
#include "capture/step/tracee.h"

namespace ptcap::capture {

enum class SyscallName : uint8_t {
  kOther,
  kMmap,
  kOldMmap,  // arguments in memory
  kMunmap,
  kMprotect,
  kMremap,
  kMadvise,
  kShmat,
  kOtherMapping,  // shmdt, remap_file_pages, arch_prctl
  kSigaction,
  kSchedGetaffinity,
  kSchedSetaffinity,
};

SyscallName syscall_name(const SyscallStop& entry);

// Whether the call may change executable memory. `entry` as seen at its entry.
bool changes_code(const SyscallStop& entry, const AddressSpace& space);

// Whether the kernel runs the call again (or another one for it) unless a
// signal handler comes first: its result then is never seen by the program.
bool is_restarted(const user_regs_struct& registers, bool compat);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_STEP_SYSCALL_EFFECTS_H_
