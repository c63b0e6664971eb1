// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Writes records as the kernel and perf do: the inverse of parse_record().

#ifndef PTCAP_FORMATS_PERF_RECORD_BUILDER_H_
#define PTCAP_FORMATS_PERF_RECORD_BUILDER_H_

#include <cstdint>
#include <vector>

#include "formats/perf/record.h"

namespace ptcap::formats {

// misc of a record.
constexpr uint16_t record_misc(abi::CpuMode mode, abi::RecordMisc bits = {}) {
  return static_cast<uint16_t>(abi::bits(mode) | abi::bits(bits));
}

// Builds the records of one event: kernel records end in the sample_id that
// the event's format asks for.
class RecordBuilder {
 public:
  // For user records, and kernel records without trailer.
  RecordBuilder() = default;
  explicit RecordBuilder(const RecordFormat& format) : format_(format) {}

  // Appends one record, padded to 8 bytes; `id` is its trailer (of a sample:
  // not used), of which the fields are taken that the format has. What a
  // record has by its format (a sample's fields, MMAP2's build-id bit) is set
  // by this. Throws std::length_error, leaving `out` as it was, where a record
  // exceeds 65,528 bytes.
  void append(std::vector<uint8_t>& out, const RecordBody& body,
              const SampleId& id = {}, uint16_t misc = 0) const;

 private:
  RecordFormat format_;
};

// HEADER_ATTR, with the attr in its smallest published size: perf refuses one
// that is larger than its own.
void append_header_attr(std::vector<uint8_t>& out, abi::perf_event_attr attr,
                        std::span<const uint64_t> ids);

// ID_INDEX, in as many records as 64 KiB each need.
void append_id_index(std::vector<uint8_t>& out,
                     std::span<const IdIndexEntry> entries);

// The head of a perf.data stream: "PERFILE2" and its size.
inline constexpr size_t kPipeHeaderSize = 8 + 8;  // magic, size
void append_pipe_header(std::vector<uint8_t>& out);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PERF_RECORD_BUILDER_H_
