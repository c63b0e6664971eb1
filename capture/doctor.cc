// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/doctor.h"

#include <nlohmann/json.hpp>

#include "capture/hardware/system_facts.h"
#include "capture/host_info.h"

namespace ptcap::capture {

DoctorReport examine(const RunDoctor& doctor,
                     std::span<const SourceEntry> entries) {
  CaptureOptions options;
  options.target = RunProgram{{"true"}};
  const HostInfo host = read_host_info();
  DoctorReport report;
  nlohmann::json found = nlohmann::json::array();
  std::string lines;
  std::string first;
  for (const SourceEntry& entry : entries) {
    const std::string why_not = entry.probe(options);
    const std::string name(entry.name);
    const bool hardware =
        entry.kind == SourceKind::kPt || entry.kind == SourceKind::kBts;
    if (why_not.empty() && hardware) report.hardware_works = true;
    if (why_not.empty() && first.empty()) first = name;
    found.push_back(
        {{"name", name}, {"works", why_not.empty()}, {"why_not", why_not}});
    lines += name + std::string(6 - name.size(), ' ') +
             (why_not.empty() ? "works" : why_not) + "\n";
  }
  nlohmann::json facts = nlohmann::json::array();
  std::string fact_lines;
  for (const SystemFact& fact : read_system_facts()) {
    facts.push_back(
        {{"name", fact.name}, {"value", fact.value}, {"advice", fact.advice}});
    fact_lines += fact.name + ": " + fact.value + "\n";
    if (!fact.advice.empty()) fact_lines += "  " + fact.advice + "\n";
  }
  if (doctor.json) {
    const nlohmann::json all = {{"cpu", host.cpu_description},
                                {"kernel", host.os_release},
                                {"facts", facts},
                                {"sources", found},
                                {"auto", first}};
    report.text = all.dump(2) + "\n";
    return report;
  }
  report.text = "cpu:    " + host.cpu_description +
                "\nkernel: " + host.os_release + "\n" + fact_lines + "\n" +
                lines + "\n'--source auto' takes " +
                (first.empty() ? "none" : first) + "\n";
  return report;
}

}  // namespace ptcap::capture
