// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From --pt TERMS to attr.config of intel_pt, checked against what the CPU
// can do, because the kernel's EINVAL would not say which term it meant.

#ifndef PTCAP_CAPTURE_HARDWARE_PT_CONFIG_H_
#define PTCAP_CAPTURE_HARDWARE_PT_CONFIG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/pmu.h"

namespace ptcap::capture {

// What intel_pt/caps/ says (SDM vol. 3, table 33-11). Files that an older
// kernel lacks read as 0.
struct PtCaps {
  bool psb_cyc = false;  // psb_period, cyc and cyc_thresh can be set
  bool mtc = false;
  bool ptwrite = false;
  bool power_event_trace = false;
  bool event_trace = false;
  bool tnt_disable = false;
  bool payloads_lip = false;
  uint64_t mtc_periods = 0;  // bit N: value N is valid; likewise below
  uint64_t cycle_thresholds = 0;
  uint64_t psb_periods = 0;
  unsigned address_filters = 0;
};
PtCaps read_pt_caps(const bindings::Pmu& pmu);

using PtTerms = std::vector<std::pair<std::string, uint64_t>>;

// The terms given and, for those that are not, what perf would take: TSC and
// MTC packets, a PSB every 16 KiB, branches.
class PtConfig {
 public:
  // Throws UsageError for a term or value that this CPU does not have, naming
  // those it has.
  PtConfig(const bindings::Pmu& pmu, const PtTerms& given);

  // Of all fields that terms set; type is the PMU's.
  const abi::perf_event_attr& fields() const { return fields_; }
  // The bits of a term in attr.config; 0 if this kernel has no such term.
  uint64_t mask(std::string_view term) const;
  bool enabled(std::string_view term) const {
    return (fields_.config & mask(term)) != 0;
  }

  // "intel_pt/pt,tsc,mtc,mtc_period=3,psb_period=3,branch/": for -v and for
  // messages.
  std::string text() const;

 private:
  const bindings::FormatTerm* find(std::string_view term) const;
  void set(const std::string& term, uint64_t value);
  [[noreturn]] void fail_unknown(const std::string& term) const;
  void check_given(const PtTerms& given) const;
  void check_value(const std::string& term, uint64_t value) const;
  std::string unsupported_because(std::string_view term) const;

  PtCaps caps_;
  std::vector<bindings::FormatTerm> format_;
  abi::perf_event_attr fields_ = {};
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_PT_CONFIG_H_
