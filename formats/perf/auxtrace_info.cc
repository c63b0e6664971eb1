// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf/auxtrace_info.h"

#include <cassert>

#include "formats/perf/record_builder.h"

namespace ptcap::formats {

namespace {

// The words of each type, in the order of the record.
constexpr uint64_t IntelPtInfo::*kIntelPtWords[] = {
    &IntelPtInfo::pmu_type,
    &IntelPtInfo::time_shift,
    &IntelPtInfo::time_mult,
    &IntelPtInfo::time_zero,
    &IntelPtInfo::cap_user_time_zero,
    &IntelPtInfo::tsc_bit,
    &IntelPtInfo::noretcomp_bit,
    &IntelPtInfo::have_sched_switch,
    &IntelPtInfo::snapshot_mode,
    &IntelPtInfo::per_cpu_mmaps,
    &IntelPtInfo::mtc_bit,
    &IntelPtInfo::mtc_freq_bits,
    &IntelPtInfo::tsc_ctc_numerator,
    &IntelPtInfo::tsc_ctc_denominator,
    &IntelPtInfo::cyc_bit,
    &IntelPtInfo::max_nonturbo_ratio,
};
constexpr uint64_t IntelBtsInfo::*kIntelBtsWords[] = {
    &IntelBtsInfo::pmu_type,           &IntelBtsInfo::time_shift,
    &IntelBtsInfo::time_mult,          &IntelBtsInfo::time_zero,
    &IntelBtsInfo::cap_user_time_zero, &IntelBtsInfo::snapshot_mode,
};

uint64_t word_or_zero(ByteReader& reader) {
  return reader.empty() ? 0 : reader.u64();
}

void append(std::vector<uint8_t>& out, AuxtraceType type,
            const std::vector<uint64_t>& words) {
  RecordBuilder().append(out, AuxtraceInfoRecord{type, words});
}

}  // namespace

IntelPtInfo parse_intel_pt_info(const AuxtraceInfoRecord& record) {
  assert(record.type == AuxtraceType::kIntelPt);
  ByteReader reader(record.priv.bytes());
  IntelPtInfo info;
  for (auto word : kIntelPtWords) info.*word = word_or_zero(reader);
  // The length counts the padding.
  info.filter = reader.string_field(word_or_zero(reader));
  info.cap_event_trace = word_or_zero(reader);
  return info;
}

IntelBtsInfo parse_intel_bts_info(const AuxtraceInfoRecord& record) {
  assert(record.type == AuxtraceType::kIntelBts);
  ByteReader reader(record.priv.bytes());
  IntelBtsInfo info;
  for (auto word : kIntelBtsWords) info.*word = word_or_zero(reader);
  return info;
}

void append_auxtrace_info(std::vector<uint8_t>& out, const IntelPtInfo& info) {
  std::vector<uint64_t> words;
  for (auto word : kIntelPtWords) words.push_back(info.*word);
  // A NUL at the least, unless there is no filter.
  size_t filter_words = info.filter.empty() ? 0 : info.filter.size() / 8 + 1;
  words.push_back(filter_words * 8);
  words.resize(words.size() + filter_words);
  std::memcpy(words.data() + words.size() - filter_words, info.filter.data(),
              info.filter.size());
  words.push_back(info.cap_event_trace);
  append(out, AuxtraceType::kIntelPt, words);
}

void append_auxtrace_info(std::vector<uint8_t>& out, const IntelBtsInfo& info) {
  std::vector<uint64_t> words;
  for (auto word : kIntelBtsWords) words.push_back(info.*word);
  append(out, AuxtraceType::kIntelBts, words);
}

}  // namespace ptcap::formats
