// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// flow_check TRACE LOG: the check for people and scripts.

#include <cstdio>
#include <exception>

#include "tests/capture/flow_check.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: flow_check TRACE LOG\n", stderr);
    return 2;
  }
  try {
    const auto check = ptcap::capture::check_flow(argv[1], argv[2]);
    std::printf("%lu streams, %lu instructions, %lu async events\n",
                check.streams, check.instructions, check.async_events);
    for (const std::string& problem : check.problems) {
      std::printf("%s\n", problem.c_str());
    }
    return check.problems.empty() ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "flow_check: %s\n", error.what());
    return 2;
  }
}
