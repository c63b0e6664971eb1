// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// perf_uprobe FILE OFFSET PROGRAM [ARGS...]: counts how often a program and
// its children run the instruction at an offset of a file (`nm -D`, less the
// segment's address, plus its offset). Needs root or CAP_PERFMON.

#include <cstdio>

#include "bindings/event.h"
#include "bindings/number.h"
#include "samples/perf/run_stopped.h"

using namespace ptcap::bindings;

int main(int argc, char** argv) {
  auto offset = argc < 4 ? std::nullopt : parse_number(argv[2]);
  if (!offset) {
    std::fputs("usage: perf_uprobe FILE OFFSET PROGRAM [ARGS...]\n", stderr);
    return 2;
  }
  try {
    StoppedProgram program(argv + 3);
    Event event(EventAttr::uprobe(argv[1], *offset).inherit().enable_on_exec(),
                Target::thread(program.pid()));
    program.go();
    program.wait();
    std::printf("%ju %s\n", static_cast<uintmax_t>(event.read().value),
                event.attr().name().c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "perf_uprobe: %s\n", error.what());
    return 1;
  }
}
