// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Writes a trace as perf.data, for perf's own commands.

#ifndef PTCAP_FORMATS_PERF_DATA_PERF_DATA_WRITER_H_
#define PTCAP_FORMATS_PERF_DATA_PERF_DATA_WRITER_H_

#include <cstdint>
#include <string>

#include "formats/ptz/trace_reader.h"

namespace ptcap::formats {

enum class PerfDataForm : uint8_t {
  kFile,  // seekable: for all of perf's commands
  kPipe,  // a stream, for `perf script -i -` and the like
};

// What became of the trace. perf.data has no place for images, code mappings
// and ledger: perf looks for the traced files by name and build-id.
struct PerfDataSummary {
  uint64_t records = 0;
  uint64_t aux_bytes = 0;
  uint64_t unknown_records = 0;  // left out: perf stops at kinds it knows not
  uint64_t lost_aux_bytes = 0;   // could not be read from the trace
};

// Writes all of `trace`. Takes the descriptor (of kFile: one that can seek, at
// its begin); `path` is for messages. Throws std::system_error, naming the
// file, where it cannot be written: what is there then is no perf.data.
PerfDataSummary write_perf_data(const TraceReader& trace, int fd,
                                const std::string& path, PerfDataForm form);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PERF_DATA_PERF_DATA_WRITER_H_
