// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/pt_config.h"

#include <algorithm>
#include <optional>

#include "capture/error.h"

namespace ptcap::capture {
namespace {

uint64_t capability(const bindings::Pmu& pmu, const char* name) {
  // The driver prints hexadecimal without 0x.
  const std::optional<std::string> text = pmu.capability(name);
  return text ? std::strtoull(text->c_str(), nullptr, 16) : 0;
}

// Of the values that `mask` allows, the highest that is not above `wanted`,
// else the lowest.
uint64_t nearest_allowed(uint64_t mask, uint64_t wanted) {
  for (uint64_t value = wanted; value > 0; --value) {
    if ((mask >> value & 1) != 0) return value;
  }
  return 0;
}

std::string list_values(uint64_t mask) {
  std::string list;
  for (unsigned value = 0; value < 16; ++value) {
    if ((mask >> value & 1) == 0) continue;
    list += list.empty() ? "" : ", ";
    list += std::to_string(value);
  }
  return list.empty() ? "none" : list;
}

// perf's: a PSB each 2^(3+11) bytes, an MTC each 2^3 crystal clock ticks.
constexpr uint64_t kDefaultPsbPeriod = 3;
constexpr uint64_t kDefaultMtcPeriod = 3;

}  // namespace

PtCaps read_pt_caps(const bindings::Pmu& pmu) {
  PtCaps caps;
  caps.psb_cyc = capability(pmu, "psb_cyc") != 0;
  caps.mtc = capability(pmu, "mtc") != 0;
  caps.ptwrite = capability(pmu, "ptwrite") != 0;
  caps.power_event_trace = capability(pmu, "power_event_trace") != 0;
  caps.event_trace = capability(pmu, "event_trace") != 0;
  caps.tnt_disable = capability(pmu, "tnt_disable") != 0;
  caps.payloads_lip = capability(pmu, "payloads_lip") != 0;
  caps.mtc_periods = capability(pmu, "mtc_periods");
  caps.cycle_thresholds = capability(pmu, "cycle_thresholds");
  caps.psb_periods = capability(pmu, "psb_periods");
  // Not in caps/, and decimal; absent where the CPU has none.
  caps.address_filters = static_cast<unsigned>(
      pmu.capability_number("nr_addr_filters").value_or(0));
  return caps;
}

PtConfig::PtConfig(const bindings::Pmu& pmu, const PtTerms& given)
    : caps_(read_pt_caps(pmu)), format_(pmu.format()) {
  fields_.type = pmu.type();
  check_given(given);
  set("pt", 1);
  set("branch", 1);
  set("tsc", 1);
  if (caps_.mtc) {
    set("mtc", 1);
    set("mtc_period", nearest_allowed(caps_.mtc_periods, kDefaultMtcPeriod));
  }
  if (caps_.psb_cyc) {
    set("psb_period", nearest_allowed(caps_.psb_periods, kDefaultPsbPeriod));
  }
  for (const auto& [term, value] : given) {
    set(term, value);
    // As in perf: a period means the packets, too.
    if (term == "mtc_period") set("mtc", 1);
    if (term == "cyc_thresh") set("cyc", 1);
  }
}

const bindings::FormatTerm* PtConfig::find(std::string_view term) const {
  const auto found =
      std::find_if(format_.begin(), format_.end(),
                   [&](const auto& known) { return known.name() == term; });
  return found == format_.end() ? nullptr : &*found;
}

uint64_t PtConfig::mask(std::string_view term) const {
  const bindings::FormatTerm* known = find(term);
  return known ? known->mask() : 0;
}

void PtConfig::set(const std::string& term, uint64_t value) {
  // Kernels before 4.3 have no `pt` and `branch`: branches are always on.
  if (const bindings::FormatTerm* known = find(term)) {
    known->set(fields_, value);
  }
}

void PtConfig::fail_unknown(const std::string& term) const {
  std::string names;
  for (const auto& each : format_) {
    if (!names.empty()) names += ", ";
    names += each.name();
  }
  throw UsageError("--pt " + term + ": intel_pt has no such term\n  it has " +
                   names);
}

void PtConfig::check_given(const PtTerms& given) const {
  for (const auto& [term, value] : given) {
    const bindings::FormatTerm* known = find(term);
    if (!known) fail_unknown(term);
    if (value > known->max_value()) {
      throw UsageError("--pt " + term + "=" + std::to_string(value) +
                       ": the largest value is " +
                       std::to_string(known->max_value()));
    }
    check_value(term, value);
  }
}

void PtConfig::check_value(const std::string& term, uint64_t value) const {
  const std::string reason = unsupported_because(term);
  if (value != 0 && !reason.empty()) {
    throw UsageError("--pt " + term + ": this CPU " + reason);
  }
  uint64_t allowed = ~uint64_t{0};
  if (term == "mtc_period") allowed = caps_.mtc_periods;
  // 0 is the CPU's own default for these, and always there.
  if (term == "cyc_thresh") allowed = caps_.cycle_thresholds | 1;
  if (term == "psb_period") allowed = caps_.psb_periods | 1;
  if (value < 64 && (allowed >> value & 1) == 0) {
    throw UsageError("--pt " + term + "=" + std::to_string(value) +
                     ": this CPU has " + list_values(allowed));
  }
}

std::string PtConfig::unsupported_because(std::string_view term) const {
  if (term.starts_with("mtc") && !caps_.mtc) return "has no MTC packets";
  if ((term.starts_with("cyc") || term == "psb_period") && !caps_.psb_cyc) {
    return "can set neither cycle packets nor the PSB period";
  }
  if ((term == "ptw" || term == "fup_on_ptw") && !caps_.ptwrite) {
    return "has no PTWRITE";
  }
  if (term == "pwr_evt" && !caps_.power_event_trace) {
    return "has no power event trace";
  }
  if (term == "event" && !caps_.event_trace) return "has no event trace";
  if (term == "notnt" && !caps_.tnt_disable) return "cannot switch TNT off";
  return "";
}

std::string PtConfig::text() const {
  std::string terms;
  for (const auto& term : format_) {
    const uint64_t value = term.get(fields_);
    if (value == 0) continue;
    terms += (terms.empty() ? "" : ",") + term.name();
    if (term.width() > 1) terms += "=" + std::to_string(value);
  }
  return "intel_pt/" + terms + "/";
}

}  // namespace ptcap::capture
