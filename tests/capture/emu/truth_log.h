// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The emulator's own log of instructions, and its comparison with a trace.

#ifndef PTCAP_TESTS_CAPTURE_EMU_TRUTH_LOG_H_
#define PTCAP_TESTS_CAPTURE_EMU_TRUTH_LOG_H_

#include <cstdint>

namespace ptcap::capture::emu {

// The low 31 bits of an instruction's address; the top bit says that it is a
// repeated string instruction. Never 0.
using TruthEntry = uint32_t;

inline constexpr TruthEntry kTruthRepeated = 1u << 31;

constexpr TruthEntry make_truth_entry(uint64_t ip, bool repeated) {
  const auto low = static_cast<TruthEntry>(ip & 0x7fffffff);
  return (low != 0 ? low : 1) | (repeated ? kTruthRepeated : 0);
}

}  // namespace ptcap::capture::emu

#endif  // PTCAP_TESTS_CAPTURE_EMU_TRUTH_LOG_H_
