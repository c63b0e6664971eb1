// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The head of a perf.data file as the records that a pipe stream has instead:
// so that whoever reads a trace sees one form.

#ifndef PTCAP_FORMATS_PERF_DATA_FILE_HEAD_H_
#define PTCAP_FORMATS_PERF_DATA_FILE_HEAD_H_

#include <vector>

#include "formats/io/input_file.h"
#include "formats/io/reporter.h"
#include "formats/perf_data/layout.h"

namespace ptcap::formats::perf_data {

struct HeadRecord {
  Buffer bytes;         // of TRACING_DATA with its data
  uint64_t offset = 0;  // in the file, of what it was made from
};

struct FileHead {
  std::vector<HeadRecord> records;  // attrs, features, build-ids
  Section data;                     // within the file
  bool damaged = false;             // something was reported
};

// REQUIRES: the file begins with kMagic and is no pipe stream. Reports what
// does not fit the file and goes on without it. Throws FormatError, naming the
// file, where there is no way to tell where the data are.
FileHead read_file_head(const InputFile& file, Reporter& reporter);

}  // namespace ptcap::formats::perf_data

#endif  // PTCAP_FORMATS_PERF_DATA_FILE_HEAD_H_
