// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// perf_tracepoint SYSTEM NAME PROGRAM [ARGS...]: prints each hit of a
// tracepoint by a program, with its fields. Needs root, for tracefs.

#include "bindings/data_ring.h"
#include "bindings/tracepoint.h"
#include "formats/perf/drain_parsed.h"
#include "samples/perf/sample.h"

using namespace ptcap;
using namespace ptcap::bindings;

namespace {

void print(const formats::Sample& sample, const Tracepoint& point) {
  std::printf("%ju.%09ju", uintmax_t{sample.time / 1000000000},
              uintmax_t{sample.time % 1000000000});
  for (const TracepointField& field : point.fields()) {
    if (field.name.starts_with("common_")) continue;
    auto text = field.is_array() ? field.text(sample.raw) : std::nullopt;
    auto number = field.number(sample.raw);
    if (text)
      std::printf(" %s=%.*s", field.name.c_str(),
                  static_cast<int>(text->size()), text->data());
    else if (number)
      std::printf(field.is_signed ? " %s=%jd" : " %s=%ju", field.name.c_str(),
                  static_cast<intmax_t>(*number));
  }
  std::puts("");
}

void trace(char** argv) {
  Tracepoint point(argv[1], argv[2]);
  EventAttr attr = EventAttr::tracepoint(argv[1], argv[2]);
  attr.period(1).sample(abi::SampleType::kTime | abi::SampleType::kRaw);
  StoppedProgram program(argv + 3);
  Event event(attr.enable_on_exec(), Target::thread(program.pid()));
  DataRing ring(event, 1 << 20);
  const auto format = formats::RecordFormat::of(attr.fields());
  program.run([&] {
    formats::drain_parsed(ring, format, [&](const formats::Record& record) {
      if (auto* sample = std::get_if<formats::Sample>(&record.body))
        print(*sample, point);
      if (auto* lost = std::get_if<formats::LostRecord>(&record.body))
        std::printf("lost %ju\n", uintmax_t{lost->lost});
    });
  });
}

}  // namespace

int main(int argc, char** argv) {
  return run_sample(argc, argv, "perf_tracepoint SYSTEM NAME PROGRAM [ARGS...]",
                    3, trace);
}
