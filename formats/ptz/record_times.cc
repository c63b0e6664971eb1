// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/record_times.h"

#include <algorithm>
#include <utility>

#include "formats/io/error.h"
#include "formats/perf/record.h"

namespace ptcap::formats::ptz {

void RecordTimes::note(Bytes bytes) {
  SampleId id;
  try {
    const Record record = parse_record(bytes, formats_.of_record(bytes));
    if (const auto* attr = std::get_if<HeaderAttrRecord>(&record.body)) {
      formats_.add(attr->attr, attr->ids);
    }
    id = record.sample_id;
  } catch (const FormatError&) {
    return;  // kept as it is, and nobody knows its time
  }
  if (!id.has(abi::SampleType::kTime) || id.time == 0) return;
  if (range_.last_ns == 0) range_.first_ns = id.time;
  range_.first_ns = std::min(range_.first_ns, id.time);
  range_.last_ns = std::max(range_.last_ns, id.time);
}

RecordsInfo RecordTimes::take() { return std::exchange(range_, {}); }

}  // namespace ptcap::formats::ptz
