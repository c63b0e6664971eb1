// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The instructions that libipt reconstructs from PT bytes and static code.

#ifndef PTCAP_TESTS_FORMATS_PT_LIBIPT_FLOW_H_
#define PTCAP_TESTS_FORMATS_PT_LIBIPT_FLOW_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace ptcap::pt::testing {

// Code bytes by start address.
using Code = std::map<uint64_t, std::vector<uint8_t>>;

struct LibiptFlow {
  std::vector<uint64_t> ips;         // of every instruction, in order
  std::vector<uint64_t> event_tscs;  // of "enabled" events
  int disabled = 0;
  int async_disabled = 0;
  int async_branches = 0;
  int overflows = 0;
  std::string error;  // empty if the stream decodes to its end
};

// Decodes from the PSB at `offset` on, with the instruction decoder.
LibiptFlow libipt_insn_flow(std::span<const uint8_t> trace, uint64_t offset,
                            const Code& code);

// The start of each block and its number of instructions, with the block
// decoder; nothing else of LibiptFlow is filled in.
struct LibiptBlocks {
  uint64_t instructions = 0;
  std::vector<uint64_t> starts;
  std::string error;
};
LibiptBlocks libipt_block_flow(std::span<const uint8_t> trace,
                               const Code& code);

}  // namespace ptcap::pt::testing

#endif  // PTCAP_TESTS_FORMATS_PT_LIBIPT_FLOW_H_
