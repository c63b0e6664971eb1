// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/event_plan.h"

#include <cerrno>
#include <optional>
#include <system_error>

#include "bindings/event.h"
#include "capture/hardware/trigger.h"

namespace ptcap::capture {
namespace {

using bindings::EventAttr;

// Of both events, so that any record says whose and when it is.
constexpr abi::SampleType kSampleFields =
    abi::SampleType::kTid | abi::SampleType::kTime | abi::SampleType::kId |
    abi::SampleType::kCpu | abi::SampleType::kIdentifier;

bool is_system(const CaptureOptions& options) {
  return std::holds_alternative<WholeSystem>(options.target);
}

// Events of a task are inherited by its threads and children, if they are bound
// to CPUs: a ring for one thread on any CPU cannot be shared with others.
bool inherits(const CaptureOptions& options) {
  return !std::holds_alternative<AttachThread>(options.target) &&
         !is_system(options);
}

void set_common(EventAttr& attr, const CaptureOptions& options) {
  attr.sample(kSampleFields).sample_id_all().inherit(inherits(options));
  attr.exclude_hv();
  if (!options.kernel) attr.exclude_kernel();
}

EventAttr plan_sideband(const CaptureOptions& options) {
  EventAttr attr = EventAttr::dummy();
  attr.sideband().named("sideband");
  set_common(attr, options);
  attr.switch_records().build_ids().cgroup_records();
  attr.enable_on_exec(std::holds_alternative<RunProgram>(options.target));
  if (options.kernel && is_system(options)) {
    attr.ksymbol_records().bpf_records().text_poke_records();
  }
  return attr;
}

std::optional<EventAttr> plan_kernel_changes(const CaptureOptions& options) {
  const auto* system = std::get_if<WholeSystem>(&options.target);
  const bool sees_all = system && system->cgroup.empty();
  if (!options.kernel || sees_all) return std::nullopt;
  EventAttr attr = EventAttr::dummy();
  attr.named("kernel changes");
  set_common(attr, options);
  attr.inherit(false);
  attr.ksymbol_records().bpf_records().text_poke_records();
  return attr;
}

// A sample, at once, each time that it is reached.
std::vector<EventAttr> plan_triggers(const CaptureOptions& options) {
  std::vector<EventAttr> triggers = function_triggers(options);
  for (EventAttr& attr : triggers) {
    set_common(attr, options);
    attr.inherit(false).period(1).wakeup_events(1);
  }
  return triggers;
}

bool starts_at_exec(const CaptureOptions& options) {
  return std::holds_alternative<RunProgram>(options.target) &&
         options.delay_ns == 0;
}

struct OptionalRecords {
  const char* name;
  bool (*asked)(const abi::perf_event_attr& attr);
  EventAttr& (EventAttr::*set)(bool on);
};

// Newest first: what the oldest kernels lack goes first.
constexpr OptionalRecords kOptionalRecords[] = {
    {"build_id", [](const auto& a) { return a.build_id != 0; },
     &EventAttr::build_ids},
    {"text_poke", [](const auto& a) { return a.text_poke != 0; },
     &EventAttr::text_poke_records},
    {"cgroup", [](const auto& a) { return a.cgroup != 0; },
     &EventAttr::cgroup_records},
    {"bpf_event", [](const auto& a) { return a.bpf_event != 0; },
     &EventAttr::bpf_records},
    {"ksymbol", [](const auto& a) { return a.ksymbol != 0; },
     &EventAttr::ksymbol_records},
    {"context_switch", [](const auto& a) { return a.context_switch != 0; },
     &EventAttr::switch_records},
};

bool opens(const EventAttr& attr, const bindings::Target& target,
           std::error_code& ec) {
  return bindings::Event::open(attr, target, {}, ec).has_value();
}

}  // namespace

EventPlan plan_pt(const CaptureOptions& options, const PtConfig& config) {
  EventAttr trace(config.text(), config.fields());
  trace.enabled_at_once(false).period(1).enable_on_exec(
      starts_at_exec(options));
  set_common(trace, options);
  return {trace, plan_sideband(options), plan_kernel_changes(options),
          plan_triggers(options)};
}

EventPlan plan_bts(const CaptureOptions& options) {
  EventAttr trace = EventAttr::intel_bts();
  trace.period(1).enable_on_exec(starts_at_exec(options));
  set_common(trace, options);
  return {trace, plan_sideband(options), plan_kernel_changes(options),
          plan_triggers(options)};
}

void fit_sideband_to_kernel(EventAttr& sideband, const bindings::Target& target,
                            std::string& left_out) {
  std::error_code ec;
  if (opens(sideband, target, ec)) return;
  for (const OptionalRecords& records : kOptionalRecords) {
    if (!records.asked(sideband.fields())) continue;
    (sideband.*records.set)(false);
    left_out += (left_out.empty() ? "" : ", ") + std::string(records.name);
    if (opens(sideband, target, ec)) return;
  }
  // Not for want of these: the error proper.
  bindings::Event(sideband, target);
}

std::string describe(const EventAttr& attr) {
  const abi::perf_event_attr& a = attr.fields();
  std::string text = attr.name() + ":";
  const auto add = [&](const char* name, uint64_t value) {
    if (value == 0) return;
    char number[24];
    std::snprintf(number, sizeof(number), "=0x%llx",
                  static_cast<unsigned long long>(value));
    text += std::string(" ") + name + (value == 1 ? "" : number);
  };
  add("type", a.type);
  add("config", a.config);
  add("sample_type", a.sample_type);
  add("disabled", a.disabled);
  add("inherit", a.inherit);
  add("exclude_kernel", a.exclude_kernel);
  add("exclude_hv", a.exclude_hv);
  add("enable_on_exec", a.enable_on_exec);
  add("mmap2", a.mmap2);
  add("comm_exec", a.comm_exec);
  add("task", a.task);
  add("context_switch", a.context_switch);
  add("build_id", a.build_id);
  add("cgroup", a.cgroup);
  add("ksymbol", a.ksymbol);
  add("bpf_event", a.bpf_event);
  add("text_poke", a.text_poke);
  add("aux_watermark", a.aux_watermark);
  return text;
}

}  // namespace ptcap::capture
