// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// One perf record, parsed. Parsing is pure: bytes in, record out; it copies
// and allocates nothing, so a record is valid as long as its bytes.

#ifndef PTCAP_FORMATS_PERF_RECORD_H_
#define PTCAP_FORMATS_PERF_RECORD_H_

#include <cstdint>
#include <variant>

#include "bindings/abi/record_constants.h"
#include "bindings/abi/record_structs.h"
#include "formats/perf/kernel_records.h"
#include "formats/perf/record_format.h"
#include "formats/perf/sample.h"
#include "formats/perf/user_records.h"

namespace ptcap::formats {

// A kind that is not known here: everything behind the header.
struct UnknownRecord {
  uint32_t type = 0;
  Bytes payload;
};

using RecordBody = std::variant<
    UnknownRecord, MmapRecord, LostRecord, CommRecord, ExitRecord,
    ThrottleRecord, UnthrottleRecord, ForkRecord, ReadRecord, Sample,
    Mmap2Record, AuxRecord, ItraceStartRecord, LostSamplesRecord, SwitchRecord,
    SwitchCpuWideRecord, NamespacesRecord, KsymbolRecord, BpfEventRecord,
    CgroupRecord, TextPokeRecord, AuxOutputHwIdRecord, CallchainDeferredRecord,
    // perf.data
    HeaderAttrRecord, TracingDataRecord, BuildIdRecord, FinishedRoundRecord,
    IdIndexRecord, AuxtraceInfoRecord, AuxtraceRecord, AuxtraceErrorRecord,
    ThreadMapRecord, CpuMapRecord, StatConfigRecord, StatRecord,
    StatRoundRecord, EventUpdateRecord, TimeConvRecord, HeaderFeatureRecord,
    CompressedRecord, FinishedInitRecord, Compressed2Record>;

struct Record {
  abi::perf_event_header header = {};
  uint64_t offset = 0;  // of the header in the input
  SampleId sample_id;   // the trailer; of a sample, its own fields
  RecordBody body;
  // Behind the fields known here, without padding of strings. Of KSYMBOL,
  // BPF_EVENT and TEXT_POKE it may be stale bytes of the ring: see
  // size_of_fields() in parse_record.cc.
  Bytes extra;

  bool is_kernel_record() const { return header.type < kFirstUserType; }
  abi::CpuMode cpu_mode() const {
    return static_cast<abi::CpuMode>(header.misc & 7);
  }
  bool has(abi::RecordMisc bit) const { return abi::has(header.misc, bit); }

  static constexpr uint32_t kFirstUserType = 64;
};

// Reads the header at the front of `input` and checks that the record is
// whole. Throws FormatError if its size is below that of a header or beyond
// the input.
abi::perf_event_header parse_record_header(Bytes input, uint64_t offset = 0);

// Parses the record at the front of `input`, which may go on behind it.
// `format` is that of its event (EventFormats::of_record); user records need
// none. Throws FormatError, with the offset, if the record is cut or a size
// in it does not fit; kinds that are not known are UnknownRecord.
Record parse_record(Bytes input, const RecordFormat& format,
                    uint64_t offset = 0);

// Bytes that follow the record and belong to it: the data of AUXTRACE and
// HEADER_TRACING_DATA, which header.size does not count.
uint64_t payload_size(const Record& record);

// "PERF_RECORD_MMAP2"; empty for an unknown kind.
std::string_view record_type_name(uint32_t type);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PERF_RECORD_H_
