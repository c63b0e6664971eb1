// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Traces of the programs of fast_engine_fuzz, as a corpus to start from.

#include <cstdio>
#include <fstream>
#include <string>

#include "tests/decode/fast/random_trace.h"
#include "tests/fuzz/fast_engine_input.h"

int main(int argc, char** argv) {
  using namespace ptcap::decode::fast;
  if (argc != 2) {
    std::fputs("usage: fast_engine_seeds FOLDER\n", stderr);
    return 2;
  }
  // The seed is the program's too: only its traces make sense with it.
  for (unsigned seed = 0; seed < kFuzzPrograms; ++seed) {
    for (const int steps : {5, 20, 60, 150}) {
      const RandomTrace trace(seed, steps);
      const std::string name = std::string(argv[1]) + "/program" +
                               std::to_string(seed) + "_" +
                               std::to_string(steps);
      std::ofstream file(name, std::ios::binary);
      file.put(static_cast<char>(seed)).put(static_cast<char>(steps));
      file.write(reinterpret_cast<const char*>(trace.bytes.data()),
                 static_cast<std::streamsize>(trace.bytes.size()));
    }
  }
  return 0;
}
