// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The records in front of a hardware trace: which events there are, and how
// the packets and their clock are to be read.

#ifndef PTCAP_CAPTURE_HARDWARE_TRACE_HEAD_H_
#define PTCAP_CAPTURE_HARDWARE_TRACE_HEAD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bindings/pmu.h"
#include "capture/hardware/event_plan.h"
#include "capture/hardware/pt_config.h"
#include "capture/hardware/trace_ring.h"

namespace ptcap::capture {

struct HeadInput {
  const EventPlan& plan;
  const std::vector<std::unique_ptr<TraceRing>>& rings;
  bool whole_system = false;  // a stream per CPU, else per thread
  bool snapshot = false;
  std::string filter;                       // as the kernel has it
  std::vector<uint64_t> kernel_change_ids;  // of KernelChanges
};

// HEADER_ATTRs, AUXTRACE_INFO, TIME_CONV and ID_INDEX.
std::vector<uint8_t> make_pt_head(const HeadInput& input,
                                  const bindings::Pmu& pmu,
                                  const PtConfig& config);
std::vector<uint8_t> make_bts_head(const HeadInput& input,
                                   const bindings::Pmu& pmu);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_TRACE_HEAD_H_
