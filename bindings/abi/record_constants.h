// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Constants of the records that the kernel writes.
// Made by bindings/abi/regenerate from the headers of Linux 6.12; complete to
// 7.0. Do not edit: edit spec.py.

#ifndef PTCAP_BINDINGS_ABI_RECORD_CONSTANTS_H_
#define PTCAP_BINDINGS_ABI_RECORD_CONSTANTS_H_

#include <cstdint>

#include "bindings/abi/enum_table.h"

namespace ptcap::abi {

// perf_event_header::type.
enum class RecordType : uint32_t {
  kMmap = 1,
  kLost = 2,
  kComm = 3,
  kExit = 4,
  kThrottle = 5,
  kUnthrottle = 6,
  kFork = 7,
  kRead = 8,
  kSample = 9,
  kMmap2 = 10,
  kAux = 11,
  kItraceStart = 12,
  kLostSamples = 13,
  kSwitch = 14,
  kSwitchCpuWide = 15,
  kNamespaces = 16,
  kKsymbol = 17,
  kBpfEvent = 18,
  kCgroup = 19,
  kTextPoke = 20,
  kAuxOutputHwId = 21,
  kCallchainDeferred = 22,
};
template <>
inline constexpr EnumEntry<RecordType> kEnumTable<RecordType>[] = {
    {RecordType::kMmap, "PERF_RECORD_MMAP", {2, 6, 31}},
    {RecordType::kLost, "PERF_RECORD_LOST", {2, 6, 31}},
    {RecordType::kComm, "PERF_RECORD_COMM", {2, 6, 31}},
    {RecordType::kExit, "PERF_RECORD_EXIT", {2, 6, 31}},
    {RecordType::kThrottle, "PERF_RECORD_THROTTLE", {2, 6, 31}},
    {RecordType::kUnthrottle, "PERF_RECORD_UNTHROTTLE", {2, 6, 31}},
    {RecordType::kFork, "PERF_RECORD_FORK", {2, 6, 31}},
    {RecordType::kRead, "PERF_RECORD_READ", {2, 6, 31}},
    {RecordType::kSample, "PERF_RECORD_SAMPLE", {2, 6, 31}},
    {RecordType::kMmap2, "PERF_RECORD_MMAP2", {3, 16, 0}},
    {RecordType::kAux, "PERF_RECORD_AUX", {4, 1, 0}},
    {RecordType::kItraceStart, "PERF_RECORD_ITRACE_START", {4, 1, 0}},
    {RecordType::kLostSamples, "PERF_RECORD_LOST_SAMPLES", {4, 2, 0}},
    {RecordType::kSwitch, "PERF_RECORD_SWITCH", {4, 3, 0}},
    {RecordType::kSwitchCpuWide, "PERF_RECORD_SWITCH_CPU_WIDE", {4, 3, 0}},
    {RecordType::kNamespaces, "PERF_RECORD_NAMESPACES", {4, 12, 0}},
    {RecordType::kKsymbol, "PERF_RECORD_KSYMBOL", {5, 1, 0}},
    {RecordType::kBpfEvent, "PERF_RECORD_BPF_EVENT", {5, 1, 0}},
    {RecordType::kCgroup, "PERF_RECORD_CGROUP", {5, 7, 0}},
    {RecordType::kTextPoke, "PERF_RECORD_TEXT_POKE", {5, 9, 0}},
    {RecordType::kAuxOutputHwId, "PERF_RECORD_AUX_OUTPUT_HW_ID", {5, 16, 0}},
    {RecordType::kCallchainDeferred,
     "PERF_RECORD_CALLCHAIN_DEFERRED",
     {6, 19, 0}},
};

// The low three bits of perf_event_header::misc.
enum class CpuMode : uint16_t {
  kCpumodeUnknown = 0,
  kKernel = 1,
  kUser = 2,
  kHypervisor = 3,
  kGuestKernel = 4,
  kGuestUser = 5,
};
template <>
inline constexpr EnumEntry<CpuMode> kEnumTable<CpuMode>[] = {
    {CpuMode::kCpumodeUnknown, "PERF_RECORD_MISC_CPUMODE_UNKNOWN", {2, 6, 31}},
    {CpuMode::kKernel, "PERF_RECORD_MISC_KERNEL", {2, 6, 31}},
    {CpuMode::kUser, "PERF_RECORD_MISC_USER", {2, 6, 31}},
    {CpuMode::kHypervisor, "PERF_RECORD_MISC_HYPERVISOR", {2, 6, 31}},
    {CpuMode::kGuestKernel, "PERF_RECORD_MISC_GUEST_KERNEL", {2, 6, 35}},
    {CpuMode::kGuestUser, "PERF_RECORD_MISC_GUEST_USER", {2, 6, 35}},
};

// The other bits of perf_event_header::misc; several kinds of record share
// bits 13 and 14.
enum class RecordMisc : uint16_t {
  kProcMapParseTimeout = 0x1000,
  kCommExec = 0x2000,
  kForkExec = 0x2000,
  kMmapData = 0x2000,
  kSwitchOut = 0x2000,
  kExactIp = 0x4000,
  kMmapBuildId = 0x4000,
  kSwitchOutPreempt = 0x4000,
  kExtReserved = 0x8000,
};
template <>
inline constexpr bool kIsFlags<RecordMisc> = true;
template <>
inline constexpr EnumEntry<RecordMisc> kEnumTable<RecordMisc>[] = {
    {RecordMisc::kProcMapParseTimeout,
     "PERF_RECORD_MISC_PROC_MAP_PARSE_TIMEOUT",
     {4, 2, 0}},
    {RecordMisc::kCommExec, "PERF_RECORD_MISC_COMM_EXEC", {3, 16, 0}},
    {RecordMisc::kForkExec, "PERF_RECORD_MISC_FORK_EXEC", {5, 2, 0}},
    {RecordMisc::kMmapData, "PERF_RECORD_MISC_MMAP_DATA", {3, 10, 0}},
    {RecordMisc::kSwitchOut, "PERF_RECORD_MISC_SWITCH_OUT", {4, 3, 0}},
    {RecordMisc::kExactIp, "PERF_RECORD_MISC_EXACT_IP", {2, 6, 35}},
    {RecordMisc::kMmapBuildId, "PERF_RECORD_MISC_MMAP_BUILD_ID", {5, 12, 0}},
    {RecordMisc::kSwitchOutPreempt,
     "PERF_RECORD_MISC_SWITCH_OUT_PREEMPT",
     {4, 17, 0}},
    {RecordMisc::kExtReserved, "PERF_RECORD_MISC_EXT_RESERVED", {2, 6, 35}},
};

// The flags of PERF_RECORD_AUX.
enum class AuxFlag : uint64_t {
  kCoresightFormatCoresight = 0x0,
  kTruncated = 0x1,
  kOverwrite = 0x2,
  kPartial = 0x4,
  kCollision = 0x8,
  kCoresightFormatRaw = 0x100,
  kPmuFormatTypeMask = 0xff00,
};
template <>
inline constexpr bool kIsFlags<AuxFlag> = true;
template <>
inline constexpr EnumEntry<AuxFlag> kEnumTable<AuxFlag>[] = {
    {AuxFlag::kCoresightFormatCoresight,
     "PERF_AUX_FLAG_CORESIGHT_FORMAT_CORESIGHT",
     {5, 13, 0}},
    {AuxFlag::kTruncated, "PERF_AUX_FLAG_TRUNCATED", {4, 1, 0}},
    {AuxFlag::kOverwrite, "PERF_AUX_FLAG_OVERWRITE", {4, 1, 0}},
    {AuxFlag::kPartial, "PERF_AUX_FLAG_PARTIAL", {4, 12, 0}},
    {AuxFlag::kCollision, "PERF_AUX_FLAG_COLLISION", {4, 15, 0}},
    {AuxFlag::kCoresightFormatRaw,
     "PERF_AUX_FLAG_CORESIGHT_FORMAT_RAW",
     {5, 13, 0}},
    {AuxFlag::kPmuFormatTypeMask,
     "PERF_AUX_FLAG_PMU_FORMAT_TYPE_MASK",
     {5, 13, 0}},
};

// What the symbol of PERF_RECORD_KSYMBOL is.
enum class KsymbolType : uint16_t {
  kUnknown = 0,
  kBpf = 1,
  kOol = 2,
};
template <>
inline constexpr EnumEntry<KsymbolType> kEnumTable<KsymbolType>[] = {
    {KsymbolType::kUnknown, "PERF_RECORD_KSYMBOL_TYPE_UNKNOWN", {5, 1, 0}},
    {KsymbolType::kBpf, "PERF_RECORD_KSYMBOL_TYPE_BPF", {5, 1, 0}},
    {KsymbolType::kOol, "PERF_RECORD_KSYMBOL_TYPE_OOL", {5, 9, 0}},
};

// Its flags.
enum class KsymbolFlag : uint16_t {
  kUnregister = 0x1,
};
template <>
inline constexpr bool kIsFlags<KsymbolFlag> = true;
template <>
inline constexpr EnumEntry<KsymbolFlag> kEnumTable<KsymbolFlag>[] = {
    {KsymbolFlag::kUnregister,
     "PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER",
     {5, 1, 0}},
};

// PERF_RECORD_BPF_EVENT's type.
enum class BpfEventType : uint16_t {
  kUnknown = 0,
  kProgLoad = 1,
  kProgUnload = 2,
};
template <>
inline constexpr EnumEntry<BpfEventType> kEnumTable<BpfEventType>[] = {
    {BpfEventType::kUnknown, "PERF_BPF_EVENT_UNKNOWN", {5, 1, 0}},
    {BpfEventType::kProgLoad, "PERF_BPF_EVENT_PROG_LOAD", {5, 1, 0}},
    {BpfEventType::kProgUnload, "PERF_BPF_EVENT_PROG_UNLOAD", {5, 1, 0}},
};

// Entries of a call chain that say what follows.
enum class CallchainContext : uint64_t {
  kMax = static_cast<uint64_t>(-4095),
  kGuestUser = static_cast<uint64_t>(-2560),
  kGuestKernel = static_cast<uint64_t>(-2176),
  kGuest = static_cast<uint64_t>(-2048),
  kUserDeferred = static_cast<uint64_t>(-640),
  kUser = static_cast<uint64_t>(-512),
  kKernel = static_cast<uint64_t>(-128),
  kHv = static_cast<uint64_t>(-32),
};
template <>
inline constexpr EnumEntry<CallchainContext> kEnumTable<CallchainContext>[] = {
    {CallchainContext::kMax, "PERF_CONTEXT_MAX", {2, 6, 31}},
    {CallchainContext::kGuestUser, "PERF_CONTEXT_GUEST_USER", {2, 6, 35}},
    {CallchainContext::kGuestKernel, "PERF_CONTEXT_GUEST_KERNEL", {2, 6, 35}},
    {CallchainContext::kGuest, "PERF_CONTEXT_GUEST", {2, 6, 35}},
    {CallchainContext::kUserDeferred, "PERF_CONTEXT_USER_DEFERRED", {6, 19, 0}},
    {CallchainContext::kUser, "PERF_CONTEXT_USER", {2, 6, 31}},
    {CallchainContext::kKernel, "PERF_CONTEXT_KERNEL", {2, 6, 31}},
    {CallchainContext::kHv, "PERF_CONTEXT_HV", {2, 6, 31}},
};

// First word of the registers of a sample.
enum class RegsAbi : uint64_t {
  kNone = 0,
  k32 = 1,
  k64 = 2,
};
template <>
inline constexpr EnumEntry<RegsAbi> kEnumTable<RegsAbi>[] = {
    {RegsAbi::kNone, "PERF_SAMPLE_REGS_ABI_NONE", {3, 7, 0}},
    {RegsAbi::k32, "PERF_SAMPLE_REGS_ABI_32", {3, 7, 0}},
    {RegsAbi::k64, "PERF_SAMPLE_REGS_ABI_64", {3, 7, 0}},
};

// PERF_SAMPLE_TRANSACTION; the abort code is in bits 32 to 63.
enum class Transaction : uint64_t {
  kElision = 0x1,
  kTransaction = 0x2,
  kSync = 0x4,
  kAsync = 0x8,
  kRetry = 0x10,
  kConflict = 0x20,
  kCapacityWrite = 0x40,
  kCapacityRead = 0x80,
};
template <>
inline constexpr bool kIsFlags<Transaction> = true;
template <>
inline constexpr EnumEntry<Transaction> kEnumTable<Transaction>[] = {
    {Transaction::kElision, "PERF_TXN_ELISION", {3, 13, 0}},
    {Transaction::kTransaction, "PERF_TXN_TRANSACTION", {3, 13, 0}},
    {Transaction::kSync, "PERF_TXN_SYNC", {3, 13, 0}},
    {Transaction::kAsync, "PERF_TXN_ASYNC", {3, 13, 0}},
    {Transaction::kRetry, "PERF_TXN_RETRY", {3, 13, 0}},
    {Transaction::kConflict, "PERF_TXN_CONFLICT", {3, 13, 0}},
    {Transaction::kCapacityWrite, "PERF_TXN_CAPACITY_WRITE", {3, 13, 0}},
    {Transaction::kCapacityRead, "PERF_TXN_CAPACITY_READ", {3, 13, 0}},
};

// perf_branch_entry::type.
enum class BranchType : uint32_t {
  kUnknown = 0,
  kCond = 1,
  kUncond = 2,
  kInd = 3,
  kCall = 4,
  kIndCall = 5,
  kRet = 6,
  kSyscall = 7,
  kSysret = 8,
  kCondCall = 9,
  kCondRet = 10,
  kEret = 11,
  kIrq = 12,
  kSerror = 13,
  kNoTx = 14,
  kExtendAbi = 15,
};
template <>
inline constexpr EnumEntry<BranchType> kEnumTable<BranchType>[] = {
    {BranchType::kUnknown, "PERF_BR_UNKNOWN", {4, 14, 0}},
    {BranchType::kCond, "PERF_BR_COND", {4, 14, 0}},
    {BranchType::kUncond, "PERF_BR_UNCOND", {4, 14, 0}},
    {BranchType::kInd, "PERF_BR_IND", {4, 14, 0}},
    {BranchType::kCall, "PERF_BR_CALL", {4, 14, 0}},
    {BranchType::kIndCall, "PERF_BR_IND_CALL", {4, 14, 0}},
    {BranchType::kRet, "PERF_BR_RET", {4, 14, 0}},
    {BranchType::kSyscall, "PERF_BR_SYSCALL", {4, 14, 0}},
    {BranchType::kSysret, "PERF_BR_SYSRET", {4, 14, 0}},
    {BranchType::kCondCall, "PERF_BR_COND_CALL", {4, 14, 0}},
    {BranchType::kCondRet, "PERF_BR_COND_RET", {4, 14, 0}},
    {BranchType::kEret, "PERF_BR_ERET", {5, 18, 0}},
    {BranchType::kIrq, "PERF_BR_IRQ", {5, 18, 0}},
    {BranchType::kSerror, "PERF_BR_SERROR", {6, 1, 0}},
    {BranchType::kNoTx, "PERF_BR_NO_TX", {6, 1, 0}},
    {BranchType::kExtendAbi, "PERF_BR_EXTEND_ABI", {6, 1, 0}},
};

// perf_branch_entry::spec.
enum class BranchSpec : uint32_t {
  kSpecNa = 0,
  kSpecWrongPath = 1,
  kNonSpecCorrectPath = 2,
  kSpecCorrectPath = 3,
};
template <>
inline constexpr EnumEntry<BranchSpec> kEnumTable<BranchSpec>[] = {
    {BranchSpec::kSpecNa, "PERF_BR_SPEC_NA", {6, 1, 0}},
    {BranchSpec::kSpecWrongPath, "PERF_BR_SPEC_WRONG_PATH", {6, 1, 0}},
    {BranchSpec::kNonSpecCorrectPath,
     "PERF_BR_NON_SPEC_CORRECT_PATH",
     {6, 1, 0}},
    {BranchSpec::kSpecCorrectPath, "PERF_BR_SPEC_CORRECT_PATH", {6, 1, 0}},
};

// perf_branch_entry::new_type, where type is kExtendAbi.
enum class BranchNewType : uint32_t {
  kFaultAlgn = 0,
  kFaultData = 1,
  kFaultInst = 2,
  kArch1 = 3,
  kArch2 = 4,
  kArch3 = 5,
  kArch4 = 6,
  kArch5 = 7,
};
template <>
inline constexpr EnumEntry<BranchNewType> kEnumTable<BranchNewType>[] = {
    {BranchNewType::kFaultAlgn, "PERF_BR_NEW_FAULT_ALGN", {6, 1, 0}},
    {BranchNewType::kFaultData, "PERF_BR_NEW_FAULT_DATA", {6, 1, 0}},
    {BranchNewType::kFaultInst, "PERF_BR_NEW_FAULT_INST", {6, 1, 0}},
    {BranchNewType::kArch1, "PERF_BR_NEW_ARCH_1", {6, 1, 0}},
    {BranchNewType::kArch2, "PERF_BR_NEW_ARCH_2", {6, 1, 0}},
    {BranchNewType::kArch3, "PERF_BR_NEW_ARCH_3", {6, 1, 0}},
    {BranchNewType::kArch4, "PERF_BR_NEW_ARCH_4", {6, 1, 0}},
    {BranchNewType::kArch5, "PERF_BR_NEW_ARCH_5", {6, 1, 0}},
};

// perf_branch_entry::priv.
enum class BranchPriv : uint32_t {
  kUnknown = 0,
  kUser = 1,
  kKernel = 2,
  kHv = 3,
};
template <>
inline constexpr EnumEntry<BranchPriv> kEnumTable<BranchPriv>[] = {
    {BranchPriv::kUnknown, "PERF_BR_PRIV_UNKNOWN", {6, 1, 0}},
    {BranchPriv::kUser, "PERF_BR_PRIV_USER", {6, 1, 0}},
    {BranchPriv::kKernel, "PERF_BR_PRIV_KERNEL", {6, 1, 0}},
    {BranchPriv::kHv, "PERF_BR_PRIV_HV", {6, 1, 0}},
};

}  // namespace ptcap::abi

#endif  // PTCAP_BINDINGS_ABI_RECORD_CONSTANTS_H_
