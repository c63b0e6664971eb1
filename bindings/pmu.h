// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// PMUs as sysfs shows them: Documentation/ABI/testing/
// sysfs-bus-event_source-devices-{format,events,caps}.

#ifndef PTCAP_BINDINGS_PMU_H_
#define PTCAP_BINDINGS_PMU_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/abi/perf_event_attr.h"
#include "bindings/kernel.h"

namespace ptcap::bindings {

// Where a format term's bits go: "config:0-7,32-35".
class FormatTerm {
 public:
  struct BitRange {
    unsigned first = 0, last = 0;  // inclusive
  };

  // Throws std::invalid_argument where `text` is not understood.
  static FormatTerm parse(std::string name, std::string_view text);

  const std::string& name() const { return name_; }
  unsigned width() const;
  uint64_t max_value() const;

  // Puts the low bits of `value` into its ranges, lowest range first. Throws
  // std::invalid_argument where the value has more bits.
  void set(abi::perf_event_attr& attr, uint64_t value) const;
  uint64_t get(const abi::perf_event_attr& attr) const;
  // All bits of the term within its config word.
  uint64_t mask() const;

 private:
  uint64_t abi::perf_event_attr::*word_ = nullptr;
  std::string name_;
  std::vector<BitRange> ranges_;
};

// One folder of /sys/bus/event_source/devices. What it says is read when asked
// for; a Pmu is a name and a Kernel.
class Pmu {
 public:
  // Names of all PMUs, sorted; empty where perf is missing.
  static std::vector<std::string> list(Kernel& kernel = Kernel::real());
  // nullopt where there is no such PMU.
  static std::optional<Pmu> find(std::string_view name,
                                 Kernel& kernel = Kernel::real());
  // Throws std::invalid_argument naming the PMU and those that there are.
  explicit Pmu(std::string_view name, Kernel& kernel = Kernel::real());

  const std::string& name() const { return name_; }
  uint32_t type() const { return type_; }  // perf_event_attr::type

  std::vector<FormatTerm> format() const;
  std::vector<std::string> events() const;  // names
  // What events/NAME says: "event=0x3c,umask=1".
  std::optional<std::string> event(std::string_view name) const;
  // A file of caps/, or one beside it (nr_addr_filters, max_nonturbo_ratio).
  std::optional<std::string> capability(std::string_view name) const;
  std::optional<uint64_t> capability_number(std::string_view name) const;
  // CPUs to open CPU-wide events on (cpumask or cpus); empty: all.
  std::vector<int> cpus() const;

  struct Unit {
    double scale = 1;
    std::string unit;
  };
  // events/NAME.scale and .unit.
  Unit event_unit(std::string_view name) const;

  // Sets type and configs by perf's terms, see EventAttr::pmu(). Terms it does
  // not know throw std::invalid_argument naming those it does. Gives the unit
  // if one of the terms is a named event with one.
  Unit apply(std::string_view terms, abi::perf_event_attr& attr) const;

 private:
  Pmu(std::string name, uint32_t type, Kernel& kernel)
      : name_(std::move(name)), type_(type), kernel_(&kernel) {}
  std::string path(std::string_view file) const;
  void apply_term(std::string_view term, abi::perf_event_attr& attr, Unit& unit,
                  const std::vector<FormatTerm>& terms, bool in_event) const;
  [[noreturn]] void fail_unknown(std::string_view term,
                                 const std::vector<FormatTerm>& terms) const;

  std::string name_;
  uint32_t type_ = 0;
  Kernel* kernel_;
};

// "0-3,8": CPUs, as sysfs lists them. Throws std::invalid_argument.
std::vector<int> parse_cpu_list(std::string_view text);
// CPUs that are online.
std::vector<int> online_cpus(Kernel& kernel = Kernel::real());

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_PMU_H_
