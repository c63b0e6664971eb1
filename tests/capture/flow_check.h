// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Holds a trace against the log of the steps themselves, through libipt's
// instruction decoder and nothing of decode/.

#ifndef PTCAP_TESTS_CAPTURE_FLOW_CHECK_H_
#define PTCAP_TESTS_CAPTURE_FLOW_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

namespace ptcap::capture {

struct FlowCheck {
  uint64_t streams = 0;
  uint64_t instructions = 0;
  uint64_t async_events = 0;  // tracing left at an instruction not yet run
  // Empty if every instruction logged, and no other, was decoded, in order,
  // without an error of the decoder.
  std::vector<std::string> problems;
};

// `log` is what PTCAP_STEP_LOG named. Throws what TraceReader throws.
FlowCheck check_flow(const std::string& trace, const std::string& log);

}  // namespace ptcap::capture

#endif  // PTCAP_TESTS_CAPTURE_FLOW_CHECK_H_
