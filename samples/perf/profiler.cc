// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// perf_profiler PROGRAM [ARGS...]: samples where a program and its threads
// spend their time, 999 times a second of CPU, and prints the call chains as
// folded stacks ("outer;inner 12"), which flame graphs are drawn from.

#include <map>

#include "bindings/cpu_rings.h"
#include "formats/perf/drain_parsed.h"
#include "samples/perf/sample.h"

using namespace ptcap;
using namespace ptcap::bindings;

namespace {

// Executable mappings by address: file offset - address, and name.
std::map<uint64_t, std::pair<uint64_t, std::string>> modules;
std::map<std::vector<uint64_t>, int> stacks;

void take(const formats::Record& record) {
  if (auto* map = std::get_if<formats::Mmap2Record>(&record.body))
    modules[map->address] = {map->file_offset - map->address,
                             std::string(map->filename)};
  if (auto* sample = std::get_if<formats::Sample>(&record.body))
    ++stacks[sample->callchain.to_vector()];
}

void print_stacks() {
  for (const auto& [chain, count] : stacks) {
    for (size_t i = chain.size(); i-- > 1;) {  // [0] says: user code
      auto module = modules.upper_bound(chain[i]);
      if (module == modules.begin()) continue;
      const auto& [shift, path] = std::prev(module)->second;
      std::printf("%s+0x%jx%s", path.substr(path.rfind('/') + 1).c_str(),
                  uintmax_t{chain[i] + shift}, i > 1 ? ";" : "");
    }
    std::printf(" %d\n", count);
  }
}

void profile(char** argv) {
  StoppedProgram program(argv + 1);
  EventAttr attr = EventAttr::software(abi::SoftwareEvent::kCpuClock);
  attr.user_only().frequency(999).sample_callchain().sideband();
  CpuRings rings(attr.inherit().enable_on_exec(), program.pid(), 1 << 18);
  const auto format = formats::RecordFormat::of(attr.fields());
  program.run([&] { formats::drain_parsed(rings, format, take); });
  print_stacks();
}

}  // namespace

int main(int argc, char** argv) {
  return run_sample(argc, argv, "perf_profiler PROGRAM [ARGS...]", 1, profile);
}
