// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The records of perf.data. Files of older versions of perf have shorter ones:
// what was added later is read only where it is there.

#include <algorithm>

#include "formats/io/error.h"
#include "formats/perf/parse.h"

namespace ptcap::formats::internal {

namespace {

// Of the misc of HEADER_BUILD_ID: the byte behind the id is its size.
constexpr uint16_t kMiscBuildIdSize = 1 << 15;
constexpr uint64_t kBuildIdField = 24;

std::string_view rest_as_string(ByteReader& r) {
  return r.string_field(r.remaining());
}

HeaderAttrRecord parse_header_attr(ByteReader& r) {
  constexpr uint32_t kFirstSize = abi::kAttrSizes.front().size;
  uint64_t at = r.offset();
  ByteReader ahead = r;
  ahead.skip(sizeof(uint32_t));  // type
  uint32_t size = ahead.u32();
  if (size < kFirstSize || size % 8)
    throw FormatError(
        at, "HEADER_ATTR: attr of " + std::to_string(size) + " bytes");
  HeaderAttrRecord record;
  Bytes attr = r.take(size);
  // What is newer than our struct is dropped; attr.size still counts it.
  std::memcpy(&record.attr, attr.data(),
              std::min(attr.size(), sizeof(record.attr)));
  record.ids = take_array<uint64_t>(r, r.remaining() / 8);
  return record;
}

BuildIdRecord parse_build_id(uint16_t misc, ByteReader& r) {
  BuildIdRecord record;
  record.pid = r.u32();
  uint64_t at = r.offset();
  Bytes field = r.take(kBuildIdField);
  uint64_t size = misc & kMiscBuildIdSize ? field[Mmap2Record::kMaxBuildId]
                                          : Mmap2Record::kMaxBuildId;
  if (size > Mmap2Record::kMaxBuildId)
    throw FormatError(
        at, "HEADER_BUILD_ID: build-id of " + std::to_string(size) + " bytes");
  record.build_id = field.first(size);
  record.filename = rest_as_string(r);
  return record;
}

IdIndexRecord parse_id_index(ByteReader& r) {
  IdIndexRecord record;
  uint64_t count = r.u64();
  record.entries = take_array<IdIndexEntry>(r, count);
  if (r.remaining() >= count * sizeof(GuestIdIndexEntry))
    record.guests = take_array<GuestIdIndexEntry>(r, count);
  return record;
}

AuxtraceInfoRecord parse_auxtrace_info(ByteReader& r) {
  AuxtraceInfoRecord record;
  record.type = static_cast<AuxtraceType>(r.u32());
  r.skip(4);  // reserved
  record.priv = take_array<uint64_t>(r, r.remaining() / 8);
  return record;
}

AuxtraceRecord parse_auxtrace(ByteReader& r) {
  AuxtraceRecord record{r.u64(), r.u64(), r.u64(), r.u32(), r.u32(), r.u32()};
  r.skip(4);  // reserved
  return record;
}

AuxtraceErrorRecord parse_auxtrace_error(ByteReader& r) {
  constexpr uint64_t kMessageSize = 64;
  AuxtraceErrorRecord record;
  record.type = r.u32();
  record.code = r.u32();
  record.cpu = r.u32();
  record.pid = r.u32();
  record.tid = r.u32();
  record.format = r.u32();
  record.ip = r.u64();
  if (record.format) record.time = r.u64();
  record.message = r.string_field(std::min(kMessageSize, r.remaining()));
  if (record.format >= 2) {
    record.machine_pid = r.u32();
    record.vcpu = r.u32();
  }
  return record;
}

ThreadMapRecord parse_thread_map(ByteReader& r) {
  uint64_t count = r.u64();
  return {take_array<ThreadMapEntry>(r, count)};
}

StatConfigRecord parse_stat_config(ByteReader& r) {
  uint64_t count = r.u64();
  return {take_array<StatConfigEntry>(r, count)};
}

TimeConvRecord parse_time_conv(ByteReader& r) {
  TimeConvRecord record;
  record.time_shift = r.u64();
  record.time_mult = r.u64();
  record.time_zero = r.u64();
  constexpr uint64_t kAddedSize = 8 + 8 + 1 + 1 + 6;
  if (r.remaining() < kAddedSize) return record;
  record.time_cycles = r.u64();
  record.time_mask = r.u64();
  record.cap_user_time_zero = r.u8();
  record.cap_user_time_short = r.u8();
  r.skip(6);  // reserved
  return record;
}

Compressed2Record parse_compressed2(ByteReader& r) {
  uint64_t size = r.u64();
  Compressed2Record record{r.take(size)};
  r.rest();  // padding
  return record;
}

}  // namespace

RecordBody parse_user_body(const abi::perf_event_header& header,
                           ByteReader& r) {
  switch (static_cast<UserRecordType>(header.type)) {
    case UserRecordType::kHeaderAttr:
      return parse_header_attr(r);
    case UserRecordType::kHeaderEventType:
      break;
    case UserRecordType::kHeaderTracingData:
      return TracingDataRecord{r.u32()};
    case UserRecordType::kHeaderBuildId:
      return parse_build_id(header.misc, r);
    case UserRecordType::kFinishedRound:
      return FinishedRoundRecord{};
    case UserRecordType::kIdIndex:
      return parse_id_index(r);
    case UserRecordType::kAuxtraceInfo:
      return parse_auxtrace_info(r);
    case UserRecordType::kAuxtrace:
      return parse_auxtrace(r);
    case UserRecordType::kAuxtraceError:
      return parse_auxtrace_error(r);
    case UserRecordType::kThreadMap:
      return parse_thread_map(r);
    case UserRecordType::kCpuMap:
      return CpuMapRecord{static_cast<CpuMapType>(r.u16()), r.rest()};
    case UserRecordType::kStatConfig:
      return parse_stat_config(r);
    case UserRecordType::kStat:
      return StatRecord{r.u64(), r.u32(), r.u32(), r.u64(), r.u64(), r.u64()};
    case UserRecordType::kStatRound:
      return StatRoundRecord{r.u64(), r.u64()};
    case UserRecordType::kEventUpdate:
      return EventUpdateRecord{r.u64(), r.u64(), r.rest()};
    case UserRecordType::kTimeConv:
      return parse_time_conv(r);
    case UserRecordType::kHeaderFeature:
      return HeaderFeatureRecord{static_cast<HeaderFeature>(r.u64()), r.rest()};
    case UserRecordType::kCompressed:
      return CompressedRecord{r.rest()};
    case UserRecordType::kFinishedInit:
      return FinishedInitRecord{};
    case UserRecordType::kCompressed2:
      return parse_compressed2(r);
  }
  return UnknownRecord{header.type, r.rest()};
}

}  // namespace ptcap::formats::internal
