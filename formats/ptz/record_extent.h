// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where a perf record of a stream ends: enough to walk from one to the next.

#ifndef PTCAP_FORMATS_PTZ_RECORD_EXTENT_H_
#define PTCAP_FORMATS_PTZ_RECORD_EXTENT_H_

#include "formats/io/byte_reader.h"
#include "formats/ptz/index.h"

namespace ptcap::formats::ptz {

// How many bytes parse_extent() looks at, where there are as many.
inline constexpr uint64_t kExtentPeek = 16;

struct RecordExtent {
  uint32_t type = 0;
  uint64_t record_size = 0;  // header included
  uint64_t data_size = 0;    // behind it: of AUXTRACE and TRACING_DATA
};

// Of the record at the front of `bytes`, which stand at `offset` of the input.
// Throws FormatError where it cannot be one.
RecordExtent parse_extent(Bytes bytes, uint64_t offset);

// What an AUXTRACE record says; `size` is without the padding that is known.
// Throws FormatError.
AuxInfo parse_auxtrace(Bytes record, uint64_t offset);

// Calls visit(Bytes record, Bytes data, const RecordExtent&, uint64_t offset)
// for each record of `content`, which stands at `offset` of the stream. Throws
// FormatError where records do not fill it.
template <typename Visit>
void walk_records(Bytes content, uint64_t offset, const Visit& visit) {
  ByteReader reader(content, offset);
  while (!reader.empty()) {
    const uint64_t at = reader.offset();
    const RecordExtent extent = parse_extent(content.subspan(at - offset), at);
    const Bytes record = reader.take(extent.record_size);
    const Bytes data = reader.take(extent.data_size);
    visit(record, data, extent, at);
  }
}

// Without the pipe header, if there is one at its front.
Bytes skip_pipe_header(Bytes content);

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_RECORD_EXTENT_H_
