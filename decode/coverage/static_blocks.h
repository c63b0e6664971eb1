// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The blocks that code has, whether they ran or not.

#ifndef PTCAP_DECODE_COVERAGE_STATIC_BLOCKS_H_
#define PTCAP_DECODE_COVERAGE_STATIC_BLOCKS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "decode/code_view.h"
#include "decode/flow.h"

namespace ptcap::decode {

// Where a function begins and where it ends, at or behind an address.
struct FunctionExtent {
  uint64_t begin = 0;
  uint64_t end = 0;
};
// The one around `ip`; nullopt where none is known.
using FunctionAt = std::function<std::optional<FunctionExtent>(uint64_t ip)>;

// Where blocks begin in [begin, end), sorted: at functions, at targets of
// direct branches, and behind branches, but not at padding. Found by reading
// instruction after instruction, so that targets of jump tables are found as
// what stands behind the branch in front of them. Data in between, which
// compilers for x86 hardly make, adds a few that are none.
std::vector<uint64_t> static_blocks(const CodeView& code, uint64_t begin,
                                    uint64_t end, ExecMode mode,
                                    const FunctionAt& function_at);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_COVERAGE_STATIC_BLOCKS_H_
