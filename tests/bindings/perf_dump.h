// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A kernel record in the words of `perf script -D`, so that what the parser
// found in it can be compared with what perf found.

#ifndef PTCAP_TESTS_BINDINGS_PERF_DUMP_H_
#define PTCAP_TESTS_BINDINGS_PERF_DUMP_H_

#include <string>

#include "formats/perf/record.h"

namespace ptcap::bindings {

// The lines that perf 6.1 prints for it, as in "0 12962838331975 0x15052c
// [0x38]: PERF_RECORD_LOST: id:4352: lost:14345\n". (READ has
// the event's name too.) Empty for a kind whose words are not known here.
// `format` is that of the record's event.
std::string perf_dump(const formats::Record& record,
                      const formats::RecordFormat& format);

}  // namespace ptcap::bindings

#endif  // PTCAP_TESTS_BINDINGS_PERF_DUMP_H_
