// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// perf_profiler PROGRAM [ARGS...]: samples where a program and its threads
// spend their time, 999 times a second of CPU, and prints the call chains as
// folded stacks ("outer;inner 12"), which flame graphs are drawn from.

#include <cstdio>
#include <map>
#include <memory>

#include "bindings/data_ring.h"
#include "bindings/pmu.h"
#include "formats/perf/record.h"
#include "samples/perf/run_stopped.h"

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
                  static_cast<uintmax_t>(chain[i] + shift), i > 1 ? ";" : "");
    }
    std::printf(" %d\n", count);
  }
}

void profile(char** argv) {
  StoppedProgram program(argv);
  EventAttr attr = EventAttr::software(abi::SoftwareEvent::kCpuClock);
  attr.user_only().frequency(999).sample_callchain().sideband();
  attr.inherit().enable_on_exec();
  std::vector<std::unique_ptr<Event>> events;  // inherited: one for each CPU
  std::vector<std::unique_ptr<DataRing>> rings;
  for (int cpu : online_cpus()) {
    events.push_back(
        std::make_unique<Event>(attr, Target{program.pid(), cpu, -1}));
    rings.push_back(std::make_unique<DataRing>(*events.back(), 1 << 18));
  }
  const auto format = formats::RecordFormat::of(attr.fields());
  std::vector<uint8_t> scratch;
  program.go();
  for (bool ended = false; !ended; ::usleep(10000)) {
    ended = program.ended();
    for (auto& ring : rings)
      ring->drain([&](const RingRecord& bytes) {
        take(formats::parse_record(bytes.contiguous(scratch), format));
      });
  }
  print_stacks();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: perf_profiler PROGRAM [ARGS...]\n", stderr);
    return 2;
  }
  try {
    profile(argv + 1);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "perf_profiler: %s\n", error.what());
    return 1;
  }
}
