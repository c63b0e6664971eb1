// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The conservation law (DESIGN, section 4): produced = written + lost.

#ifndef PTCAP_FORMATS_PTZ_LEDGER_H_
#define PTCAP_FORMATS_PTZ_LEDGER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "formats/io/byte_writer.h"

namespace ptcap::formats {

enum class LossCause : uint8_t {
  kAuxTruncated = 1,  // PERF_AUX_FLAG_TRUNCATED
  kAuxOverwritten,    // snapshot mode
  kRingLost,          // PERF_RECORD_LOST
  kPtOverflow,        // OVF packet
  kWriterStalled,     // the writer could not keep up
  kCutShort,          // killed, disk full, stopped at a limit
  kNotFollowed,       // a process that ran untraced
};

// One thing that is not in the trace. Unknown fields are left as they are.
struct Loss {
  LossCause cause = LossCause::kCutShort;
  uint32_t idx = ~0u;  // stream
  uint32_t pid = ~0u, tid = ~0u, cpu = ~0u;
  uint64_t aux_offset = 0;            // where in the stream
  uint64_t bytes = 0;                 // 0 where it cannot be known
  uint64_t begin_ns = 0, end_ns = 0;  // perf clock; 0 unknown
  std::string detail;                 // for people

  bool operator==(const Loss&) const = default;
};

struct Ledger {
  uint64_t produced_bytes = 0;   // by the source
  uint64_t written_bytes = 0;    // of those
  uint64_t synthetic_bytes = 0;  // added by ptcap, part of neither
  std::vector<Loss> losses;

  bool operator==(const Ledger&) const = default;
};

// As a ledger frame of a .ptz holds it.
void write_ledger(ByteWriter& writer, const Ledger& ledger);
// Throws FormatError. Causes of a later version pass through as numbers.
Ledger read_ledger(ByteReader& reader);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PTZ_LEDGER_H_
