// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The system call and the twelve ioctls as they are: each returns -1 with
// errno, exactly as the kernel has it. What a caller wants is event.h.
//
// Errors of all ioctls: EBADF (not a descriptor), ENOTTY (not one of perf's, or
// a kernel older than the ioctl), and under a security module EACCES.

#ifndef PTCAP_BINDINGS_RAW_H_
#define PTCAP_BINDINGS_RAW_H_

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "bindings/abi/attr_constants.h"
#include "bindings/abi/ioctls.h"

namespace ptcap::bindings::raw {

static_assert(abi::kSyscallNumber == 0 ||
              abi::kSyscallNumber == __NR_perf_event_open);

// Opens an event. `pid`: 0 the calling thread, > 0 that thread, -1 all (with a
// cpu); with OpenFlag::kPidCgroup a descriptor of a cgroup directory. `cpu`: -1
// any (with a pid). `group_fd`: the leader's, or -1. `flags`: OpenFlag.
//
// E2BIG   attr.size is larger than the kernel's struct and what lies beyond is
//         not zero, or smaller than VER0; the kernel's size is in attr.size.
// EACCES  perf_event_paranoid forbids it: CPU-wide above 0, ring 0 above 1,
//         anything above 2 (a patch of Debian's and Ubuntu's); and there is no
//         CAP_PERFMON (5.8) or CAP_SYS_ADMIN. Also: the target may not be
//         ptraced by the caller (without the capability).
// EBADF   group_fd is not an event, or pid not a cgroup.
// EBUSY   the PMU is exclusive and taken (intel_pt, intel_bts).
// EINTR   a signal came while the target was in execve.
// EINVAL  a field is out of range, reserved bits are set (newer features on
//         an older kernel end here), sample_freq is above the sysctl, no such
//         CPU, group members that do not fit together.
// EMFILE  RLIMIT_NOFILE; ENFILE likewise for the system.
// ENODEV  the CPU is offline, or lacks what is asked for.
// ENOENT  no PMU takes this type and config: no hardware counters in most VMs.
// ENOSPC  no breakpoint slot is left.
// ENOSYS  the architecture cannot dump user stacks.
// EOPNOTSUPP  the PMU cannot sample, cannot exclude what is excluded, has no
//         branch stacks, or no AUX area for aux_*.
// EOVERFLOW  sample_max_stack is above its sysctl (4.8).
// EPERM   tracepoints, kprobes and kernel breakpoints without the capability.
// ESRCH   no such thread.
inline int perf_event_open(abi::perf_event_attr* attr, pid_t pid, int cpu,
                           int group_fd, unsigned long flags) {
  return static_cast<int>(
      ::syscall(__NR_perf_event_open, attr, pid, cpu, group_fd, flags));
}

inline int ioctl(int fd, abi::Ioctl request, unsigned long argument) {
  return ::ioctl(fd, static_cast<unsigned long>(request), argument);
}

// Starts counting. `flags`: IoctlFlag::kGroup for all of the leader's group.
// Never fails on an event. A pinned event that finds no counter goes into an
// error state: read(2) then returns 0 bytes.
inline int enable(int fd, uint32_t flags = 0) {
  return ioctl(fd, abi::Ioctl::kEnable, flags);
}

// Stops counting; the count stays.
inline int disable(int fd, uint32_t flags = 0) {
  return ioctl(fd, abi::Ioctl::kDisable, flags);
}

// Enables the event for `overflows` more overflows, then disables it and
// signals POLL_HUP. Adds to what is left. EINVAL: an event that is inherited
// or does not sample.
inline int refresh(int fd, unsigned overflows) {
  return ioctl(fd, abi::Ioctl::kRefresh, overflows);
}

// Sets the count to 0; times enabled and running go on.
inline int reset(int fd, uint32_t flags = 0) {
  return ioctl(fd, abi::Ioctl::kReset, flags);
}

// Sets the sampling period, or the frequency where attr.freq is set. The
// kernel reads it through the pointer. Takes effect at once since 3.14 (before:
// at the next overflow).
// EFAULT: not a readable pointer. EINVAL: not a sampling event, 0, the top bit
// set, or a frequency above perf_event_max_sample_rate.
inline int period(int fd, const uint64_t* period_or_frequency) {
  return ioctl(fd, abi::Ioctl::kPeriod,
               reinterpret_cast<unsigned long>(period_or_frequency));
}

// Sends the records into the ring of `output_fd`; -1: back to none.
// EBADF: `output_fd` is not an event. EINVAL: the event has a mapped ring of
// its own, both are the same; CPUs, clocks or write_backward differ, or (events
// of any CPU) the tasks; or the ring has the AUX area of another PMU.
inline int set_output(int fd, int output_fd) {
  return ioctl(fd, abi::Ioctl::kSetOutput,
               static_cast<unsigned long>(static_cast<long>(output_fd)));
}

// A tracepoint's filter ("prev_pid == 0"), or an address filter (4.7) of PMUs
// that have them ("filter 0x1000/0x200@/bin/x"). The empty string removes.
// EFAULT: not readable. EINVAL: longer than a page, not understood, or the
// event is neither. EOPNOTSUPP: the PMU has fewer filters. ENOENT, EACCES: the
// file that a filter names.
inline int set_filter(int fd, const char* filter) {
  return ioctl(fd, abi::Ioctl::kSetFilter,
               reinterpret_cast<unsigned long>(filter));
}

// The event's id, as PERF_SAMPLE_ID has it. EFAULT: not writable. 3.12.
inline int id(int fd, uint64_t* id) {
  return ioctl(fd, abi::Ioctl::kId, reinterpret_cast<unsigned long>(id));
}

// Attaches a loaded BPF program (its descriptor): kprobe or tracepoint types
// to those events (4.1), BPF_PROG_TYPE_PERF_EVENT to others (4.9).
// EBADF: not a descriptor. EEXIST: this program is there already (of events
// that are not probes: any is). EINVAL: not a program, or its type does not
// match the event. EACCES: it reads what the event has not.
inline int set_bpf(int fd, int program_fd) {
  return ioctl(fd, abi::Ioctl::kSetBpf, static_cast<unsigned long>(program_fd));
}

// Pauses (1) or resumes (0) writing to the event's ring, so that an
// overwritten ring can be read. EINVAL: no ring is mapped. 4.7.
inline int pause_output(int fd, uint32_t pause) {
  return ioctl(fd, abi::Ioctl::kPauseOutput, pause);
}

// The ids of the BPF programs at the event's tracepoint. `query` is followed
// by room for query->ids_len ids. EPERM: no CAP_PERFMON. EINVAL: not a
// tracepoint. ENOSPC: more programs than room; prog_cnt tells. E2BIG: room for
// more than 64. 4.16.
inline int query_bpf(int fd, abi::perf_event_query_bpf* query) {
  return ioctl(fd, abi::Ioctl::kQueryBpf,
               reinterpret_cast<unsigned long>(query));
}

// Changes bp_addr, bp_len, bp_type and disabled of a breakpoint.
// EOPNOTSUPP: not a breakpoint. EINVAL: another type or other fields differ.
// ENOSPC: no slot. 4.17.
inline int modify_attributes(int fd, const abi::perf_event_attr* attr) {
  return ioctl(fd, abi::Ioctl::kModifyAttributes,
               reinterpret_cast<unsigned long>(attr));
}

}  // namespace ptcap::bindings::raw

#endif  // PTCAP_BINDINGS_RAW_H_
