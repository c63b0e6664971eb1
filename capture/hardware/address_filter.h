// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From --filter EXPR, which names functions, to what the kernel takes, which
// are offsets in files.

#ifndef PTCAP_CAPTURE_HARDWARE_ADDRESS_FILTER_H_
#define PTCAP_CAPTURE_HARDWARE_ADDRESS_FILTER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ptcap::capture {

// One clause, perf's syntax (perf-record(1), --filter):
//   filter|tracestop START [/ SIZE or END] [@ FILE]
// START and END are functions or numbers, "*" is the whole file. Without FILE
// they are the kernel's.
struct FilterClause {
  std::string action;
  std::string start;
  std::string size_or_end;  // empty: the size of the function
  std::string file;
};

// Clauses are separated by spaces or commas. Throws UsageError that shows the
// syntax.
std::vector<FilterClause> parse_filter(std::string_view expression);

// The string for PERF_EVENT_IOC_SET_FILTER. Throws UsageError for a function
// that the file does not have (naming similar ones) or has several times
// (naming each; "main#2" then means the second), CaptureError for a file that
// cannot be read.
std::string resolve_filter(const std::vector<FilterClause>& clauses);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_ADDRESS_FILTER_H_
