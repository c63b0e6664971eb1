// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Kernel records, all but SAMPLE, and the way into parsing.

#include "formats/io/error.h"
#include "formats/perf/parse.h"
#include "formats/perf/record.h"

namespace ptcap::formats {

using abi::RecordMisc;
using abi::RecordType;
using abi::SampleType;

namespace {

// A braced initialiser list evaluates in order, so fields that follow each
// other in the record are read as `T{r.u32(), r.u64()}`.

std::string_view rest_as_string(ByteReader& r) {
  return r.string_field(r.remaining());
}

MmapRecord parse_mmap(ByteReader& r) {
  return {r.u32(), r.u32(), r.u64(), r.u64(), r.u64(), rest_as_string(r)};
}

Bytes parse_build_id(ByteReader& r) {
  uint64_t at = r.offset();
  uint8_t size = r.u8();
  r.skip(1 + 2);  // reserved
  Bytes field = r.take(Mmap2Record::kMaxBuildId);
  if (size > field.size())
    throw FormatError(at,
                      "MMAP2: build-id of " + std::to_string(size) + " bytes");
  return field.first(size);
}

Mmap2Record parse_mmap2(ByteReader& r, uint16_t misc) {
  Mmap2Record record;
  record.pid = r.u32();
  record.tid = r.u32();
  record.address = r.u64();
  record.length = r.u64();
  record.file_offset = r.u64();
  if (has(misc, RecordMisc::kMmapBuildId)) {
    record.build_id = parse_build_id(r);
  } else {
    record.device_major = r.u32();
    record.device_minor = r.u32();
    record.inode = r.u64();
    record.inode_generation = r.u64();
  }
  record.protection = r.u32();
  record.flags = r.u32();
  record.filename = rest_as_string(r);
  return record;
}

TaskRecord parse_task(ByteReader& r) {
  return {r.u32(), r.u32(), r.u32(), r.u32(), r.u64()};
}

ThrottleState parse_throttle(ByteReader& r) {
  return {r.u64(), r.u64(), r.u64()};
}

ReadRecord parse_read(ByteReader& r, const RecordFormat& format) {
  return {r.u32(), r.u32(), parse_read_values(r, format.read_format)};
}

NamespacesRecord parse_namespaces(ByteReader& r) {
  NamespacesRecord record{r.u32(), r.u32(), {}};
  uint64_t count = r.u64();
  record.links = take_array<abi::perf_ns_link_info>(r, count);
  return record;
}

KsymbolRecord parse_ksymbol(ByteReader& r) {
  return {r.u64(), r.u32(), r.u16(), r.u16(), rest_as_string(r)};
}

BpfEventRecord parse_bpf_event(ByteReader& r) {
  return {r.u16(), r.u16(), r.u32(), r.value<std::array<uint8_t, 8>>()};
}

TextPokeRecord parse_text_poke(ByteReader& r) {
  TextPokeRecord record;
  record.address = r.u64();
  uint16_t old_size = r.u16(), new_size = r.u16();
  record.old_bytes = r.take(old_size);
  record.new_bytes = r.take(new_size);
  r.rest();  // padding
  return record;
}

CallchainDeferredRecord parse_callchain_deferred(ByteReader& r) {
  uint64_t cookie = r.u64(), count = r.u64();
  return {cookie, take_array<uint64_t>(r, count)};
}

// Into `body`, which saves the copies of returning it: a variant is large.
void parse_kernel_body(const abi::perf_event_header& header, ByteReader& r,
                       const RecordFormat& format, RecordBody& body) {
  switch (static_cast<RecordType>(header.type)) {
    case RecordType::kMmap:
      body = parse_mmap(r);
      return;
    case RecordType::kLost:
      body = LostRecord{r.u64(), r.u64()};
      return;
    case RecordType::kComm:
      body = CommRecord{r.u32(), r.u32(), rest_as_string(r)};
      return;
    case RecordType::kExit:
      body = ExitRecord{parse_task(r)};
      return;
    case RecordType::kThrottle:
      body = ThrottleRecord{parse_throttle(r)};
      return;
    case RecordType::kUnthrottle:
      body = UnthrottleRecord{parse_throttle(r)};
      return;
    case RecordType::kFork:
      body = ForkRecord{parse_task(r)};
      return;
    case RecordType::kRead:
      body = parse_read(r, format);
      return;
    case RecordType::kSample:
      internal::parse_sample(r, format, body.emplace<Sample>());
      return;
    case RecordType::kMmap2:
      body = parse_mmap2(r, header.misc);
      return;
    case RecordType::kAux:
      body = AuxRecord{r.u64(), r.u64(), r.u64()};
      return;
    case RecordType::kItraceStart:
      body = ItraceStartRecord{r.u32(), r.u32()};
      return;
    case RecordType::kLostSamples:
      body = LostSamplesRecord{r.u64()};
      return;
    case RecordType::kSwitch:
      body = SwitchRecord{};
      return;
    case RecordType::kSwitchCpuWide:
      body = SwitchCpuWideRecord{r.u32(), r.u32()};
      return;
    case RecordType::kNamespaces:
      body = parse_namespaces(r);
      return;
    case RecordType::kKsymbol:
      body = parse_ksymbol(r);
      return;
    case RecordType::kBpfEvent:
      body = parse_bpf_event(r);
      return;
    case RecordType::kCgroup:
      body = CgroupRecord{r.u64(), rest_as_string(r)};
      return;
    case RecordType::kTextPoke:
      body = parse_text_poke(r);
      return;
    case RecordType::kAuxOutputHwId:
      body = AuxOutputHwIdRecord{r.u64()};
      return;
    case RecordType::kCallchainDeferred:
      body = parse_callchain_deferred(r);
      return;
  }
  body = UnknownRecord{header.type, r.rest()};
}

SampleId sample_id_of(const Sample& sample) {
  SampleId id;
  id.present = sample.present;
  id.pid = sample.pid;
  id.tid = sample.tid;
  id.time = sample.time;
  id.id = sample.has(SampleType::kIdentifier) ? sample.identifier : sample.id;
  id.stream_id = sample.stream_id;
  id.cpu = sample.cpu;
  return id;
}

constexpr uint64_t aligned(uint64_t size) { return (size + 7) & ~uint64_t{7}; }

// What the fields of a record take, of the kinds whose header.size Linux (6.18
// still) raises by a sample_id for each event that it writes the record for:
// the trailer is behind the fields, and stale bytes of the ring follow.
std::optional<uint64_t> size_of_fields(uint32_t type, Bytes payload,
                                       uint64_t payload_offset) {
  ByteReader r(payload, payload_offset);
  switch (static_cast<RecordType>(type)) {
    case RecordType::kKsymbol: {
      constexpr size_t kBeforeName = 8 + 4 + 2 + 2;
      r.skip(kBeforeName);
      return kBeforeName + aligned(rest_as_string(r).size() + 1);
    }
    case RecordType::kBpfEvent:
      return 2 + 2 + 4 + 8;
    case RecordType::kTextPoke: {
      r.skip(8);
      const uint64_t bytes = uint64_t{r.u16()} + r.u16();
      return aligned(8 + 2 + 2 + bytes);
    }
    default:
      return std::nullopt;
  }
}

// What follows the header of a record: its fields, the sample_id, the rest.
struct Parts {
  Bytes fields, trailer, extra;
};

Parts split(Bytes payload, uint64_t payload_offset, uint64_t trailer_size,
            uint32_t type) {
  if (trailer_size) {
    auto size = size_of_fields(type, payload, payload_offset);
    if (size && *size + trailer_size < payload.size() &&
        (payload.size() - *size) % trailer_size == 0)
      return {payload.first(*size), payload.subspan(*size, trailer_size),
              payload.subspan(*size + trailer_size)};
  }
  return {payload.first(payload.size() - trailer_size),
          payload.last(trailer_size),
          {}};
}

// Splits the trailer off `payload` and parses it. A record of an unknown kind
// may have none: then its payload stays whole.
SampleId take_sample_id(Bytes& payload, Bytes& extra,
                        const RecordFormat& format,
                        const abi::perf_event_header& header, uint64_t offset) {
  const uint64_t size = format.sample_id_size();
  const bool is_known = !record_type_name(header.type).empty();
  if (size > payload.size()) {
    if (!is_known) return {};
    throw FormatError(offset, std::string(record_type_name(header.type)) +
                                  " of " + std::to_string(header.size) +
                                  " bytes has no room for its sample_id");
  }
  const uint64_t payload_offset = offset + sizeof(header);
  const Parts parts = split(payload, payload_offset, size, header.type);
  ByteReader reader(parts.trailer, payload_offset + parts.fields.size());
  if (is_known) {
    payload = parts.fields;
    extra = parts.extra;
  }
  return internal::parse_sample_id(reader, format);
}

}  // namespace

namespace internal {

SampleId parse_sample_id(ByteReader& r, const RecordFormat& format) {
  SampleId id;
  if (!format.sample_id_all) return id;
  auto present = [&](SampleType field) {
    return has(format.sample_type, field);
  };
  if (present(SampleType::kTid)) {
    id.pid = r.u32();
    id.tid = r.u32();
  }
  if (present(SampleType::kTime)) id.time = r.u64();
  if (present(SampleType::kId)) id.id = r.u64();
  if (present(SampleType::kStreamId)) id.stream_id = r.u64();
  if (present(SampleType::kCpu)) {
    id.cpu = r.u32();
    r.skip(4);  // reserved
  }
  if (present(SampleType::kIdentifier)) id.id = r.u64();
  id.present = format.sample_type;
  return id;
}

}  // namespace internal

abi::perf_event_header parse_record_header(Bytes input, uint64_t offset) {
  ByteReader reader(input, offset);
  auto header = reader.value<abi::perf_event_header>();
  if (header.size < sizeof(header))
    throw FormatError(offset, "record of " + std::to_string(header.size) +
                                  " bytes, less than its header");
  if (header.size > input.size())
    throw FormatError(offset, "record of " + std::to_string(header.size) +
                                  " bytes, of which " +
                                  std::to_string(input.size()) + " are there");
  return header;
}

Record parse_record(Bytes input, const RecordFormat& format, uint64_t offset) {
  Record record;
  record.header = parse_record_header(input, offset);
  record.offset = offset;
  Bytes payload = input.subspan(sizeof(record.header),
                                record.header.size - sizeof(record.header));
  uint64_t payload_offset = offset + sizeof(record.header);
  bool is_sample = record.header.type == bits(RecordType::kSample);
  if (record.is_kernel_record() && !is_sample)
    record.sample_id =
        take_sample_id(payload, record.extra, format, record.header, offset);

  ByteReader reader(payload, payload_offset);
  if (record.is_kernel_record())
    parse_kernel_body(record.header, reader, format, record.body);
  else
    record.body = internal::parse_user_body(record.header, reader);
  if (is_sample) record.sample_id = sample_id_of(std::get<Sample>(record.body));
  if (record.extra.empty()) record.extra = reader.rest();
  return record;
}

uint64_t payload_size(const Record& record) {
  if (const auto* aux = std::get_if<AuxtraceRecord>(&record.body))
    return aux->size;
  if (const auto* data = std::get_if<TracingDataRecord>(&record.body))
    return (uint64_t{data->size} + 7) & ~uint64_t{7};
  return 0;
}

std::string_view record_type_name(uint32_t type) {
  if (type < Record::kFirstUserType) return name(static_cast<RecordType>(type));
  return abi::name(static_cast<UserRecordType>(type));
}

}  // namespace ptcap::formats
