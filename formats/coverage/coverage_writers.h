// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Coverage files that other tools read. Each function returns a whole file.

#ifndef PTCAP_FORMATS_COVERAGE_COVERAGE_WRITERS_H_
#define PTCAP_FORMATS_COVERAGE_COVERAGE_WRITERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "formats/coverage/coverage_data.h"

namespace ptcap::formats {

// DynamoRIO's drcov, version 2 with module table 2: what Lighthouse and most
// plugins of disassemblers read. Blocks above 64 KiB are cut to that.
std::string write_drcov(const CoverageData& coverage);

// The tracefile of lcov(1), geninfo(1): genhtml makes pages of it.
std::string write_lcov(const LineCoverage& coverage);

// LLVM's .sancov for one module (64-bit addresses): the begin of each block, as
// the module's file has its addresses.
std::string write_sancov(const CoverageData& coverage, uint32_t module);

// Which edges fall onto which byte of a map of 64 KiB, as AFL has it:
//   kQemu   cur = (to >> 4 ^ to << 8) & 65535; map[cur ^ (prev >> 1)], with
//           prev the same of `from`; to and from are offsets in their modules
//   kMix    mix(to) ^ mix(from) >> 1, with mix(v) = (v ^ v >> 31) *
//           0x7fb5d329728ea185; spreads evenly, needs no luck with alignment
enum class EdgeHash : uint8_t { kQemu, kMix };

inline constexpr size_t kAflMapSize = 1 << 16;

uint16_t edge_hash(EdgeHash hash, uint64_t from, uint64_t to);

// Hits by map index, each at most 255.
std::vector<uint8_t> afl_map(const CoverageData& coverage, EdgeHash hash);
// Hits as AFL's eight classes: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128-255
// become 1 to 8 (afl-showmap prints them so).
uint8_t afl_class(uint8_t hits);
// "id:class" a line, or "id:hits" if `raw`, as afl-showmap prints them.
std::string write_afl_text(const std::vector<uint8_t>& map, bool raw);

// The map itself, as `afl-showmap -b` writes it: hits as the bits that AFL
// compares maps by (1, 2, 4 ... 128 for the eight classes), or as they are.
std::string write_afl_bytes(const std::vector<uint8_t>& map, bool raw);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_COVERAGE_COVERAGE_WRITERS_H_
