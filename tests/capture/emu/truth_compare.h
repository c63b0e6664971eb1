// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Holds what ptdec finds in a trace against the emulator's own log of the same
// run.

#ifndef PTCAP_TESTS_CAPTURE_EMU_TRUTH_COMPARE_H_
#define PTCAP_TESTS_CAPTURE_EMU_TRUTH_COMPARE_H_

#include <cstdint>
#include <string>

namespace ptcap::capture::emu {

struct TruthResult {
  uint64_t threads = 0;
  uint64_t gaps = 0;
  uint64_t instructions = 0;  // of the trace
  // Differences that are none: the emulator logs what it is about to execute.
  uint64_t faulted = 0;    // did not execute: the trace has them as FROM of
                           // an `off` row with cause async
  uint64_t restarted = 0;  // begun twice
  // What the trace lacks at the ends of threads that were cut off.
  uint64_t missing_at_end = 0;
  uint64_t threads_cut = 0;
  // What the trace has behind the end of the log: a thread that was killed
  // inside a block had announced all of it.
  uint64_t beyond_end = 0;
  std::string difference;  // the first real one; empty if there is none
};

// `ptdec` is the program, `folder` what the truth plugin wrote.
TruthResult compare_with_truth(const std::string& ptdec,
                               const std::string& trace,
                               const std::string& folder);

}  // namespace ptcap::capture::emu

#endif  // PTCAP_TESTS_CAPTURE_EMU_TRUTH_COMPARE_H_
