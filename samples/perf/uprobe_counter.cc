// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// perf_uprobe FILE OFFSET PROGRAM [ARGS...]: counts how often a program and
// its children run the instruction at an offset of a file (`nm -D`, less the
// segment's address, plus its offset). Needs root or CAP_PERFMON.

#include <stdexcept>

#include "bindings/event.h"
#include "bindings/number.h"
#include "samples/perf/sample.h"

using namespace ptcap::bindings;

namespace {

void count(char** argv) {
  auto offset = parse_number(argv[2]);
  if (!offset) throw std::invalid_argument("OFFSET is no number");
  StoppedProgram program(argv + 3);
  Event event(EventAttr::uprobe(argv[1], *offset).inherit().enable_on_exec(),
              Target::thread(program.pid()));
  program.run();
  std::printf("%ju %s\n", uintmax_t{event.read().value},
              event.attr().name().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  return run_sample(argc, argv, "perf_uprobe FILE OFFSET PROGRAM [ARGS...]", 3,
                    count);
}
