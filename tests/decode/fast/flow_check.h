// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Whether two engines give the same flow.

#ifndef PTCAP_TESTS_DECODE_FAST_FLOW_CHECK_H_
#define PTCAP_TESTS_DECODE_FAST_FLOW_CHECK_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "decode/code_view.h"
#include "decode/fast/engine_options.h"
#include "decode/flow.h"
#include "decode/stream.h"

namespace ptcap::decode::fast {

std::vector<FlowItem> all_items(FlowEngine& engine);

// What libipt's block decoder says.
std::vector<FlowItem> flow_by_libipt(std::span<const uint8_t> trace,
                                     std::shared_ptr<const CodeView> code,
                                     const PtSettings& settings,
                                     uint64_t window_size);

// What the ordered engine says.
std::vector<FlowItem> flow_by_memory(std::span<const uint8_t> trace,
                                     std::shared_ptr<const CodeView> code,
                                     const PtSettings& settings,
                                     uint64_t window_size);

// The first item in which they differ, with what is before it; empty if none.
// Offsets, which are only near, are not compared.
std::string flow_difference(std::span<const FlowItem> expected,
                            std::span<const FlowItem> got);

}  // namespace ptcap::decode::fast

#endif  // PTCAP_TESTS_DECODE_FAST_FLOW_CHECK_H_
