// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Traces of random programs, written with random options, rewritten in random
// ways that mean the same, and damaged.

#ifndef PTCAP_TESTS_DECODE_FAST_RANDOM_TRACE_H_
#define PTCAP_TESTS_DECODE_FAST_RANDOM_TRACE_H_

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "decode/code_view.h"
#include "tests/formats/pt/random_program.h"

namespace ptcap::decode::fast {

struct RandomTrace {
  RandomTrace(uint64_t seed, int steps);

  pt::testing::RandomProgram program;
  std::vector<uint8_t> bytes;
  std::shared_ptr<const CodeView> code;  // of `program`

 private:
  RandomTrace(std::mt19937_64 random, int steps);
};

// The same flow in other packets: short TNT, padding, timing packets.
std::vector<uint8_t> rewrite(std::span<const uint8_t> trace,
                             std::mt19937_64& random);

// Cuts, flips, drops, repeats; overflows; packets that are not known here.
void damage(std::vector<uint8_t>& trace, std::mt19937_64& random);

// What libipt makes of a TIP without ip and of an undefined mode depends on
// what its block cache holds, so on what it decoded before.
bool libipt_is_fickle(std::span<const uint8_t> bytes);

}  // namespace ptcap::decode::fast

#endif  // PTCAP_TESTS_DECODE_FAST_RANDOM_TRACE_H_
