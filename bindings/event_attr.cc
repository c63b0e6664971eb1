// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/event_attr.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>

#include "bindings/pmu.h"
#include "bindings/tracepoint.h"

namespace ptcap::bindings {

using abi::SampleType;

namespace {

// "PERF_COUNT_SW_PAGE_FAULTS" as perf's -e takes it: "page-faults".
std::string event_name(std::string_view constant, std::string_view prefix) {
  if (constant.empty()) return "unknown";
  std::string name(constant.substr(prefix.size()));
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c == '_' ? '-' : static_cast<char>(std::tolower(c));
  });
  return name;
}

EventAttr simple(abi::TypeId type, uint64_t config, std::string name) {
  abi::perf_event_attr fields = {};
  fields.type = bits(type);
  fields.config = config;
  return {std::move(name), fields};
}

std::string hex(uint64_t value) {
  char digits[16];
  auto end = std::to_chars(digits, digits + sizeof(digits), value, 16).ptr;
  return std::string(digits, end);
}

// Of sysfs PMUs, /format/uprobe's retprobe.
uint64_t retprobe_bit(const Pmu& pmu) {
  for (const FormatTerm& term : pmu.format())
    if (term.name() == "retprobe") return term.mask();
  throw std::invalid_argument("PMU " + pmu.name() + ": no retprobe");
}

}  // namespace

EventAttr::EventAttr(std::string name, const abi::perf_event_attr& fields)
    : fields_(fields), name_(std::move(name)) {
  fields_.disabled = 1;
}

EventAttr EventAttr::hardware(abi::HardwareEvent event) {
  return simple(abi::TypeId::kHardware, bits(event),
                event_name(abi::name(event), "PERF_COUNT_HW_"));
}

EventAttr EventAttr::software(abi::SoftwareEvent event) {
  return simple(abi::TypeId::kSoftware, bits(event),
                event_name(abi::name(event), "PERF_COUNT_SW_"));
}

EventAttr EventAttr::cache(abi::CacheId id, abi::CacheOp op,
                           abi::CacheResult result) {
  std::string name =
      event_name(abi::name(id), "PERF_COUNT_HW_CACHE_") + '-' +
      event_name(abi::name(op), "PERF_COUNT_HW_CACHE_OP_") + '-' +
      event_name(abi::name(result), "PERF_COUNT_HW_CACHE_RESULT_");
  return simple(abi::TypeId::kHwCache,
                bits(id) | bits(op) << 8 | bits(result) << 16, std::move(name));
}

EventAttr EventAttr::raw(uint64_t config) {
  return simple(abi::TypeId::kRaw, config, "r" + hex(config));
}

EventAttr& EventAttr::on_pmu(uint32_t pmu_type) {
  fields_.config |= uint64_t{pmu_type} << abi::kPmuTypeShift;
  return *this;
}

EventAttr EventAttr::breakpoint(abi::BreakpointType type, uint64_t address,
                                abi::BreakpointLength length) {
  std::string mode;
  if (has(type, abi::BreakpointType::kR)) mode += 'r';
  if (has(type, abi::BreakpointType::kW)) mode += 'w';
  if (has(type, abi::BreakpointType::kX)) mode += 'x';
  EventAttr attr =
      simple(abi::TypeId::kBreakpoint, 0, "mem:0x" + hex(address) + ':' + mode);
  attr.fields_.bp_type = bits(type);
  attr.fields_.bp_addr = address;
  attr.fields_.bp_len =
      has(type, abi::BreakpointType::kX) ? sizeof(long) : bits(length);
  return attr;
}

EventAttr EventAttr::dummy() { return software(abi::SoftwareEvent::kDummy); }

EventAttr EventAttr::tracepoint(std::string_view system, std::string_view name,
                                Kernel& kernel) {
  Tracepoint point(system, name, kernel);
  return simple(abi::TypeId::kTracepoint, point.id(),
                std::string(system) + ':' + std::string(name));
}

EventAttr EventAttr::probe(const std::string& pmu_name, bool is_return,
                           std::string text, uint64_t offset,
                           uint64_t reference_offset, Kernel& kernel) {
  Pmu pmu(pmu_name, kernel);
  abi::perf_event_attr fields = {};
  fields.type = pmu.type();
  if (is_return) fields.config |= retprobe_bit(pmu);
  // Bits 32 to 63 of config: the offset of the semaphore (kernel/events/
  // core.c, PERF_UPROBE_REF_CTR_OFFSET_SHIFT).
  constexpr unsigned kReferenceShift = 32;
  fields.config |= reference_offset << kReferenceShift;
  fields.probe_offset = offset;
  std::string name = pmu_name + (is_return ? "_return:" : ":") + text;
  if (offset) name += "+0x" + hex(offset);
  EventAttr attr(std::move(name), fields);
  attr.probe_text_ = std::make_shared<const std::string>(std::move(text));
  return attr;
}

EventAttr EventAttr::kprobe(std::string_view function, uint64_t offset,
                            Kernel& kernel) {
  return probe("kprobe", false, std::string(function), offset, 0, kernel);
}

EventAttr EventAttr::kretprobe(std::string_view function, Kernel& kernel) {
  return probe("kprobe", true, std::string(function), 0, 0, kernel);
}

EventAttr EventAttr::uprobe(std::string_view path, uint64_t file_offset,
                            Kernel& kernel) {
  return probe("uprobe", false, std::string(path), file_offset, 0, kernel);
}

EventAttr EventAttr::uretprobe(std::string_view path, uint64_t file_offset,
                               Kernel& kernel) {
  return probe("uprobe", true, std::string(path), file_offset, 0, kernel);
}

EventAttr EventAttr::usdt(std::string_view path, uint64_t file_offset,
                          uint64_t reference_offset, Kernel& kernel) {
  return probe("uprobe", false, std::string(path), file_offset,
               reference_offset, kernel);
}

EventAttr EventAttr::pmu(std::string_view name, std::string_view terms,
                         Kernel& kernel) {
  Pmu pmu(name, kernel);
  EventAttr attr(std::string(name) + '/' + std::string(terms) + '/', {});
  Pmu::Unit unit = pmu.apply(terms, attr.fields_);
  attr.unit(unit.scale, unit.unit);
  return attr;
}

EventAttr EventAttr::intel_pt(std::string_view terms, Kernel& kernel) {
  std::string all = "pt,branch";
  if (!terms.empty()) all += ',' + std::string(terms);
  // Older kernels have no format/pt: the bit was always set.
  Pmu pmu("intel_pt", kernel);
  const std::vector<FormatTerm> format = pmu.format();
  bool has_pt = std::any_of(format.begin(), format.end(), [](const auto& term) {
    return term.name() == "pt";
  });
  EventAttr attr = EventAttr::pmu(
      "intel_pt", has_pt ? all : all.substr(std::string("pt,").size()), kernel);
  attr.name_ = "intel_pt/" + std::string(terms) + '/';
  return attr.user_only();
}

EventAttr EventAttr::intel_bts(Kernel& kernel) {
  EventAttr attr = EventAttr::pmu("intel_bts", "", kernel);
  return attr.period(1).user_only();
}

EventAttr& EventAttr::sideband() {
  sample(SampleType::kTid | SampleType::kTime | SampleType::kId |
         SampleType::kCpu | SampleType::kIdentifier);
  return sample_id_all().mmap_records().comm_records().task_records();
}

abi::perf_event_attr EventAttr::for_kernel() const {
  abi::perf_event_attr attr = fields_;
  if (probe_text_)
    attr.config1 = reinterpret_cast<uintptr_t>(probe_text_->c_str());
  attr.size = abi::required_size(attr);
  return attr;
}

}  // namespace ptcap::bindings
