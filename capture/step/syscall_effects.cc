// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/syscall_effects.h"

#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>

namespace ptcap::capture {
namespace {

SyscallName name_64(uint64_t number) {
  switch (number) {
    case SYS_mmap:
      return SyscallName::kMmap;
    case SYS_munmap:
      return SyscallName::kMunmap;
    case SYS_mprotect:
    case SYS_pkey_mprotect:
      return SyscallName::kMprotect;
    case SYS_mremap:
      return SyscallName::kMremap;
    case SYS_madvise:
      return SyscallName::kMadvise;
    case SYS_shmat:
      return SyscallName::kShmat;
    case SYS_shmdt:
    case SYS_remap_file_pages:
    case SYS_arch_prctl:
      return SyscallName::kOtherMapping;
    case SYS_rt_sigaction:
      return SyscallName::kSigaction;
    case SYS_sched_getaffinity:
      return SyscallName::kSchedGetaffinity;
    case SYS_sched_setaffinity:
      return SyscallName::kSchedSetaffinity;
    default:
      return SyscallName::kOther;
  }
}

// arch/x86/entry/syscalls/syscall_32.tbl
SyscallName name_32(uint64_t number) {
  switch (number) {
    case 192:  // mmap2
      return SyscallName::kMmap;
    case 90:
      return SyscallName::kOldMmap;
    case 91:
      return SyscallName::kMunmap;
    case 125:
    case 380:  // pkey_mprotect
      return SyscallName::kMprotect;
    case 163:
      return SyscallName::kMremap;
    case 219:
      return SyscallName::kMadvise;
    case 397:
      return SyscallName::kShmat;
    case 117:  // ipc, of which shmat and shmdt are part
    case 257:  // remap_file_pages
    case 384:  // arch_prctl
    case 398:  // shmdt
      return SyscallName::kOtherMapping;
    case 174:
      return SyscallName::kSigaction;
    case 241:
      return SyscallName::kSchedSetaffinity;
    case 242:
      return SyscallName::kSchedGetaffinity;
    default:
      return SyscallName::kOther;
  }
}

}  // namespace

SyscallName syscall_name(const SyscallStop& entry) {
  return entry.compat ? name_32(entry.number) : name_64(entry.number);
}

bool changes_code(const SyscallStop& entry, const AddressSpace& space) {
  const uint64_t* args = entry.args;
  const auto touches_code = [&] {
    return space.has_code(args[0], args[0] + args[1]);
  };
  switch (syscall_name(entry)) {
    case SyscallName::kMmap:
      return (args[2] & PROT_EXEC) != 0 ||
             ((args[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0 &&
              touches_code());
    case SyscallName::kMprotect:
      return (args[2] & PROT_EXEC) != 0 || touches_code();
    case SyscallName::kMunmap:
    case SyscallName::kMadvise:
      return touches_code();
    case SyscallName::kMremap:
      return touches_code() || (args[3] & MREMAP_FIXED) != 0;
    case SyscallName::kShmat:
      return (args[2] & (SHM_EXEC | SHM_REMAP)) != 0;
    case SyscallName::kOldMmap:
    case SyscallName::kOtherMapping:
      return true;
    case SyscallName::kOther:
    case SyscallName::kSigaction:
    case SyscallName::kSchedGetaffinity:
    case SyscallName::kSchedSetaffinity:
      return false;
  }
  return true;
}

bool is_restarted(const user_regs_struct& registers, bool compat) {
  // include/linux/errno.h: ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND,
  // ERESTART_RESTARTBLOCK.
  const int64_t result = compat ? static_cast<int32_t>(registers.rax)
                                : static_cast<int64_t>(registers.rax);
  const bool in_syscall = static_cast<int32_t>(registers.orig_rax) != -1;
  return in_syscall &&
         (result == -512 || result == -513 || result == -514 || result == -516);
}

}  // namespace ptcap::capture
