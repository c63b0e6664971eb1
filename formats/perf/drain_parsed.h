// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From the rings of the bindings to parsed records.

#ifndef PTCAP_FORMATS_PERF_DRAIN_PARSED_H_
#define PTCAP_FORMATS_PERF_DRAIN_PARSED_H_

#include <vector>

#include "formats/perf/record.h"

namespace ptcap::formats {

// Calls visit(const Record&) for every record that there is now, giving the
// space back behind each; a record is valid during its visit. `rings`: a
// DataRing or CpuRings. Only records that wrap are copied. Returns how many.
// Throws FormatError where a record is not what `format` says.
template <typename Rings, typename Visit>
size_t drain_parsed(Rings& rings, const RecordFormat& format, Visit&& visit) {
  std::vector<uint8_t> scratch;
  return rings.drain([&](const auto& bytes) {
    visit(parse_record(bytes.contiguous(scratch), format));
  });
}

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PERF_DRAIN_PARSED_H_
