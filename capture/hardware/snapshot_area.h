// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What an AUX area in overwrite mode holds, and whose bytes they are.

#ifndef PTCAP_CAPTURE_HARDWARE_SNAPSHOT_AREA_H_
#define PTCAP_CAPTURE_HARDWARE_SNAPSHOT_AREA_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "formats/io/byte_reader.h"
#include "formats/perf/record.h"

namespace ptcap::capture {

inline constexpr uint64_t kBtsRecordSize = 8 + 8 + 8;  // from, to, flags

// The bytes of an area, the oldest first.
struct SnapshotBytes {
  std::vector<uint8_t> bytes;
  // Older ones were overwritten: `bytes` begin anywhere in a packet.
  bool overwritten = false;
};

// The area was all zero when tracing began at `start`, and stands at `position`
// now; both in the area. So it was overwritten if and only if something other
// than zero is in between, behind the position. (Zeros of the trace itself are
// padding: without them nothing is missing.) `unit` is the size of a record
// that is never split at the area's end, as BTS writes them; 1 for PT.
SnapshotBytes unroll(formats::Bytes area, uint64_t start, uint64_t position,
                     uint64_t unit);

// A run of SnapshotBytes that one thread produced.
struct SnapshotPart {
  uint64_t begin = 0, size = 0;
  formats::SampleId id;  // of the record that ended it
  bool cut = false;      // bytes in front of it were overwritten
};

// When a thread's bytes that were overwritten were written: their stops.
struct GoneSpan {
  uint64_t first_ns = ~uint64_t{0}, last_ns = 0;

  void add(uint64_t time_ns) {
    first_ns = std::min(first_ns, time_ns);
    last_ns = std::max(last_ns, time_ns);
  }
};
using GoneSpans = std::map<uint32_t, GoneSpan>;  // by tid

// Where the tracing of threads stopped in an area: at each context switch there
// is a record with the position. Holds those that are still of use.
class StopLog {
 public:
  // `area`: its size. `start`: where tracing begins in it.
  StopLog(uint64_t area, uint64_t start) : area_(area), base_(start) {}

  // A PERF_RECORD_AUX with PERF_AUX_FLAG_OVERWRITE: its offset is a position.
  void add(uint64_t position, const formats::SampleId& id);
  // Records were lost: whose the bytes up to the next stop are is not known.
  void forget();

  // Of all bytes up to the last stop, in order. A position says nothing of how
  // often the area was written round before it: `newest_before(offset)`, the
  // time of the last clock packet in front of that offset, tells whether what
  // stands there is older than the stop. What of other stops is not there any
  // more is added to `gone`.
  std::vector<SnapshotPart> parts(
      const SnapshotBytes& bytes,
      const std::function<std::optional<uint64_t>(uint64_t offset)>&
          newest_before,
      GoneSpans& gone) const;

  size_t size() const { return stops_.size(); }

 private:
  struct Stop {
    uint64_t position = 0;
    uint64_t size = 0;  // since the stop before, modulo the area
    formats::SampleId id;
  };

  uint64_t area_;
  std::optional<uint64_t> base_;  // in front of the first stop
  std::deque<Stop> stops_;
  uint64_t kept_ = 0;  // sum of their sizes
  GoneSpans gone_;     // of stops that are kept no more
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_SNAPSHOT_AREA_H_
