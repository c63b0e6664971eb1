// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What AUXTRACE_INFO says about Intel PT and BTS streams
// (tools/perf/util/intel-pt.h, intel-bts.h).

#ifndef PTCAP_FORMATS_PERF_AUXTRACE_INFO_H_
#define PTCAP_FORMATS_PERF_AUXTRACE_INFO_H_

#include <cstdint>
#include <string>
#include <vector>

#include "formats/perf/user_records.h"

namespace ptcap::formats {

// The private words of type kIntelPt, in order. `*_bits` are masks within
// attr.config. The defaults say: TSC packets in ns of the perf clock, no MTC,
// no CYC, one buffer per thread.
struct IntelPtInfo {
  uint64_t pmu_type = 0;
  uint64_t time_shift = 0;
  uint64_t time_mult = 1;
  uint64_t time_zero = 0;
  uint64_t cap_user_time_zero = 1;
  uint64_t tsc_bit = 1 << 10;
  uint64_t noretcomp_bit = 1 << 11;
  uint64_t have_sched_switch = 0;  // 1: tracepoint, 2: SWITCH of all CPUs
  uint64_t snapshot_mode = 0;
  uint64_t per_cpu_mmaps = 0;
  uint64_t mtc_bit = 0;
  uint64_t mtc_freq_bits = 0;
  uint64_t tsc_ctc_numerator = 0;
  uint64_t tsc_ctc_denominator = 0;
  uint64_t cyc_bit = 0;
  uint64_t max_nonturbo_ratio = 0;
  std::string filter;            // address filter; Linux 4.9
  uint64_t cap_event_trace = 0;  // Linux 5.18
};

// The private words of type kIntelBts, in order.
struct IntelBtsInfo {
  uint64_t pmu_type = 0;
  uint64_t time_shift = 0;
  uint64_t time_mult = 1;
  uint64_t time_zero = 0;
  uint64_t cap_user_time_zero = 1;
  uint64_t snapshot_mode = 0;
};

// Words that the record (of an older perf) lacks are 0.
// REQUIRES: record.type is kIntelPt or kIntelBts. Throws FormatError, at the
// offset within the record's words, where the filter does not fit.
IntelPtInfo parse_intel_pt_info(const AuxtraceInfoRecord& record);
IntelBtsInfo parse_intel_bts_info(const AuxtraceInfoRecord& record);

// Appends the AUXTRACE_INFO record.
void append_auxtrace_info(std::vector<uint8_t>& out, const IntelPtInfo& info);
void append_auxtrace_info(std::vector<uint8_t>& out, const IntelBtsInfo& info);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PERF_AUXTRACE_INFO_H_
