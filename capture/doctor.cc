// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/doctor.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "capture/hardware/system_facts.h"
#include "capture/host_info.h"
#include "capture/self_test.h"
#include "capture/version.h"

namespace ptcap::capture {
namespace {

using nlohmann::json;

struct SourceState {
  std::string name;
  bool hardware = false;
  std::string why_not;  // empty if it works
};

struct Findings {
  HostInfo host;
  std::vector<SystemFact> facts;
  std::vector<SourceState> sources;
  std::string automatic;  // what `auto` takes; empty if nothing
  std::optional<SelfTest> self_test;
};

std::vector<SourceState> probe(std::span<const SourceEntry> entries) {
  CaptureOptions options;
  options.target = RunProgram{{"true"}};
  std::vector<SourceState> states;
  for (const SourceEntry& entry : entries) {
    const bool hardware =
        entry.kind == SourceKind::kPt || entry.kind == SourceKind::kBts;
    states.push_back({std::string(entry.name), hardware, entry.probe(options)});
  }
  return states;
}

Findings find(const RunDoctor& doctor, std::span<const SourceEntry> entries) {
  Findings findings;
  findings.host = read_host_info();
  findings.facts = read_system_facts();
  findings.sources = probe(entries);
  std::vector<std::string> working;
  for (const SourceState& source : findings.sources) {
    if (source.why_not.empty()) working.push_back(source.name);
  }
  if (!working.empty()) findings.automatic = working.front();
  if (doctor.self_test) findings.self_test = run_self_test(working);
  return findings;
}

bool all_well(const Findings& findings) {
  bool hardware = false;
  for (const SourceState& source : findings.sources) {
    hardware |= source.hardware && source.why_not.empty();
  }
  return hardware && (!findings.self_test || findings.self_test->passed());
}

std::string text_of(const Findings& findings) {
  std::string text = std::string("ptcap:  ") + kVersion +
                     "\ncpu:    " + findings.host.cpu_description + " (" +
                     findings.host.cpu_id + ")" +
                     "\nkernel: " + findings.host.os_release + "\n";
  for (const SystemFact& fact : findings.facts) {
    text += fact.name + ": " + fact.value + "\n";
    if (!fact.advice.empty()) text += "  " + fact.advice + "\n";
  }
  text += "\n";
  for (const SourceState& source : findings.sources) {
    text += source.name + std::string(6 - source.name.size(), ' ') +
            (source.why_not.empty() ? "works" : source.why_not) + "\n";
  }
  text += "\n'--source auto' takes " +
          (findings.automatic.empty() ? "none" : findings.automatic) + "\n";
  if (findings.self_test) text += "\n" + to_text(*findings.self_test);
  return text;
}

json json_of(const SelfTest& test) {
  json results = json::array();
  for (const SelfTestResult& result : test.results) {
    results.push_back({{"name", result.name},
                       {"command", result.command},
                       {"passed", result.passed},
                       {"why_not", result.why_not},
                       {"branches", result.branches},
                       {"expected_branches", result.expected_branches},
                       {"gaps", result.gaps},
                       {"produced_bytes", result.produced_bytes},
                       {"written_bytes", result.written_bytes},
                       {"losses", result.losses},
                       {"seconds", result.seconds},
                       {"messages", result.messages}});
  }
  return {{"passed", test.passed()},
          {"decoder", test.decoder},
          {"folder", test.folder},
          {"results", results}};
}

std::string json_of(const Findings& findings) {
  json facts = json::array();
  for (const SystemFact& fact : findings.facts) {
    facts.push_back(
        {{"name", fact.name}, {"value", fact.value}, {"advice", fact.advice}});
  }
  json sources = json::array();
  for (const SourceState& source : findings.sources) {
    sources.push_back({{"name", source.name},
                       {"works", source.why_not.empty()},
                       {"why_not", source.why_not}});
  }
  json all = {{"ptcap", kVersion},
              {"cpu", findings.host.cpu_description},
              {"cpu_id", findings.host.cpu_id},
              {"kernel", findings.host.os_release},
              {"facts", facts},
              {"sources", sources},
              {"auto", findings.automatic}};
  if (findings.self_test) all["self_test"] = json_of(*findings.self_test);
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

DoctorReport examine(const RunDoctor& doctor,
                     std::span<const SourceEntry> entries) {
  const Findings findings = find(doctor, entries);
  DoctorReport report;
  report.all_well = all_well(findings);
  report.text = doctor.json ? json_of(findings) : text_of(findings);
  return report;
}

}  // namespace ptcap::capture
