// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The records that the kernel writes, but for SAMPLE (sample.h): kinds 1 to
// 22, with their fields in order. Strings and arrays borrow the input.

#ifndef PTCAP_FORMATS_PERF_KERNEL_RECORDS_H_
#define PTCAP_FORMATS_PERF_KERNEL_RECORDS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bindings/abi/record_structs.h"
#include "formats/perf/array_view.h"
#include "formats/perf/sample.h"

namespace ptcap::formats {

struct MmapRecord {
  uint32_t pid = 0, tid = 0;
  uint64_t address = 0, length = 0, file_offset = 0;
  std::string_view filename;
};

struct LostRecord {
  uint64_t id = 0;
  uint64_t lost = 0;  // records
};

struct CommRecord {
  uint32_t pid = 0, tid = 0;
  std::string_view comm;
};

// EXIT and FORK.
struct TaskRecord {
  uint32_t pid = 0, parent_pid = 0, tid = 0, parent_tid = 0;
  uint64_t time = 0;
};
struct ExitRecord : TaskRecord {};
struct ForkRecord : TaskRecord {};

// THROTTLE and UNTHROTTLE.
struct ThrottleState {
  uint64_t time = 0, id = 0, stream_id = 0;
};
struct ThrottleRecord : ThrottleState {};
struct UnthrottleRecord : ThrottleState {};

struct ReadRecord {
  uint32_t pid = 0, tid = 0;
  ReadValues values;
};

// Of a mapped file: the device and inode, or (misc kMmapBuildId, Linux 5.12)
// the build-id.
struct Mmap2Record {
  uint32_t pid = 0, tid = 0;
  uint64_t address = 0, length = 0, file_offset = 0;

  static constexpr size_t kMaxBuildId = 20;
  std::optional<Bytes> build_id;  // at most kMaxBuildId bytes
  uint32_t device_major = 0, device_minor = 0;
  uint64_t inode = 0, inode_generation = 0;

  uint32_t protection = 0;  // PROT_*
  uint32_t flags = 0;       // MAP_*
  std::string_view filename;
};

struct AuxRecord {
  uint64_t aux_offset = 0, aux_size = 0;
  uint64_t flags = 0;  // abi::AuxFlag
};

struct ItraceStartRecord {
  uint32_t pid = 0, tid = 0;
};

struct LostSamplesRecord {
  uint64_t lost = 0;
};

// misc kSwitchOut, kSwitchOutPreempt say which way.
struct SwitchRecord {};

struct SwitchCpuWideRecord {
  uint32_t next_prev_pid = 0, next_prev_tid = 0;
};

struct NamespacesRecord {
  uint32_t pid = 0, tid = 0;
  ArrayView<abi::perf_ns_link_info> links;  // by abi::NamespaceIndex
};

struct KsymbolRecord {
  uint64_t address = 0;
  uint32_t length = 0;
  uint16_t type = 0;   // abi::KsymbolType
  uint16_t flags = 0;  // abi::KsymbolFlag
  std::string_view name;
};

struct BpfEventRecord {
  uint16_t type = 0;  // abi::BpfEventType
  uint16_t flags = 0;
  uint32_t id = 0;
  std::array<uint8_t, 8> tag = {};
};

struct CgroupRecord {
  uint64_t id = 0;
  std::string_view path;
};

struct TextPokeRecord {
  uint64_t address = 0;
  Bytes old_bytes, new_bytes;
};

struct AuxOutputHwIdRecord {
  uint64_t hw_id = 0;
};

// The user part of call chains that end in kUserDeferred and this cookie.
struct CallchainDeferredRecord {
  uint64_t cookie = 0;
  ArrayView<uint64_t> ips;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PERF_KERNEL_RECORDS_H_
