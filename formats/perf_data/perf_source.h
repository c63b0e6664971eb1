// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// perf.data in each of its forms, as a trace.

#ifndef PTCAP_FORMATS_PERF_DATA_PERF_SOURCE_H_
#define PTCAP_FORMATS_PERF_DATA_PERF_SOURCE_H_

#include <memory>
#include <string>

#include "formats/ptz/trace_source.h"

namespace ptcap::formats {

// Pipe stream or file. Of a file, the attrs, features and build-ids of its head
// come first, as the records that a stream has. Throws as TraceReader's
// constructor does. REQUIRES: begins with perf's magic.
std::unique_ptr<TraceSource> open_perf_data(InputFile file, Reporter& reporter);

// A directory: path/data, and path/data.N (`perf record --threads`), which
// follow one another here, whatever the times of their records.
std::unique_ptr<TraceSource> open_perf_directory(const std::string& path,
                                                 Reporter& reporter);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PERF_DATA_PERF_SOURCE_H_
