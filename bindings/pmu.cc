// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/pmu.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "bindings/number.h"

namespace ptcap::bindings {

namespace {

const std::string kDevices = "/sys/bus/event_source/devices/";

using ConfigWord = uint64_t abi::perf_event_attr::*;

// "config1" as the field; nullptr for other names.
ConfigWord config_word(std::string_view name) {
  static constexpr std::pair<std::string_view, ConfigWord> kWords[] = {
      {"config", &abi::perf_event_attr::config},
      {"config1", &abi::perf_event_attr::config1},
      {"config2", &abi::perf_event_attr::config2},
      {"config3", &abi::perf_event_attr::config3},
      {"config4", &abi::perf_event_attr::config4},
  };
  for (const auto& [word_name, word] : kWords)
    if (word_name == name) return word;
  return nullptr;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

uint64_t low_bits(unsigned count) {
  return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

}  // namespace

FormatTerm FormatTerm::parse(std::string name, std::string_view text) {
  FormatTerm term;
  term.name_ = std::move(name);
  std::string_view rest = text;
  term.word_ = config_word(take_until(rest, ':'));
  if (!term.word_ || rest.empty())
    throw std::invalid_argument("format \"" + std::string(text) +
                                "\" is not understood");
  while (!rest.empty()) {
    auto bits = parse_range(take_until(rest, ','));
    if (!bits || bits->last > 63)
      throw std::invalid_argument("format \"" + std::string(text) +
                                  "\" is not understood");
    term.ranges_.push_back({static_cast<unsigned>(bits->first),
                            static_cast<unsigned>(bits->last)});
  }
  return term;
}

unsigned FormatTerm::width() const {
  unsigned bits = 0;
  for (BitRange range : ranges_) bits += range.last - range.first + 1;
  return bits;
}

uint64_t FormatTerm::max_value() const { return low_bits(width()); }

uint64_t FormatTerm::mask() const {
  uint64_t mask = 0;
  for (BitRange range : ranges_)
    mask |= low_bits(range.last - range.first + 1) << range.first;
  return mask;
}

void FormatTerm::set(abi::perf_event_attr& attr, uint64_t value) const {
  if (value > max_value())
    throw std::invalid_argument(name_ + "=" + std::to_string(value) +
                                " is too large: at most " +
                                std::to_string(max_value()));
  attr.*word_ &= ~mask();
  for (BitRange range : ranges_) {
    unsigned width = range.last - range.first + 1;
    attr.*word_ |= (value & low_bits(width)) << range.first;
    value = width >= 64 ? 0 : value >> width;
  }
}

uint64_t FormatTerm::get(const abi::perf_event_attr& attr) const {
  uint64_t value = 0;
  unsigned at = 0;
  for (BitRange range : ranges_) {
    unsigned width = range.last - range.first + 1;
    value |= (attr.*word_ >> range.first & low_bits(width)) << at;
    at += width;
  }
  return value;
}

std::vector<std::string> Pmu::list(Kernel& kernel) {
  return kernel.list_directory(kDevices).value_or(std::vector<std::string>());
}

std::optional<Pmu> Pmu::find(std::string_view name, Kernel& kernel) {
  auto type = kernel.read_file(kDevices + std::string(name) + "/type");
  if (!type) return std::nullopt;
  auto number = parse_number(trim(*type));
  if (!number) return std::nullopt;
  return Pmu(std::string(name), static_cast<uint32_t>(*number), kernel);
}

Pmu::Pmu(std::string_view name, Kernel& kernel) : kernel_(&kernel) {
  std::optional<Pmu> found = find(name, kernel);
  if (!found)
    throw std::invalid_argument("no PMU " + std::string(name) +
                                "; there are: " + joined(list(kernel)));
  *this = *found;
}

std::string Pmu::path(std::string_view file) const {
  return kDevices + name_ + '/' + std::string(file);
}

std::vector<FormatTerm> Pmu::format() const {
  std::vector<FormatTerm> terms;
  auto names = kernel_->list_directory(path("format"));
  if (!names) return terms;
  for (const std::string& name : *names)
    if (auto text = kernel_->read_file(path("format/" + name)))
      terms.push_back(FormatTerm::parse(name, trim(*text)));
  return terms;
}

std::vector<std::string> Pmu::events() const {
  auto names = kernel_->list_directory(path("events"));
  if (!names) return {};
  std::erase_if(*names, [](const std::string& name) {
    return name.ends_with(".scale") || name.ends_with(".unit") ||
           name.ends_with(".per-pkg") || name.ends_with(".snapshot");
  });
  return *names;
}

std::optional<std::string> Pmu::event(std::string_view name) const {
  if (name.find('/') != name.npos) return std::nullopt;
  return kernel_->read_file(path("events/" + std::string(name)));
}

Pmu::Unit Pmu::event_unit(std::string_view name) const {
  Unit unit;
  std::string file = "events/" + std::string(name);
  if (auto scale = kernel_->read_file(path(file + ".scale")))
    unit.scale = std::strtod(scale->c_str(), nullptr);
  if (auto text = kernel_->read_file(path(file + ".unit"))) unit.unit = *text;
  return unit;
}

std::optional<std::string> Pmu::capability(std::string_view name) const {
  std::string file(name);
  if (auto text = kernel_->read_file(path("caps/" + file))) return text;
  return kernel_->read_file(path(file));
}

std::optional<uint64_t> Pmu::capability_number(std::string_view name) const {
  auto text = capability(name);
  if (!text) return std::nullopt;
  std::string_view digits = trim(*text);
  if (auto number = parse_number(digits)) return number;
  // intel_pt/caps/*_periods and the like are hexadecimal without prefix.
  return parse_number("0x" + std::string(digits));
}

std::vector<int> Pmu::cpus() const {
  for (const char* file : {"cpumask", "cpus"})
    if (auto text = kernel_->read_file(path(file)))
      return parse_cpu_list(*text);
  return {};
}

Pmu::Unit Pmu::apply(std::string_view terms, abi::perf_event_attr& attr) const {
  attr.type = type_;
  Unit unit;
  const std::vector<FormatTerm> known = format();
  while (!terms.empty()) {
    std::string_view term = trim(take_until(terms, ','));
    if (!term.empty()) apply_term(term, attr, unit, known, false);
  }
  return unit;
}

void Pmu::apply_term(std::string_view term, abi::perf_event_attr& attr,
                     Unit& unit, const std::vector<FormatTerm>& terms,
                     bool in_event) const {
  std::string_view text = term;
  std::string_view name = take_until(text, '=');
  bool has_value = name.size() != term.size();
  auto value = has_value ? parse_number(text) : std::optional<uint64_t>(1);

  for (const FormatTerm& known : terms) {
    if (known.name() != name) continue;
    if (!value)
      throw std::invalid_argument(name_ + "/" + std::string(term) +
                                  "/: the value is not a number");
    return known.set(attr, *value);
  }
  if (ConfigWord word = config_word(name); word && value && has_value) {
    attr.*word = *value;
  } else if (name == "period" && value && has_value) {
    attr.freq = 0;
    attr.sample_period = *value;
  } else if (name == "freq" && value && has_value) {
    attr.freq = 1;
    attr.sample_freq = *value;
  } else if (auto alias = in_event || has_value ? std::nullopt : event(name)) {
    // An event of sysfs is itself a list of terms, but not of events.
    std::string_view rest = trim(*alias);
    while (!rest.empty())
      apply_term(trim(take_until(rest, ',')), attr, unit, terms, true);
    unit = event_unit(name);
  } else {
    fail_unknown(term, terms);
  }
}

void Pmu::fail_unknown(std::string_view term,
                       const std::vector<FormatTerm>& terms) const {
  std::vector<std::string> names;
  names.reserve(terms.size());
  for (const FormatTerm& known : terms) names.push_back(known.name());
  throw std::invalid_argument(name_ + " has no term \"" + std::string(term) +
                              "\"\n  terms: " + joined(names) +
                              ", config, config1, config2, config3, period, "
                              "freq\n  events: " +
                              joined(events()));
}

std::vector<int> parse_cpu_list(std::string_view text) {
  std::vector<int> cpus;
  std::string_view rest = trim(text);
  while (!rest.empty()) {
    auto range = parse_range(take_until(rest, ','));
    constexpr uint64_t kMaxCpu = 1 << 20;
    if (!range || range->last > kMaxCpu)
      throw std::invalid_argument("\"" + std::string(text) +
                                  "\" is not a list of CPUs");
    for (uint64_t cpu = range->first; cpu <= range->last; ++cpu)
      cpus.push_back(static_cast<int>(cpu));
  }
  return cpus;
}

std::vector<int> online_cpus(Kernel& kernel) {
  auto text = kernel.read_file("/sys/devices/system/cpu/online");
  return text ? parse_cpu_list(*text) : std::vector<int>();
}

}  // namespace ptcap::bindings
