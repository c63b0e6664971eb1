// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// How fast records are parsed, beside a bare loop over their headers, and what
// a count costs through Event, beside a bare read(2).

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>

#include "bindings/event.h"
#include "formats/perf/record_builder.h"

namespace {

std::size_t allocations = 0;

using namespace ptcap;
using formats::Bytes;

// What `perf record -g` gives: IP, TID, TIME, CPU, PERIOD and a call chain.
formats::RecordFormat sample_format() {
  formats::RecordFormat format;
  format.sample_type =
      abi::bits(abi::SampleType::kIp | abi::SampleType::kTid |
                abi::SampleType::kTime | abi::SampleType::kCpu |
                abi::SampleType::kPeriod | abi::SampleType::kCallchain);
  format.sample_id_all = true;
  format.update();
  return format;
}

std::vector<uint8_t> samples(size_t frames) {
  std::vector<uint64_t> chain(frames, 0x7f0000401000);
  formats::Sample sample;
  sample.ip = 0x7f0000401000;
  sample.pid = sample.tid = 1000;
  sample.time = 123456789;
  sample.callchain = chain;
  formats::RecordBuilder builder(sample_format());
  std::vector<uint8_t> bytes;
  while (bytes.size() < 256 << 10) builder.append(bytes, sample);
  return bytes;
}

std::vector<uint8_t> sideband() {
  formats::RecordBuilder builder(sample_format());
  std::vector<uint8_t> bytes;
  while (bytes.size() < 256 << 10) {
    builder.append(bytes,
                   formats::Mmap2Record{
                       .pid = 1,
                       .tid = 1,
                       .address = 0x7f0000000000,
                       .length = 0x1000,
                       .filename = "/usr/lib/x86_64-linux-gnu/libc.so.6"});
    builder.append(bytes, formats::CommRecord{1, 1, "program"});
    builder.append(bytes, formats::ForkRecord{{2, 1, 2, 1, 5}});
    builder.append(bytes, formats::SwitchRecord{});
    builder.append(bytes, formats::AuxRecord{4096, 4096, 0});
  }
  return bytes;
}

// The least that any reader does: from header to header.
void bare_loop(benchmark::State& state, const std::vector<uint8_t>& bytes) {
  for (auto _ : state) {
    uint64_t types = 0;
    for (size_t at = 0; at < bytes.size();) {
      abi::perf_event_header header;
      std::memcpy(&header, &bytes[at], sizeof(header));
      types += header.type;
      at += header.size;
    }
    benchmark::DoNotOptimize(types);
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(bytes.size()));
}

void parse(benchmark::State& state, const std::vector<uint8_t>& bytes) {
  const formats::RecordFormat format = sample_format();
  const std::size_t before = allocations;
  for (auto _ : state) {
    Bytes rest = bytes;
    while (!rest.empty()) {
      formats::Record record = formats::parse_record(rest, format);
      benchmark::DoNotOptimize(record);
      rest = rest.subspan(record.header.size);
    }
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(bytes.size()));
  state.counters["allocations"] = static_cast<double>(allocations - before);
}

void read_bare(benchmark::State& state, const bindings::Event& event) {
  for (auto _ : state) {
    uint64_t words[5];
    benchmark::DoNotOptimize(::read(event.fd(), words, sizeof(words)));
    benchmark::ClobberMemory();
  }
}

void read_event(benchmark::State& state, const bindings::Event& event) {
  for (auto _ : state) benchmark::DoNotOptimize(event.read());
}

// Prints what others do, and keeps the figures for the ratios.
class Ratios : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs)
      if (run.aggregate_name == "median")
        time_[run.run_name.function_name] = run.GetAdjustedCPUTime();
  }
  void print(const char* what, const char* of, const char* to) const {
    auto a = time_.find(of), b = time_.find(to);
    if (a != time_.end() && b != time_.end())
      std::printf("%s: %.3f\n", what, a->second / b->second);
  }

 private:
  std::map<std::string, double> time_;
};

}  // namespace

// Out of line, so that the compiler does not pair them with others.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const auto flat = samples(0), deep = samples(16), side = sideband();
  auto add = [](const char* name, auto run, const auto& input) {
    benchmark::RegisterBenchmark(
        name, [run, &input](benchmark::State& s) { run(s, input); })
        ->Repetitions(5)
        ->ReportAggregatesOnly();
  };
  add("headers/samples", bare_loop, flat);
  add("parse/samples", parse, flat);
  add("headers/callchains", bare_loop, deep);
  add("parse/callchains", parse, deep);
  add("headers/sideband", bare_loop, side);
  add("parse/sideband", parse, side);

  std::optional<bindings::Event> event;
  try {
    event.emplace(bindings::EventAttr::software(abi::SoftwareEvent::kPageFaults)
                      .user_only()
                      .enabled_at_once());
    add("read/bare", read_bare, *event);
    add("read/Event", read_event, *event);
  } catch (const std::exception& error) {
    std::printf("skipped: %s\n", error.what());
  }

  Ratios ratios;
  benchmark::RunSpecifiedBenchmarks(&ratios);
  ratios.print("parse : headers, samples", "parse/samples", "headers/samples");
  ratios.print("parse : headers, call chains", "parse/callchains",
               "headers/callchains");
  ratios.print("parse : headers, sideband", "parse/sideband",
               "headers/sideband");
  ratios.print("Event::read : read(2)", "read/Event", "read/bare");
}
