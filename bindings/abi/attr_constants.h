// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Constants that go into perf_event_attr.
// Made by bindings/abi/regenerate from the headers of Linux 6.12; complete to
// 7.0. Do not edit: edit spec.py.

#ifndef PTCAP_BINDINGS_ABI_ATTR_CONSTANTS_H_
#define PTCAP_BINDINGS_ABI_ATTR_CONSTANTS_H_

#include <cstdint>

#include "bindings/abi/enum_table.h"

namespace ptcap::abi {

// perf_event_attr::type; sysfs adds more.
enum class TypeId : uint32_t {
  kHardware = 0,
  kSoftware = 1,
  kTracepoint = 2,
  kHwCache = 3,
  kRaw = 4,
  kBreakpoint = 5,
};
template <>
inline constexpr EnumEntry<TypeId> kEnumTable<TypeId>[] = {
    {TypeId::kHardware, "PERF_TYPE_HARDWARE", {2, 6, 31}},
    {TypeId::kSoftware, "PERF_TYPE_SOFTWARE", {2, 6, 31}},
    {TypeId::kTracepoint, "PERF_TYPE_TRACEPOINT", {2, 6, 31}},
    {TypeId::kHwCache, "PERF_TYPE_HW_CACHE", {2, 6, 31}},
    {TypeId::kRaw, "PERF_TYPE_RAW", {2, 6, 31}},
    {TypeId::kBreakpoint, "PERF_TYPE_BREAKPOINT", {2, 6, 33}},
};

// config of kHardware.
enum class HardwareEvent : uint64_t {
  kCpuCycles = 0,
  kInstructions = 1,
  kCacheReferences = 2,
  kCacheMisses = 3,
  kBranchInstructions = 4,
  kBranchMisses = 5,
  kBusCycles = 6,
  kStalledCyclesFrontend = 7,
  kStalledCyclesBackend = 8,
  kRefCpuCycles = 9,
};
template <>
inline constexpr EnumEntry<HardwareEvent> kEnumTable<HardwareEvent>[] = {
    {HardwareEvent::kCpuCycles, "PERF_COUNT_HW_CPU_CYCLES", {2, 6, 31}},
    {HardwareEvent::kInstructions, "PERF_COUNT_HW_INSTRUCTIONS", {2, 6, 31}},
    {HardwareEvent::kCacheReferences,
     "PERF_COUNT_HW_CACHE_REFERENCES",
     {2, 6, 31}},
    {HardwareEvent::kCacheMisses, "PERF_COUNT_HW_CACHE_MISSES", {2, 6, 31}},
    {HardwareEvent::kBranchInstructions,
     "PERF_COUNT_HW_BRANCH_INSTRUCTIONS",
     {2, 6, 31}},
    {HardwareEvent::kBranchMisses, "PERF_COUNT_HW_BRANCH_MISSES", {2, 6, 31}},
    {HardwareEvent::kBusCycles, "PERF_COUNT_HW_BUS_CYCLES", {2, 6, 31}},
    {HardwareEvent::kStalledCyclesFrontend,
     "PERF_COUNT_HW_STALLED_CYCLES_FRONTEND",
     {3, 0, 0}},
    {HardwareEvent::kStalledCyclesBackend,
     "PERF_COUNT_HW_STALLED_CYCLES_BACKEND",
     {3, 0, 0}},
    {HardwareEvent::kRefCpuCycles, "PERF_COUNT_HW_REF_CPU_CYCLES", {3, 3, 0}},
};

// Byte 0 of config of kHwCache.
enum class CacheId : uint32_t {
  kL1d = 0,
  kL1i = 1,
  kLl = 2,
  kDtlb = 3,
  kItlb = 4,
  kBpu = 5,
  kNode = 6,
};
template <>
inline constexpr EnumEntry<CacheId> kEnumTable<CacheId>[] = {
    {CacheId::kL1d, "PERF_COUNT_HW_CACHE_L1D", {2, 6, 31}},
    {CacheId::kL1i, "PERF_COUNT_HW_CACHE_L1I", {2, 6, 31}},
    {CacheId::kLl, "PERF_COUNT_HW_CACHE_LL", {2, 6, 31}},
    {CacheId::kDtlb, "PERF_COUNT_HW_CACHE_DTLB", {2, 6, 31}},
    {CacheId::kItlb, "PERF_COUNT_HW_CACHE_ITLB", {2, 6, 31}},
    {CacheId::kBpu, "PERF_COUNT_HW_CACHE_BPU", {2, 6, 31}},
    {CacheId::kNode, "PERF_COUNT_HW_CACHE_NODE", {3, 1, 0}},
};

// Byte 1.
enum class CacheOp : uint32_t {
  kRead = 0,
  kWrite = 1,
  kPrefetch = 2,
};
template <>
inline constexpr EnumEntry<CacheOp> kEnumTable<CacheOp>[] = {
    {CacheOp::kRead, "PERF_COUNT_HW_CACHE_OP_READ", {2, 6, 31}},
    {CacheOp::kWrite, "PERF_COUNT_HW_CACHE_OP_WRITE", {2, 6, 31}},
    {CacheOp::kPrefetch, "PERF_COUNT_HW_CACHE_OP_PREFETCH", {2, 6, 31}},
};

// Byte 2.
enum class CacheResult : uint32_t {
  kAccess = 0,
  kMiss = 1,
};
template <>
inline constexpr EnumEntry<CacheResult> kEnumTable<CacheResult>[] = {
    {CacheResult::kAccess, "PERF_COUNT_HW_CACHE_RESULT_ACCESS", {2, 6, 31}},
    {CacheResult::kMiss, "PERF_COUNT_HW_CACHE_RESULT_MISS", {2, 6, 31}},
};

// config of kSoftware.
enum class SoftwareEvent : uint64_t {
  kCpuClock = 0,
  kTaskClock = 1,
  kPageFaults = 2,
  kContextSwitches = 3,
  kCpuMigrations = 4,
  kPageFaultsMin = 5,
  kPageFaultsMaj = 6,
  kAlignmentFaults = 7,
  kEmulationFaults = 8,
  kDummy = 9,
  kBpfOutput = 10,
  kCgroupSwitches = 11,
};
template <>
inline constexpr EnumEntry<SoftwareEvent> kEnumTable<SoftwareEvent>[] = {
    {SoftwareEvent::kCpuClock, "PERF_COUNT_SW_CPU_CLOCK", {2, 6, 31}},
    {SoftwareEvent::kTaskClock, "PERF_COUNT_SW_TASK_CLOCK", {2, 6, 31}},
    {SoftwareEvent::kPageFaults, "PERF_COUNT_SW_PAGE_FAULTS", {2, 6, 31}},
    {SoftwareEvent::kContextSwitches,
     "PERF_COUNT_SW_CONTEXT_SWITCHES",
     {2, 6, 31}},
    {SoftwareEvent::kCpuMigrations, "PERF_COUNT_SW_CPU_MIGRATIONS", {2, 6, 31}},
    {SoftwareEvent::kPageFaultsMin,
     "PERF_COUNT_SW_PAGE_FAULTS_MIN",
     {2, 6, 31}},
    {SoftwareEvent::kPageFaultsMaj,
     "PERF_COUNT_SW_PAGE_FAULTS_MAJ",
     {2, 6, 31}},
    {SoftwareEvent::kAlignmentFaults,
     "PERF_COUNT_SW_ALIGNMENT_FAULTS",
     {2, 6, 33}},
    {SoftwareEvent::kEmulationFaults,
     "PERF_COUNT_SW_EMULATION_FAULTS",
     {2, 6, 33}},
    {SoftwareEvent::kDummy, "PERF_COUNT_SW_DUMMY", {3, 12, 0}},
    {SoftwareEvent::kBpfOutput, "PERF_COUNT_SW_BPF_OUTPUT", {4, 4, 0}},
    {SoftwareEvent::kCgroupSwitches,
     "PERF_COUNT_SW_CGROUP_SWITCHES",
     {5, 13, 0}},
};

// perf_event_attr::sample_type: the fields of a sample.
enum class SampleType : uint64_t {
  kIp = 0x1,
  kTid = 0x2,
  kTime = 0x4,
  kAddr = 0x8,
  kRead = 0x10,
  kCallchain = 0x20,
  kId = 0x40,
  kCpu = 0x80,
  kPeriod = 0x100,
  kStreamId = 0x200,
  kRaw = 0x400,
  kBranchStack = 0x800,
  kRegsUser = 0x1000,
  kStackUser = 0x2000,
  kWeight = 0x4000,
  kDataSrc = 0x8000,
  kIdentifier = 0x10000,
  kTransaction = 0x20000,
  kRegsIntr = 0x40000,
  kPhysAddr = 0x80000,
  kAux = 0x100000,
  kCgroup = 0x200000,
  kDataPageSize = 0x400000,
  kCodePageSize = 0x800000,
  kWeightStruct = 0x1000000,
};
template <>
inline constexpr bool kIsFlags<SampleType> = true;
template <>
inline constexpr EnumEntry<SampleType> kEnumTable<SampleType>[] = {
    {SampleType::kIp, "PERF_SAMPLE_IP", {2, 6, 31}},
    {SampleType::kTid, "PERF_SAMPLE_TID", {2, 6, 31}},
    {SampleType::kTime, "PERF_SAMPLE_TIME", {2, 6, 31}},
    {SampleType::kAddr, "PERF_SAMPLE_ADDR", {2, 6, 31}},
    {SampleType::kRead, "PERF_SAMPLE_READ", {2, 6, 31}},
    {SampleType::kCallchain, "PERF_SAMPLE_CALLCHAIN", {2, 6, 31}},
    {SampleType::kId, "PERF_SAMPLE_ID", {2, 6, 31}},
    {SampleType::kCpu, "PERF_SAMPLE_CPU", {2, 6, 31}},
    {SampleType::kPeriod, "PERF_SAMPLE_PERIOD", {2, 6, 31}},
    {SampleType::kStreamId, "PERF_SAMPLE_STREAM_ID", {2, 6, 31}},
    {SampleType::kRaw, "PERF_SAMPLE_RAW", {2, 6, 31}},
    {SampleType::kBranchStack, "PERF_SAMPLE_BRANCH_STACK", {3, 4, 0}},
    {SampleType::kRegsUser, "PERF_SAMPLE_REGS_USER", {3, 7, 0}},
    {SampleType::kStackUser, "PERF_SAMPLE_STACK_USER", {3, 7, 0}},
    {SampleType::kWeight, "PERF_SAMPLE_WEIGHT", {3, 10, 0}},
    {SampleType::kDataSrc, "PERF_SAMPLE_DATA_SRC", {3, 10, 0}},
    {SampleType::kIdentifier, "PERF_SAMPLE_IDENTIFIER", {3, 12, 0}},
    {SampleType::kTransaction, "PERF_SAMPLE_TRANSACTION", {3, 13, 0}},
    {SampleType::kRegsIntr, "PERF_SAMPLE_REGS_INTR", {3, 19, 0}},
    {SampleType::kPhysAddr, "PERF_SAMPLE_PHYS_ADDR", {4, 14, 0}},
    {SampleType::kAux, "PERF_SAMPLE_AUX", {5, 5, 0}},
    {SampleType::kCgroup, "PERF_SAMPLE_CGROUP", {5, 7, 0}},
    {SampleType::kDataPageSize, "PERF_SAMPLE_DATA_PAGE_SIZE", {5, 11, 0}},
    {SampleType::kCodePageSize, "PERF_SAMPLE_CODE_PAGE_SIZE", {5, 11, 0}},
    {SampleType::kWeightStruct, "PERF_SAMPLE_WEIGHT_STRUCT", {5, 12, 0}},
};

// perf_event_attr::read_format: what read(2) returns.
enum class ReadFormat : uint64_t {
  kTotalTimeEnabled = 0x1,
  kTotalTimeRunning = 0x2,
  kId = 0x4,
  kGroup = 0x8,
  kLost = 0x10,
};
template <>
inline constexpr bool kIsFlags<ReadFormat> = true;
template <>
inline constexpr EnumEntry<ReadFormat> kEnumTable<ReadFormat>[] = {
    {ReadFormat::kTotalTimeEnabled,
     "PERF_FORMAT_TOTAL_TIME_ENABLED",
     {2, 6, 31}},
    {ReadFormat::kTotalTimeRunning,
     "PERF_FORMAT_TOTAL_TIME_RUNNING",
     {2, 6, 31}},
    {ReadFormat::kId, "PERF_FORMAT_ID", {2, 6, 31}},
    {ReadFormat::kGroup, "PERF_FORMAT_GROUP", {2, 6, 31}},
    {ReadFormat::kLost, "PERF_FORMAT_LOST", {6, 0, 0}},
};

// perf_event_attr::branch_sample_type.
enum class BranchSampleType : uint64_t {
  kUser = 0x1,
  kKernel = 0x2,
  kHv = 0x4,
  kAny = 0x8,
  kAnyCall = 0x10,
  kAnyReturn = 0x20,
  kIndCall = 0x40,
  kAbortTx = 0x80,
  kInTx = 0x100,
  kNoTx = 0x200,
  kCond = 0x400,
  kCallStack = 0x800,
  kIndJump = 0x1000,
  kCall = 0x2000,
  kNoFlags = 0x4000,
  kNoCycles = 0x8000,
  kTypeSave = 0x10000,
  kHwIndex = 0x20000,
  kPrivSave = 0x40000,
  kCounters = 0x80000,
};
template <>
inline constexpr bool kIsFlags<BranchSampleType> = true;
template <>
inline constexpr EnumEntry<BranchSampleType> kEnumTable<BranchSampleType>[] = {
    {BranchSampleType::kUser, "PERF_SAMPLE_BRANCH_USER", {3, 4, 0}},
    {BranchSampleType::kKernel, "PERF_SAMPLE_BRANCH_KERNEL", {3, 4, 0}},
    {BranchSampleType::kHv, "PERF_SAMPLE_BRANCH_HV", {3, 4, 0}},
    {BranchSampleType::kAny, "PERF_SAMPLE_BRANCH_ANY", {3, 4, 0}},
    {BranchSampleType::kAnyCall, "PERF_SAMPLE_BRANCH_ANY_CALL", {3, 4, 0}},
    {BranchSampleType::kAnyReturn, "PERF_SAMPLE_BRANCH_ANY_RETURN", {3, 4, 0}},
    {BranchSampleType::kIndCall, "PERF_SAMPLE_BRANCH_IND_CALL", {3, 4, 0}},
    {BranchSampleType::kAbortTx, "PERF_SAMPLE_BRANCH_ABORT_TX", {3, 11, 0}},
    {BranchSampleType::kInTx, "PERF_SAMPLE_BRANCH_IN_TX", {3, 11, 0}},
    {BranchSampleType::kNoTx, "PERF_SAMPLE_BRANCH_NO_TX", {3, 11, 0}},
    {BranchSampleType::kCond, "PERF_SAMPLE_BRANCH_COND", {3, 16, 0}},
    {BranchSampleType::kCallStack, "PERF_SAMPLE_BRANCH_CALL_STACK", {4, 1, 0}},
    {BranchSampleType::kIndJump, "PERF_SAMPLE_BRANCH_IND_JUMP", {4, 2, 0}},
    {BranchSampleType::kCall, "PERF_SAMPLE_BRANCH_CALL", {4, 4, 0}},
    {BranchSampleType::kNoFlags, "PERF_SAMPLE_BRANCH_NO_FLAGS", {4, 5, 0}},
    {BranchSampleType::kNoCycles, "PERF_SAMPLE_BRANCH_NO_CYCLES", {4, 5, 0}},
    {BranchSampleType::kTypeSave, "PERF_SAMPLE_BRANCH_TYPE_SAVE", {4, 14, 0}},
    {BranchSampleType::kHwIndex, "PERF_SAMPLE_BRANCH_HW_INDEX", {5, 7, 0}},
    {BranchSampleType::kPrivSave, "PERF_SAMPLE_BRANCH_PRIV_SAVE", {6, 1, 0}},
    {BranchSampleType::kCounters, "PERF_SAMPLE_BRANCH_COUNTERS", {6, 8, 0}},
};

// The last argument of perf_event_open.
enum class OpenFlag : unsigned long {
  kFdNoGroup = 0x1,
  kFdOutput = 0x2,
  kPidCgroup = 0x4,
  kFdCloexec = 0x8,
};
template <>
inline constexpr bool kIsFlags<OpenFlag> = true;
template <>
inline constexpr EnumEntry<OpenFlag> kEnumTable<OpenFlag>[] = {
    {OpenFlag::kFdNoGroup, "PERF_FLAG_FD_NO_GROUP", {2, 6, 32}},
    {OpenFlag::kFdOutput, "PERF_FLAG_FD_OUTPUT", {2, 6, 32}},
    {OpenFlag::kPidCgroup, "PERF_FLAG_PID_CGROUP", {2, 6, 39}},
    {OpenFlag::kFdCloexec, "PERF_FLAG_FD_CLOEXEC", {3, 14, 0}},
};

// The argument of ENABLE, DISABLE, RESET and REFRESH.
enum class IoctlFlag : uint32_t {
  kGroup = 0x1,
};
template <>
inline constexpr bool kIsFlags<IoctlFlag> = true;
template <>
inline constexpr EnumEntry<IoctlFlag> kEnumTable<IoctlFlag>[] = {
    {IoctlFlag::kGroup, "PERF_IOC_FLAG_GROUP", {2, 6, 31}},
};

// perf_event_attr::bp_len; executions take sizeof(long).
enum class BreakpointLength : uint64_t {
  k1 = 1,
  k2 = 2,
  k3 = 3,
  k4 = 4,
  k5 = 5,
  k6 = 6,
  k7 = 7,
  k8 = 8,
};
template <>
inline constexpr EnumEntry<BreakpointLength> kEnumTable<BreakpointLength>[] = {
    {BreakpointLength::k1, "HW_BREAKPOINT_LEN_1", {2, 6, 33}},
    {BreakpointLength::k2, "HW_BREAKPOINT_LEN_2", {2, 6, 33}},
    {BreakpointLength::k3, "HW_BREAKPOINT_LEN_3", {4, 10, 0}},
    {BreakpointLength::k4, "HW_BREAKPOINT_LEN_4", {2, 6, 33}},
    {BreakpointLength::k5, "HW_BREAKPOINT_LEN_5", {4, 10, 0}},
    {BreakpointLength::k6, "HW_BREAKPOINT_LEN_6", {4, 10, 0}},
    {BreakpointLength::k7, "HW_BREAKPOINT_LEN_7", {4, 10, 0}},
    {BreakpointLength::k8, "HW_BREAKPOINT_LEN_8", {2, 6, 33}},
};

// perf_event_attr::bp_type.
enum class BreakpointType : uint32_t {
  kEmpty = 0x0,
  kR = 0x1,
  kW = 0x2,
  kRw = 0x3,
  kX = 0x4,
};
template <>
inline constexpr bool kIsFlags<BreakpointType> = true;
template <>
inline constexpr EnumEntry<BreakpointType> kEnumTable<BreakpointType>[] = {
    {BreakpointType::kEmpty, "HW_BREAKPOINT_EMPTY", {2, 6, 33}},
    {BreakpointType::kR, "HW_BREAKPOINT_R", {2, 6, 33}},
    {BreakpointType::kW, "HW_BREAKPOINT_W", {2, 6, 33}},
    {BreakpointType::kRw, "HW_BREAKPOINT_RW", {2, 6, 33}},
    {BreakpointType::kX, "HW_BREAKPOINT_X", {2, 6, 33}},
};

}  // namespace ptcap::abi

#endif  // PTCAP_BINDINGS_ABI_ATTR_CONSTANTS_H_
