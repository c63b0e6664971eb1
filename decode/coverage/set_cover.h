// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The fewest traces with the same coverage.

#ifndef PTCAP_DECODE_COVERAGE_SET_COVER_H_
#define PTCAP_DECODE_COVERAGE_SET_COVER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ptcap::decode {

// What one trace covers, and what it costs to keep.
struct CoverCandidate {
  std::vector<uint64_t> items;  // any names, sorted, each once
  uint64_t size_bytes = 0;
};

// Indices of candidates that together have all items: always the one with the
// most items that are still missing, the smaller one of equals, the first one
// of those. Greedy, so not always the fewest possible, which would take
// exponential time.
std::vector<size_t> cover(const std::vector<CoverCandidate>& candidates);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_COVERAGE_SET_COVER_H_
