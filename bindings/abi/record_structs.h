// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The parts of records that have a struct of their own in the kernel's
// header. Field names are the kernel's.

#ifndef PTCAP_BINDINGS_ABI_RECORD_STRUCTS_H_
#define PTCAP_BINDINGS_ABI_RECORD_STRUCTS_H_

#include <bit>
#include <cstdint>
#include <type_traits>

namespace ptcap::abi {

struct perf_event_header {
  uint32_t type;  // RecordType
  uint16_t misc;  // CpuMode, RecordMisc
  uint16_t size;  // of the record, this header included
};

// Of PERF_RECORD_NAMESPACES, indexed by NamespaceIndex.
struct perf_ns_link_info {
  uint64_t dev;
  uint64_t ino;
};

enum class NamespaceIndex : uint8_t {
  kNet,
  kUts,
  kIpc,
  kPid,
  kUser,
  kMnt,
  kCgroup,
};

// One taken branch. The kernel's bit-fields, in either byte order, are
// declared from `mispred` on.
struct perf_branch_entry {
  uint64_t from;
  uint64_t to;
  uint64_t mispred : 1;
  uint64_t predicted : 1;
  uint64_t in_tx : 1;
  uint64_t abort : 1;
  uint64_t cycles : 16;   // since the branch before; 0 unknown
  uint64_t type : 4;      // BranchType
  uint64_t spec : 2;      // BranchSpec
  uint64_t new_type : 4;  // BranchNewType
  uint64_t priv : 3;      // BranchPriv
  uint64_t reserved : 31;
};
static_assert(sizeof(perf_branch_entry) == 24);

// PERF_SAMPLE_DATA_SRC.
union perf_mem_data_src {
  uint64_t val;
  struct Little {
    uint64_t mem_op : 5;       // MemOp
    uint64_t mem_lvl : 14;     // MemLevel
    uint64_t mem_snoop : 5;    // MemSnoop
    uint64_t mem_lock : 2;     // MemLock
    uint64_t mem_dtlb : 7;     // MemTlb
    uint64_t mem_lvl_num : 4;  // MemLevelNum; 4.14
    uint64_t mem_remote : 1;   // MemRemote; 4.14
    uint64_t mem_snoopx : 2;   // MemSnoopX; 4.14
    uint64_t mem_blk : 3;      // MemBlock; 5.12
    uint64_t mem_hops : 3;     // MemHops; 5.16
    uint64_t mem_region : 5;   // MemRegion; 7.0
    uint64_t mem_rsvd : 13;
  };
  struct Big {
    uint64_t mem_rsvd : 13;
    uint64_t mem_region : 5;
    uint64_t mem_hops : 3;
    uint64_t mem_blk : 3;
    uint64_t mem_snoopx : 2;
    uint64_t mem_remote : 1;
    uint64_t mem_lvl_num : 4;
    uint64_t mem_dtlb : 7;
    uint64_t mem_lock : 2;
    uint64_t mem_snoop : 5;
    uint64_t mem_lvl : 14;
    uint64_t mem_op : 5;
  };
  // The fields, in the byte order of this machine.
  std::conditional_t<std::endian::native == std::endian::little, Little, Big>
      fields;
};
static_assert(sizeof(perf_mem_data_src) == 8);

// PERF_SAMPLE_WEIGHT (full) and PERF_SAMPLE_WEIGHT_STRUCT (the rest).
union perf_sample_weight {
  uint64_t full;
  struct Little {
    uint32_t var1_dw;
    uint16_t var2_w;
    uint16_t var3_w;
  };
  struct Big {
    uint16_t var3_w;
    uint16_t var2_w;
    uint32_t var1_dw;
  };
  std::conditional_t<std::endian::native == std::endian::little, Little, Big>
      parts;
};
static_assert(sizeof(perf_sample_weight) == 8);

// Limits of call chains.
inline constexpr unsigned kMaxStackDepth = 127;         // the sysctl's default
inline constexpr unsigned kMaxContextsPerStack = 8;     // likewise
inline constexpr uint64_t kTransactionAbortShift = 32;  // of Transaction

}  // namespace ptcap::abi

#endif  // PTCAP_BINDINGS_ABI_RECORD_STRUCTS_H_
