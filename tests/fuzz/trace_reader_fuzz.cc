// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Any bytes as a trace: each container by its magic.

#include "tests/fuzz/trace_visit.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ptcap::formats::testing::visit_trace({data, size});
  return 0;
}
