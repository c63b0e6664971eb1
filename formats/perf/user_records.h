// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The records that perf itself puts into perf.data, kinds 64 to 83
// (tools/lib/perf/include/perf/event.h). Strings and arrays borrow the input.

#ifndef PTCAP_FORMATS_PERF_USER_RECORDS_H_
#define PTCAP_FORMATS_PERF_USER_RECORDS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bindings/abi/enum_table.h"
#include "bindings/abi/perf_event_attr.h"
#include "formats/perf/array_view.h"

namespace ptcap::formats {

enum class UserRecordType : uint32_t {
  kHeaderAttr = 64,
  kHeaderEventType = 65,  // long gone
  kHeaderTracingData = 66,
  kHeaderBuildId = 67,
  kFinishedRound = 68,
  kIdIndex = 69,
  kAuxtraceInfo = 70,
  kAuxtrace = 71,
  kAuxtraceError = 72,
  kThreadMap = 73,
  kCpuMap = 74,
  kStatConfig = 75,
  kStat = 76,
  kStatRound = 77,
  kEventUpdate = 78,
  kTimeConv = 79,
  kHeaderFeature = 80,
  kCompressed = 81,
  kFinishedInit = 82,
  kCompressed2 = 83,
};

// An attr as the file has it and the ids of its events (one per CPU or
// thread).
struct HeaderAttrRecord {
  // attr.size says how many bytes the file has; fields behind those are 0.
  abi::perf_event_attr attr = {};
  ArrayView<uint64_t> ids;
};

// `size` bytes, padded to 8, follow the record.
struct TracingDataRecord {
  uint32_t size = 0;
};

struct BuildIdRecord {
  uint32_t pid = 0;
  Bytes build_id;
  std::string_view filename;
};

struct FinishedRoundRecord {};
struct FinishedInitRecord {};

struct IdIndexEntry {
  uint64_t id = 0, idx = 0;
  uint64_t cpu = 0, tid = 0;  // ~0 for none
};
struct GuestIdIndexEntry {
  uint64_t machine_pid = 0, vcpu = 0;
};
struct IdIndexRecord {
  ArrayView<IdIndexEntry> entries;
  ArrayView<GuestIdIndexEntry> guests;  // empty, or one for each entry
};

enum class AuxtraceType : uint32_t {
  kUnknown = 0,
  kIntelPt = 1,
  kIntelBts = 2,
  kCsEtm = 3,
  kArmSpe = 4,
  kS390CpumSf = 5,
  kHisiPtt = 6,
};

// What `priv` holds for Intel: auxtrace_info.h.
struct AuxtraceInfoRecord {
  AuxtraceType type = AuxtraceType::kUnknown;
  ArrayView<uint64_t> priv;
};

// `size` bytes of the AUX area follow the record.
struct AuxtraceRecord {
  uint64_t size = 0;       // padding to 8 included
  uint64_t offset = 0;     // in the stream idx
  uint64_t reference = 0;  // orders the pieces
  uint32_t idx = 0;        // number of the buffer
  uint32_t tid = ~0u;      // ~0u: per CPU
  uint32_t cpu = ~0u;      // ~0u: per thread
};

struct AuxtraceErrorRecord {
  uint32_t type = 0;  // 1: instruction trace
  uint32_t code = 0;
  uint32_t cpu = 0, pid = 0, tid = 0;
  uint32_t format = 0;  // 1: `time` holds; 2: machine_pid and vcpu hold
  uint64_t ip = 0, time = 0;
  std::string_view message;
  uint32_t machine_pid = 0, vcpu = 0;
};

struct ThreadMapEntry {
  uint64_t pid = 0;
  std::array<char, 16> comm = {};
};
struct ThreadMapRecord {
  ArrayView<ThreadMapEntry> threads;
};

enum class CpuMapType : uint16_t { kCpus = 0, kMask = 1, kRange = 2 };

// `data` as the type says: u16 count and u16 cpus[]; a mask; a range.
struct CpuMapRecord {
  CpuMapType type = CpuMapType::kCpus;
  Bytes data;
};

struct StatConfigEntry {
  uint64_t tag = 0, value = 0;
};
struct StatConfigRecord {
  ArrayView<StatConfigEntry> entries;
};

struct StatRecord {
  uint64_t id = 0;
  uint32_t cpu = 0, thread = 0;
  uint64_t value = 0, time_enabled = 0, time_running = 0;
};

struct StatRoundRecord {
  uint64_t type = 0, time = 0;
};

inline constexpr uint64_t kEventUpdateName = 2;

// `data` as the type says: a unit, a scale, a name, a CPU map.
struct EventUpdateRecord {
  uint64_t type = 0, id = 0;
  Bytes data;
};

// TSC to perf clock: see perf_event_mmap_page. The later fields were added in
// Linux 5.14 and are 0 in older files.
struct TimeConvRecord {
  uint64_t time_shift = 0, time_mult = 1, time_zero = 0;
  uint64_t time_cycles = 0, time_mask = 0;
  bool cap_user_time_zero = true, cap_user_time_short = false;
};

// Numbers of the features of a perf.data header.
enum class HeaderFeature : uint64_t {
  kTracingData = 1,
  kBuildId = 2,
  kHostname = 3,
  kOsRelease = 4,
  kVersion = 5,
  kArch = 6,
  kNrCpus = 7,
  kCpuDesc = 8,
  kCpuId = 9,
  kTotalMem = 10,
  kCmdline = 11,
  kEventDesc = 12,
  kCpuTopology = 13,
  kNumaTopology = 14,
  kBranchStack = 15,
  kPmuMappings = 16,
  kGroupDesc = 17,
  kAuxtrace = 18,
  kStat = 19,
  kCache = 20,
  kSampleTime = 21,
  kMemTopology = 22,
  kClockId = 23,
  kDirFormat = 24,
  kBpfProgInfo = 25,
  kBpfBtf = 26,
  kCompressed = 27,
  kCpuPmuCaps = 28,
  kClockData = 29,
  kHybridTopology = 30,
  kPmuCaps = 31,
  kCpuDomainInfo = 32,
};

// `data` by feature: header_feature.h.
struct HeaderFeatureRecord {
  HeaderFeature feature = HeaderFeature::kHostname;
  Bytes data;
};

// Records, zstd-compressed. kCompressed2 (Linux 6.15) pads them to 8.
struct CompressedRecord {
  Bytes data;
};
struct Compressed2Record {
  Bytes data;
};

}  // namespace ptcap::formats

namespace ptcap::abi {

template <>
inline constexpr EnumEntry<formats::UserRecordType> kEnumTable<
    formats::UserRecordType>[] = {
    {formats::UserRecordType::kHeaderAttr,
     "PERF_RECORD_HEADER_ATTR",
     {2, 6, 34}},
    {formats::UserRecordType::kHeaderEventType,
     "PERF_RECORD_HEADER_EVENT_TYPE",
     {2, 6, 34}},
    {formats::UserRecordType::kHeaderTracingData,
     "PERF_RECORD_HEADER_TRACING_DATA",
     {2, 6, 34}},
    {formats::UserRecordType::kHeaderBuildId,
     "PERF_RECORD_HEADER_BUILD_ID",
     {2, 6, 34}},
    {formats::UserRecordType::kFinishedRound,
     "PERF_RECORD_FINISHED_ROUND",
     {2, 6, 35}},
    {formats::UserRecordType::kIdIndex, "PERF_RECORD_ID_INDEX", {3, 19}},
    {formats::UserRecordType::kAuxtraceInfo,
     "PERF_RECORD_AUXTRACE_INFO",
     {4, 1}},
    {formats::UserRecordType::kAuxtrace, "PERF_RECORD_AUXTRACE", {4, 1}},
    {formats::UserRecordType::kAuxtraceError,
     "PERF_RECORD_AUXTRACE_ERROR",
     {4, 1}},
    {formats::UserRecordType::kThreadMap, "PERF_RECORD_THREAD_MAP", {4, 5}},
    {formats::UserRecordType::kCpuMap, "PERF_RECORD_CPU_MAP", {4, 5}},
    {formats::UserRecordType::kStatConfig, "PERF_RECORD_STAT_CONFIG", {4, 5}},
    {formats::UserRecordType::kStat, "PERF_RECORD_STAT", {4, 5}},
    {formats::UserRecordType::kStatRound, "PERF_RECORD_STAT_ROUND", {4, 5}},
    {formats::UserRecordType::kEventUpdate, "PERF_RECORD_EVENT_UPDATE", {4, 5}},
    {formats::UserRecordType::kTimeConv, "PERF_RECORD_TIME_CONV", {4, 8}},
    {formats::UserRecordType::kHeaderFeature,
     "PERF_RECORD_HEADER_FEATURE",
     {4, 14}},
    {formats::UserRecordType::kCompressed, "PERF_RECORD_COMPRESSED", {5, 2}},
    {formats::UserRecordType::kFinishedInit,
     "PERF_RECORD_FINISHED_INIT",
     {6, 0}},
    {formats::UserRecordType::kCompressed2, "PERF_RECORD_COMPRESSED2", {6, 16}},
};

}  // namespace ptcap::abi

#endif  // PTCAP_FORMATS_PERF_USER_RECORDS_H_
