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

class Profiler {
 public:
  explicit Profiler(pid_t pid) {
    EventAttr attr = EventAttr::software(abi::SoftwareEvent::kCpuClock);
    attr.user_only().frequency(999).sample_callchain().inherit();
    attr.sample(abi::SampleType::kTid).sideband().enable_on_exec();
    // Inherited events need a ring for each CPU.
    for (int cpu : online_cpus()) {
      events_.push_back(std::make_unique<Event>(attr, Target{pid, cpu, -1}));
      rings_.push_back(std::make_unique<DataRing>(*events_.back(), 1 << 20));
    }
    format_ = formats::RecordFormat::of(attr.fields());
  }

  void drain() {
    for (auto& ring : rings_)
      ring->drain([&](const RingRecord& bytes) {
        auto record =
            formats::parse_record(bytes.contiguous(scratch_), format_);
        if (auto* map = std::get_if<formats::Mmap2Record>(&record.body))
          modules_[map->address] = *map, names_[map->address] = map->filename;
        if (auto* sample = std::get_if<formats::Sample>(&record.body))
          ++stacks_[sample->callchain.to_vector()];
      });
  }

  void print() const {
    for (const auto& [chain, count] : stacks_) {
      for (size_t i = chain.size(); i-- > 1;)  // [0] says that it is user code
        std::printf("%s%s", place(chain[i]).c_str(), i > 1 ? ";" : "");
      std::printf(" %d\n", count);
    }
  }

 private:
  // "libc.so.6+0x2a1b0"; programs with symbols of their own: see ptdec.
  std::string place(uint64_t ip) const {
    char text[300];
    auto module = modules_.upper_bound(ip);
    if (module == modules_.begin() ||
        ip - (--module)->first >= module->second.length) {
      std::snprintf(text, sizeof(text), "0x%jx", static_cast<uintmax_t>(ip));
      return text;
    }
    const std::string& path = names_.at(module->first);
    std::snprintf(text, sizeof(text), "%.200s+0x%jx",
                  path.substr(path.rfind('/') + 1).c_str(),
                  static_cast<uintmax_t>(ip - module->first +
                                         module->second.file_offset));
    return text;
  }

  std::vector<std::unique_ptr<Event>> events_;
  std::vector<std::unique_ptr<DataRing>> rings_;
  formats::RecordFormat format_;
  std::vector<uint8_t> scratch_;
  std::map<uint64_t, formats::Mmap2Record> modules_;
  std::map<uint64_t, std::string> names_;
  std::map<std::vector<uint64_t>, int> stacks_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: perf_profiler PROGRAM [ARGS...]\n", stderr);
    return 2;
  }
  try {
    StoppedProgram program(argv + 1);
    Profiler profiler(program.pid());
    program.go();
    do {
      ::usleep(10000);
      profiler.drain();
    } while (!program.ended());
    profiler.drain();
    profiler.print();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "perf_profiler: %s\n", error.what());
    return 1;
  }
}
