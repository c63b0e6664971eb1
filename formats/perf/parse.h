// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The parts of parse_record(). Each takes from the front of `reader`, which
// ends where the record's own fields end, and throws FormatError if short.

#ifndef PTCAP_FORMATS_PERF_PARSE_H_
#define PTCAP_FORMATS_PERF_PARSE_H_

#include "formats/perf/record.h"

namespace ptcap::formats::internal {

// PERF_RECORD_SAMPLE, into a sample that is as made.
void parse_sample(ByteReader& reader, const RecordFormat& format,
                  Sample& sample);

// The trailer, of format.sample_id_size() bytes.
SampleId parse_sample_id(ByteReader& reader, const RecordFormat& format);

// Kinds from 64 on.
RecordBody parse_user_body(const abi::perf_event_header& header,
                           ByteReader& reader);

}  // namespace ptcap::formats::internal

#endif  // PTCAP_FORMATS_PERF_PARSE_H_
