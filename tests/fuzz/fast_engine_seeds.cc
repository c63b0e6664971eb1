// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Traces of the program of fast_engine_fuzz, as a corpus to start from.

#include <cstdio>
#include <fstream>
#include <string>

#include "tests/decode/fast/random_trace.h"

int main(int argc, char** argv) {
  using ptcap::decode::fast::RandomTrace;
  if (argc != 2) {
    std::fputs("usage: fast_engine_seeds FOLDER\n", stderr);
    return 2;
  }
  // The seed is the program's too: only its traces make sense with it.
  for (const int steps : {5, 20, 60, 150}) {
    const RandomTrace trace(1, steps);
    const std::string name =
        std::string(argv[1]) + "/steps" + std::to_string(steps);
    std::ofstream(name, std::ios::binary)
        .write(reinterpret_cast<const char*>(trace.bytes.data()),
               static_cast<std::streamsize>(trace.bytes.size()));
  }
  return 0;
}
