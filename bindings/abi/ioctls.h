// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Numbers of the system call and of the ioctls, right on every architecture.

#ifndef PTCAP_BINDINGS_ABI_IOCTLS_H_
#define PTCAP_BINDINGS_ABI_IOCTLS_H_

#include <linux/ioctl.h>

#include <cstdint>

#include "bindings/abi/enum_table.h"
#include "bindings/abi/perf_event_attr.h"

namespace ptcap::abi {

// Of perf_event_open(2); arch/*/kernel/syscalls/*.tbl. 0 where it is not known
// here (then asm/unistd.h has it as __NR_perf_event_open).
#if defined(__x86_64__) && defined(__ILP32__)
inline constexpr long kSyscallNumber = 0x40000000 + 298;  // x32
#elif defined(__x86_64__)
inline constexpr long kSyscallNumber = 298;
#elif defined(__i386__)
inline constexpr long kSyscallNumber = 336;
#elif defined(__aarch64__) || defined(__riscv) || defined(__loongarch__)
inline constexpr long kSyscallNumber = 241;  // asm-generic
#elif defined(__arm__)
inline constexpr long kSyscallNumber = 364;
#elif defined(__powerpc__)
inline constexpr long kSyscallNumber = 319;
#elif defined(__s390__)
inline constexpr long kSyscallNumber = 331;
#elif defined(__mips__) && _MIPS_SIM == _ABIO32
inline constexpr long kSyscallNumber = 4333;
#elif defined(__mips__) && _MIPS_SIM == _ABI64
inline constexpr long kSyscallNumber = 5292;
#elif defined(__mips__)
inline constexpr long kSyscallNumber = 6296;  // n32
#elif defined(__sparc__)
inline constexpr long kSyscallNumber = 327;
#else
inline constexpr long kSyscallNumber = 0;
#endif

// To be read into by kQueryBpf.
struct perf_event_query_bpf {
  uint32_t ids_len;   // in: room
  uint32_t prog_cnt;  // out: programs there are
  // uint32_t ids[ids_len] follows.
};

// The request argument of ioctl(2). The sizes in _IOW() are what the kernel's
// header has, pointers where it writes a pointer type; they are part of the
// number and differ between 32 and 64 bits.
enum class Ioctl : unsigned long {
  kEnable = _IO('$', 0),
  kDisable = _IO('$', 1),
  kRefresh = _IO('$', 2),
  kReset = _IO('$', 3),
  kPeriod = _IOW('$', 4, uint64_t),
  kSetOutput = _IO('$', 5),
  kSetFilter = _IOW('$', 6, char*),
  kId = _IOR('$', 7, uint64_t*),
  kSetBpf = _IOW('$', 8, uint32_t),
  kPauseOutput = _IOW('$', 9, uint32_t),
  kQueryBpf = _IOWR('$', 10, perf_event_query_bpf*),
  kModifyAttributes = _IOW('$', 11, perf_event_attr*),
};
template <>
inline constexpr EnumEntry<Ioctl> kEnumTable<Ioctl>[] = {
    {Ioctl::kEnable, "PERF_EVENT_IOC_ENABLE", {2, 6, 31}},
    {Ioctl::kDisable, "PERF_EVENT_IOC_DISABLE", {2, 6, 31}},
    {Ioctl::kRefresh, "PERF_EVENT_IOC_REFRESH", {2, 6, 31}},
    {Ioctl::kReset, "PERF_EVENT_IOC_RESET", {2, 6, 31}},
    {Ioctl::kPeriod, "PERF_EVENT_IOC_PERIOD", {2, 6, 31}},
    {Ioctl::kSetOutput, "PERF_EVENT_IOC_SET_OUTPUT", {2, 6, 32}},
    {Ioctl::kSetFilter, "PERF_EVENT_IOC_SET_FILTER", {2, 6, 33}},
    {Ioctl::kId, "PERF_EVENT_IOC_ID", {3, 12, 0}},
    {Ioctl::kSetBpf, "PERF_EVENT_IOC_SET_BPF", {4, 1, 0}},
    {Ioctl::kPauseOutput, "PERF_EVENT_IOC_PAUSE_OUTPUT", {4, 7, 0}},
    {Ioctl::kQueryBpf, "PERF_EVENT_IOC_QUERY_BPF", {4, 16, 0}},
    {Ioctl::kModifyAttributes, "PERF_EVENT_IOC_MODIFY_ATTRIBUTES", {4, 17, 0}},
};

}  // namespace ptcap::abi

#endif  // PTCAP_BINDINGS_ABI_IOCTLS_H_
