// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf/auxtrace_info.h"

#include <gtest/gtest.h>

#include "formats/io/error.h"
#include "formats/perf/record.h"

namespace ptcap::formats {
namespace {

template <typename Info>
AuxtraceInfoRecord written(const Info& info) {
  static std::vector<uint8_t> bytes;
  bytes.clear();
  append_auxtrace_info(bytes, info);
  return std::get<AuxtraceInfoRecord>(parse_record(bytes, {}).body);
}

TEST(IntelPtInfo, WordsStandWherePerfLooksForThem) {
  IntelPtInfo info;
  info.pmu_type = 8;
  info.tsc_bit = 0x400;
  info.mtc_freq_bits = 0x3c000;
  info.max_nonturbo_ratio = 25;
  info.cap_event_trace = 1;
  AuxtraceInfoRecord record = written(info);
  EXPECT_EQ(record.type, AuxtraceType::kIntelPt);
  ASSERT_EQ(record.priv.size(), 18u);
  EXPECT_EQ(record.priv[0], 8u);         // INTEL_PT_PMU_TYPE
  EXPECT_EQ(record.priv[2], 1u);         // INTEL_PT_TIME_MULT
  EXPECT_EQ(record.priv[5], 0x400u);     // INTEL_PT_TSC_BIT
  EXPECT_EQ(record.priv[11], 0x3c000u);  // INTEL_PT_MTC_FREQ_BITS
  EXPECT_EQ(record.priv[15], 25u);       // INTEL_PT_MAX_NONTURBO_RATIO
  EXPECT_EQ(record.priv[16], 0u);        // INTEL_PT_FILTER_STR_LEN
  EXPECT_EQ(record.priv[17], 1u);
}

TEST(IntelPtInfo, FilterOfAnyLength) {
  for (const char* filter : {"", "x", "1234567", "12345678", "123456789"}) {
    IntelPtInfo info;
    info.filter = filter;
    info.cap_event_trace = 1;
    IntelPtInfo parsed = parse_intel_pt_info(written(info));
    EXPECT_EQ(parsed.filter, filter);
    EXPECT_EQ(parsed.cap_event_trace, 1u);
    EXPECT_EQ(parsed.noretcomp_bit, 0x800u);
  }
}

TEST(IntelPtInfo, OfOldFilesIsShorter) {
  std::vector<uint64_t> words = {8, 10, 500, 99, 1, 0x400};
  IntelPtInfo info = parse_intel_pt_info({AuxtraceType::kIntelPt, words});
  EXPECT_EQ(info.time_mult, 500u);
  EXPECT_EQ(info.tsc_bit, 0x400u);
  EXPECT_EQ(info.noretcomp_bit, 0u);
  EXPECT_EQ(info.filter, "");
}

TEST(IntelPtInfo, FilterThatLiesAboutItsLength) {
  std::vector<uint64_t> words(17);
  words[16] = 9;
  words.push_back(0);
  EXPECT_THROW(parse_intel_pt_info({AuxtraceType::kIntelPt, words}),
               FormatError);
}

TEST(IntelBtsInfo, RoundTrip) {
  IntelBtsInfo info{9, 10, 500, 99, 1, 1};
  AuxtraceInfoRecord record = written(info);
  EXPECT_EQ(record.type, AuxtraceType::kIntelBts);
  EXPECT_EQ(record.priv.size(), 6u);
  IntelBtsInfo parsed = parse_intel_bts_info(record);
  EXPECT_EQ(parsed.pmu_type, 9u);
  EXPECT_EQ(parsed.time_shift, 10u);
  EXPECT_EQ(parsed.time_mult, 500u);
  EXPECT_EQ(parsed.time_zero, 99u);
  EXPECT_EQ(parsed.snapshot_mode, 1u);
}

}  // namespace
}  // namespace ptcap::formats
