// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/trace_head.h"

#include <optional>

#include "formats/perf/auxtrace_info.h"
#include "formats/perf/record_builder.h"

namespace ptcap::capture {
namespace {

using bindings::ClockConversion;

// sysfs: "84:2", as CPUID 15H has EBX and EAX. 0 where it is not known.
struct ArtRatio {
  uint64_t numerator = 0, denominator = 0;
};
ArtRatio read_art_ratio(const bindings::Pmu& pmu) {
  ArtRatio ratio;
  const std::string text = pmu.capability("tsc_art_ratio").value_or("");
  const size_t colon = text.find(':');
  if (colon == std::string::npos) return ratio;
  ratio.numerator = std::strtoull(text.c_str(), nullptr, 10);
  ratio.denominator = std::strtoull(text.c_str() + colon + 1, nullptr, 10);
  return ratio;
}

std::optional<ClockConversion> clock_of(const HeadInput& input) {
  return input.rings.empty() ? std::nullopt
                             : input.rings.front()->data().clock();
}

void append_attrs(const HeadInput& input, std::vector<uint8_t>& head) {
  std::vector<uint64_t> trace, sideband;
  for (const auto& ring : input.rings) {
    for (uint64_t id : ring->trace_ids()) trace.push_back(id);
    for (uint64_t id : ring->sideband_ids()) sideband.push_back(id);
  }
  formats::append_header_attr(head, input.plan.trace.fields(), trace);
  formats::append_header_attr(head, input.plan.sideband.fields(), sideband);
  if (!input.kernel_change_ids.empty()) {
    formats::append_header_attr(head, input.plan.kernel_changes->fields(),
                                input.kernel_change_ids);
  }
}

void append_ids(const HeadInput& input, std::vector<uint8_t>& head) {
  const auto none_if = [](uint32_t id) { return id == ~0u ? ~0ull : id; };
  std::vector<formats::IdIndexEntry> entries;
  for (size_t i = 0; i < input.rings.size(); ++i) {
    const TraceRing& ring = *input.rings[i];
    for (const auto& ids : {ring.trace_ids(), ring.sideband_ids()}) {
      for (uint64_t id : ids) {
        entries.push_back({id, i, none_if(ring.cpu()), none_if(ring.tid())});
      }
    }
  }
  for (const uint64_t id : input.kernel_change_ids) {
    entries.push_back({id, 0, ~0ull, ~0ull});
  }
  formats::append_id_index(head, entries);
}

void append_time_conv(const std::optional<ClockConversion>& clock,
                      std::vector<uint8_t>& head) {
  if (!clock) return;
  formats::TimeConvRecord record;
  record.time_shift = clock->shift;
  record.time_mult = clock->mult;
  record.time_zero = clock->zero;
  record.time_cycles = clock->cycles;
  record.time_mask = clock->mask;
  formats::RecordBuilder().append(head, record);
}

template <typename Info>
Info begin_info(const bindings::Pmu& pmu,
                const std::optional<ClockConversion>& clock) {
  Info info;
  info.pmu_type = pmu.type();
  info.cap_user_time_zero = clock ? 1 : 0;
  info.time_shift = clock ? clock->shift : 0;
  info.time_mult = clock ? clock->mult : 0;
  info.time_zero = clock ? clock->zero : 0;
  return info;
}

}  // namespace

std::vector<uint8_t> make_pt_head(const HeadInput& input,
                                  const bindings::Pmu& pmu,
                                  const PtConfig& config) {
  std::vector<uint8_t> head;
  append_attrs(input, head);
  const auto clock = clock_of(input);
  auto info = begin_info<formats::IntelPtInfo>(pmu, clock);
  info.tsc_bit = config.mask("tsc");
  info.noretcomp_bit = config.mask("noretcomp");
  info.mtc_bit = config.mask("mtc");
  info.mtc_freq_bits = config.mask("mtc_period");
  info.cyc_bit = config.mask("cyc");
  // perf: 3 is SWITCH_CPU_WIDE. A thread's own stream needs none.
  if (input.whole_system && input.plan.sideband.fields().context_switch) {
    info.have_sched_switch = 3;
  }
  info.snapshot_mode = input.snapshot ? 1 : 0;
  info.per_cpu_mmaps = input.whole_system ? 1 : 0;
  const ArtRatio ratio = read_art_ratio(pmu);
  info.tsc_ctc_numerator = ratio.numerator;
  info.tsc_ctc_denominator = ratio.denominator;
  const auto nonturbo = pmu.capability("max_nonturbo_ratio");
  info.max_nonturbo_ratio =
      nonturbo ? std::strtoull(nonturbo->c_str(), nullptr, 10) : 0;
  info.filter = input.filter;
  formats::append_auxtrace_info(head, info);
  append_time_conv(clock, head);
  append_ids(input, head);
  return head;
}

std::vector<uint8_t> make_bts_head(const HeadInput& input,
                                   const bindings::Pmu& pmu) {
  std::vector<uint8_t> head;
  append_attrs(input, head);
  const auto clock = clock_of(input);
  auto info = begin_info<formats::IntelBtsInfo>(pmu, clock);
  info.snapshot_mode = input.snapshot ? 1 : 0;
  formats::append_auxtrace_info(head, info);
  append_time_conv(clock, head);
  append_ids(input, head);
  return head;
}

}  // namespace ptcap::capture
