// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Constants of perf_mem_data_src.
// Made by bindings/abi/regenerate from the headers of Linux 6.12; complete to
// 7.0. Do not edit: edit spec.py.

#ifndef PTCAP_BINDINGS_ABI_MEM_CONSTANTS_H_
#define PTCAP_BINDINGS_ABI_MEM_CONSTANTS_H_

#include <cstdint>

#include "bindings/abi/enum_table.h"

namespace ptcap::abi {

// perf_mem_data_src::mem_op.
enum class MemOp : uint64_t {
  kNa = 0x1,
  kLoad = 0x2,
  kStore = 0x4,
  kPfetch = 0x8,
  kExec = 0x10,
};
template <>
inline constexpr bool kIsFlags<MemOp> = true;
template <>
inline constexpr EnumEntry<MemOp> kEnumTable<MemOp>[] = {
    {MemOp::kNa, "PERF_MEM_OP_NA", {3, 10, 0}},
    {MemOp::kLoad, "PERF_MEM_OP_LOAD", {3, 10, 0}},
    {MemOp::kStore, "PERF_MEM_OP_STORE", {3, 10, 0}},
    {MemOp::kPfetch, "PERF_MEM_OP_PFETCH", {3, 10, 0}},
    {MemOp::kExec, "PERF_MEM_OP_EXEC", {3, 10, 0}},
};

// perf_mem_data_src::mem_lvl; older than mem_lvl_num.
enum class MemLevel : uint64_t {
  kNa = 0x1,
  kHit = 0x2,
  kMiss = 0x4,
  kL1 = 0x8,
  kLfb = 0x10,
  kL2 = 0x20,
  kL3 = 0x40,
  kLocRam = 0x80,
  kRemRam1 = 0x100,
  kRemRam2 = 0x200,
  kRemCce1 = 0x400,
  kRemCce2 = 0x800,
  kIo = 0x1000,
  kUnc = 0x2000,
};
template <>
inline constexpr bool kIsFlags<MemLevel> = true;
template <>
inline constexpr EnumEntry<MemLevel> kEnumTable<MemLevel>[] = {
    {MemLevel::kNa, "PERF_MEM_LVL_NA", {3, 10, 0}},
    {MemLevel::kHit, "PERF_MEM_LVL_HIT", {3, 10, 0}},
    {MemLevel::kMiss, "PERF_MEM_LVL_MISS", {3, 10, 0}},
    {MemLevel::kL1, "PERF_MEM_LVL_L1", {3, 10, 0}},
    {MemLevel::kLfb, "PERF_MEM_LVL_LFB", {3, 10, 0}},
    {MemLevel::kL2, "PERF_MEM_LVL_L2", {3, 10, 0}},
    {MemLevel::kL3, "PERF_MEM_LVL_L3", {3, 10, 0}},
    {MemLevel::kLocRam, "PERF_MEM_LVL_LOC_RAM", {3, 10, 0}},
    {MemLevel::kRemRam1, "PERF_MEM_LVL_REM_RAM1", {3, 10, 0}},
    {MemLevel::kRemRam2, "PERF_MEM_LVL_REM_RAM2", {3, 10, 0}},
    {MemLevel::kRemCce1, "PERF_MEM_LVL_REM_CCE1", {3, 10, 0}},
    {MemLevel::kRemCce2, "PERF_MEM_LVL_REM_CCE2", {3, 10, 0}},
    {MemLevel::kIo, "PERF_MEM_LVL_IO", {3, 10, 0}},
    {MemLevel::kUnc, "PERF_MEM_LVL_UNC", {3, 10, 0}},
};

// perf_mem_data_src::mem_snoop.
enum class MemSnoop : uint64_t {
  kNa = 0x1,
  kNone = 0x2,
  kHit = 0x4,
  kMiss = 0x8,
  kHitm = 0x10,
};
template <>
inline constexpr bool kIsFlags<MemSnoop> = true;
template <>
inline constexpr EnumEntry<MemSnoop> kEnumTable<MemSnoop>[] = {
    {MemSnoop::kNa, "PERF_MEM_SNOOP_NA", {3, 10, 0}},
    {MemSnoop::kNone, "PERF_MEM_SNOOP_NONE", {3, 10, 0}},
    {MemSnoop::kHit, "PERF_MEM_SNOOP_HIT", {3, 10, 0}},
    {MemSnoop::kMiss, "PERF_MEM_SNOOP_MISS", {3, 10, 0}},
    {MemSnoop::kHitm, "PERF_MEM_SNOOP_HITM", {3, 10, 0}},
};

// perf_mem_data_src::mem_lock.
enum class MemLock : uint64_t {
  kNa = 0x1,
  kLocked = 0x2,
};
template <>
inline constexpr bool kIsFlags<MemLock> = true;
template <>
inline constexpr EnumEntry<MemLock> kEnumTable<MemLock>[] = {
    {MemLock::kNa, "PERF_MEM_LOCK_NA", {3, 10, 0}},
    {MemLock::kLocked, "PERF_MEM_LOCK_LOCKED", {3, 10, 0}},
};

// perf_mem_data_src::mem_dtlb.
enum class MemTlb : uint64_t {
  kNa = 0x1,
  kHit = 0x2,
  kMiss = 0x4,
  kL1 = 0x8,
  kL2 = 0x10,
  kWk = 0x20,
  kOs = 0x40,
};
template <>
inline constexpr bool kIsFlags<MemTlb> = true;
template <>
inline constexpr EnumEntry<MemTlb> kEnumTable<MemTlb>[] = {
    {MemTlb::kNa, "PERF_MEM_TLB_NA", {3, 10, 0}},
    {MemTlb::kHit, "PERF_MEM_TLB_HIT", {3, 10, 0}},
    {MemTlb::kMiss, "PERF_MEM_TLB_MISS", {3, 10, 0}},
    {MemTlb::kL1, "PERF_MEM_TLB_L1", {3, 10, 0}},
    {MemTlb::kL2, "PERF_MEM_TLB_L2", {3, 10, 0}},
    {MemTlb::kWk, "PERF_MEM_TLB_WK", {3, 10, 0}},
    {MemTlb::kOs, "PERF_MEM_TLB_OS", {3, 10, 0}},
};

// perf_mem_data_src::mem_lvl_num.
enum class MemLevelNum : uint64_t {
  kL1 = 1,
  kL2 = 2,
  kL3 = 3,
  kL4 = 4,
  kL2Mhb = 5,
  kMsc = 6,
  kL0 = 7,
  kUnc = 8,
  kCxl = 9,
  kIo = 10,
  kAnyCache = 11,
  kLfb = 12,
  kRam = 13,
  kPmem = 14,
  kNa = 15,
};
template <>
inline constexpr EnumEntry<MemLevelNum> kEnumTable<MemLevelNum>[] = {
    {MemLevelNum::kL1, "PERF_MEM_LVLNUM_L1", {4, 14, 0}},
    {MemLevelNum::kL2, "PERF_MEM_LVLNUM_L2", {4, 14, 0}},
    {MemLevelNum::kL3, "PERF_MEM_LVLNUM_L3", {4, 14, 0}},
    {MemLevelNum::kL4, "PERF_MEM_LVLNUM_L4", {4, 14, 0}},
    {MemLevelNum::kL2Mhb, "PERF_MEM_LVLNUM_L2_MHB", {6, 11, 0}},
    {MemLevelNum::kMsc, "PERF_MEM_LVLNUM_MSC", {6, 11, 0}},
    {MemLevelNum::kL0, "PERF_MEM_LVLNUM_L0", {7, 0, 0}},
    {MemLevelNum::kUnc, "PERF_MEM_LVLNUM_UNC", {6, 6, 0}},
    {MemLevelNum::kCxl, "PERF_MEM_LVLNUM_CXL", {6, 1, 0}},
    {MemLevelNum::kIo, "PERF_MEM_LVLNUM_IO", {6, 1, 0}},
    {MemLevelNum::kAnyCache, "PERF_MEM_LVLNUM_ANY_CACHE", {4, 14, 0}},
    {MemLevelNum::kLfb, "PERF_MEM_LVLNUM_LFB", {4, 14, 0}},
    {MemLevelNum::kRam, "PERF_MEM_LVLNUM_RAM", {4, 14, 0}},
    {MemLevelNum::kPmem, "PERF_MEM_LVLNUM_PMEM", {4, 14, 0}},
    {MemLevelNum::kNa, "PERF_MEM_LVLNUM_NA", {4, 14, 0}},
};

// perf_mem_data_src::mem_remote.
enum class MemRemote : uint64_t {
  kRemote = 0x1,
};
template <>
inline constexpr bool kIsFlags<MemRemote> = true;
template <>
inline constexpr EnumEntry<MemRemote> kEnumTable<MemRemote>[] = {
    {MemRemote::kRemote, "PERF_MEM_REMOTE_REMOTE", {4, 14, 0}},
};

// perf_mem_data_src::mem_snoopx.
enum class MemSnoopX : uint64_t {
  kFwd = 0x1,
  kPeer = 0x2,
};
template <>
inline constexpr bool kIsFlags<MemSnoopX> = true;
template <>
inline constexpr EnumEntry<MemSnoopX> kEnumTable<MemSnoopX>[] = {
    {MemSnoopX::kFwd, "PERF_MEM_SNOOPX_FWD", {4, 14, 0}},
    {MemSnoopX::kPeer, "PERF_MEM_SNOOPX_PEER", {6, 1, 0}},
};

// perf_mem_data_src::mem_blk.
enum class MemBlock : uint64_t {
  kNa = 0x1,
  kData = 0x2,
  kAddr = 0x4,
};
template <>
inline constexpr bool kIsFlags<MemBlock> = true;
template <>
inline constexpr EnumEntry<MemBlock> kEnumTable<MemBlock>[] = {
    {MemBlock::kNa, "PERF_MEM_BLK_NA", {5, 12, 0}},
    {MemBlock::kData, "PERF_MEM_BLK_DATA", {5, 12, 0}},
    {MemBlock::kAddr, "PERF_MEM_BLK_ADDR", {5, 12, 0}},
};

// perf_mem_data_src::mem_hops.
enum class MemHops : uint64_t {
  k0 = 1,
  k1 = 2,
  k2 = 3,
  k3 = 4,
};
template <>
inline constexpr EnumEntry<MemHops> kEnumTable<MemHops>[] = {
    {MemHops::k0, "PERF_MEM_HOPS_0", {5, 16, 0}},
    {MemHops::k1, "PERF_MEM_HOPS_1", {5, 17, 0}},
    {MemHops::k2, "PERF_MEM_HOPS_2", {5, 17, 0}},
    {MemHops::k3, "PERF_MEM_HOPS_3", {5, 17, 0}},
};

// perf_mem_data_src::mem_region.
enum class MemRegion : uint64_t {
  kNa = 0,
  kRsvd = 1,
  kLShare = 2,
  kLNonShare = 3,
  kOIo = 4,
  kOShare = 5,
  kONonShare = 6,
  kMmio = 7,
  kMem0 = 8,
  kMem1 = 9,
  kMem2 = 10,
  kMem3 = 11,
  kMem4 = 12,
  kMem5 = 13,
  kMem6 = 14,
  kMem7 = 15,
};
template <>
inline constexpr EnumEntry<MemRegion> kEnumTable<MemRegion>[] = {
    {MemRegion::kNa, "PERF_MEM_REGION_NA", {7, 0, 0}},
    {MemRegion::kRsvd, "PERF_MEM_REGION_RSVD", {7, 0, 0}},
    {MemRegion::kLShare, "PERF_MEM_REGION_L_SHARE", {7, 0, 0}},
    {MemRegion::kLNonShare, "PERF_MEM_REGION_L_NON_SHARE", {7, 0, 0}},
    {MemRegion::kOIo, "PERF_MEM_REGION_O_IO", {7, 0, 0}},
    {MemRegion::kOShare, "PERF_MEM_REGION_O_SHARE", {7, 0, 0}},
    {MemRegion::kONonShare, "PERF_MEM_REGION_O_NON_SHARE", {7, 0, 0}},
    {MemRegion::kMmio, "PERF_MEM_REGION_MMIO", {7, 0, 0}},
    {MemRegion::kMem0, "PERF_MEM_REGION_MEM0", {7, 0, 0}},
    {MemRegion::kMem1, "PERF_MEM_REGION_MEM1", {7, 0, 0}},
    {MemRegion::kMem2, "PERF_MEM_REGION_MEM2", {7, 0, 0}},
    {MemRegion::kMem3, "PERF_MEM_REGION_MEM3", {7, 0, 0}},
    {MemRegion::kMem4, "PERF_MEM_REGION_MEM4", {7, 0, 0}},
    {MemRegion::kMem5, "PERF_MEM_REGION_MEM5", {7, 0, 0}},
    {MemRegion::kMem6, "PERF_MEM_REGION_MEM6", {7, 0, 0}},
    {MemRegion::kMem7, "PERF_MEM_REGION_MEM7", {7, 0, 0}},
};

}  // namespace ptcap::abi

#endif  // PTCAP_BINDINGS_ABI_MEM_CONSTANTS_H_
