// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// perf_counters EVENT,... PROGRAM [ARGS...]: counts a program and all that it
// starts. Events as perf's -e takes them.

#include "bindings/counter_set.h"
#include "bindings/number.h"
#include "samples/perf/sample.h"

using namespace ptcap::bindings;

namespace {

void count(char** argv) {
  std::vector<std::string> names;
  std::string_view list = argv[1];
  while (!list.empty()) names.emplace_back(take_until(list, ','));

  StoppedProgram program(argv + 2);
  CounterSet counters(names, Target::thread(program.pid()),
                      {.user_only = ::geteuid() != 0, .enable_on_exec = true});
  program.run();

  for (const auto& result : counters.read()) {
    if (result.value)
      std::printf("%18.0f %s", *result.value, result.unit.c_str());
    else
      std::printf("%18s ", "never counted");
    std::printf("  %s", result.name.c_str());
    if (result.count.share() < 1)
      std::printf("  (counted %.0f %% of the time)",
                  100 * result.count.share());
    std::puts("");
  }
  for (const NamedMetric& metric : common_metrics())
    if (auto value = counters.evaluate(Metric(metric.expression)))
      std::printf("%18.2f   %s\n", *value, std::string(metric.name).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  return run_sample(argc, argv, "perf_counters EVENT,... PROGRAM [ARGS...]", 2,
                    count);
}
