// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A random program and a random walk through it: what a CPU would execute,
// told to a FlowEncoder as a CPU's branch outcomes.

#ifndef PTCAP_TESTS_FORMATS_PT_RANDOM_PROGRAM_H_
#define PTCAP_TESTS_FORMATS_PT_RANDOM_PROGRAM_H_

#include <cstdint>
#include <random>
#include <vector>

#include "formats/pt/flow_encoder.h"
#include "tests/formats/pt/libipt_flow.h"

namespace ptcap::pt::testing {

// One basic block: nops, then a branch (or nothing: it falls through).
struct RandomBlock {
  enum class End : uint8_t {
    kFall,
    kJcc,
    kJmp,
    kCall,
    kCallNext,  // `call +0`, the old way to read the ip
    kIndirectJump,
    kIndirectCall,
    kRet,
    kSyscall,
  };
  uint64_t address = 0;
  unsigned nops = 0;
  End end = End::kFall;
  size_t target = 0;  // block number, of direct branches
  uint64_t branch_ip() const { return address + nops; }
  uint64_t next_ip() const;
};

// Two regions far apart, so that every IP compression occurs.
class RandomProgram {
 public:
  explicit RandomProgram(std::mt19937_64& random);
  const std::vector<RandomBlock>& blocks() const { return blocks_; }
  const Code& code() const { return code_; }

 private:
  std::vector<RandomBlock> blocks_;
  Code code_;
};

// Where a walk's stream could be picked up, and what came after.
struct Walk {
  std::vector<uint64_t> ips;  // every instruction executed
  std::vector<uint8_t> trace;
  std::vector<uint64_t> enable_tscs;
  int syscalls = 0;
  int signals = 0;
  int interrupts = 0;
  int restarts = 0;
};

Walk random_walk(const RandomProgram& program, int steps,
                 const FlowEncoderOptions& options, std::mt19937_64& random);

}  // namespace ptcap::pt::testing

#endif  // PTCAP_TESTS_FORMATS_PT_RANDOM_PROGRAM_H_
