// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The data of HEADER_FEATURE records, the same as in the feature sections of a
// perf.data file (tools/perf/util/header.c).

#ifndef PTCAP_FORMATS_PERF_HEADER_FEATURE_H_
#define PTCAP_FORMATS_PERF_HEADER_FEATURE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/perf/user_records.h"

namespace ptcap::formats {

// Of the features that are one string: kHostname, kOsRelease, kVersion, kArch,
// kCpuDesc, kCpuId. All parsers throw FormatError where the data is short.
std::string_view parse_string_feature(Bytes data);

// kCmdline: the arguments, program first.
std::vector<std::string_view> parse_cmdline_feature(Bytes data);

struct CpuCounts {
  uint32_t available = 0, online = 0;
};
CpuCounts parse_cpu_counts_feature(Bytes data);  // kNrCpus

uint64_t parse_total_mem_feature(Bytes data);  // kTotalMem, in KiB

// kSampleTime: of the first and the last sample.
struct SampleTimes {
  uint64_t first = 0, last = 0;
};
SampleTimes parse_sample_times_feature(Bytes data);

// Append the HEADER_FEATURE record.
void append_string_feature(std::vector<uint8_t>& out, HeaderFeature feature,
                           std::string_view text);
void append_cmdline_feature(std::vector<uint8_t>& out,
                            const std::vector<std::string>& arguments);
void append_cpu_counts_feature(std::vector<uint8_t>& out, CpuCounts counts);
void append_total_mem_feature(std::vector<uint8_t>& out, uint64_t kib);
void append_sample_times_feature(std::vector<uint8_t>& out, SampleTimes times);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PERF_HEADER_FEATURE_H_
