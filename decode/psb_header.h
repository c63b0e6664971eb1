// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What a PSB+ says: the state of the flow where decoding can begin.

#ifndef PTCAP_DECODE_PSB_HEADER_H_
#define PTCAP_DECODE_PSB_HEADER_H_

#include <cstdint>
#include <optional>
#include <span>

namespace ptcap::decode {

// SDM vol. 3, 33.4.2.17. A PSB+ is at most PSB, TSC, TMA, PIP, VMCS, CBR,
// MODE.TSX, MODE.Exec, FUP, MTC, PSBEND and some CYC: far below this.
inline constexpr uint64_t kMaxPsbHeaderSize = 256;

struct PsbHeader {
  std::optional<uint64_t> ip;  // of the next instruction, if tracing is on
  std::optional<uint64_t> tsc;
  bool has_mode = false;  // MODE.Exec
  bool whole = false;     // down to its PSBEND
};

// `bytes` begin at the PSB.
PsbHeader parse_psb_header(std::span<const uint8_t> bytes);

// Where the first whole PSB at or after `from` begins. Bytes of a payload in
// front of it that look like its beginning are not taken for it.
std::optional<uint64_t> find_sync(std::span<const uint8_t> bytes,
                                  uint64_t from);

// The last one in front of `before`, but behind `after`.
std::optional<uint64_t> find_last_sync(std::span<const uint8_t> bytes,
                                       uint64_t after, uint64_t before);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_PSB_HEADER_H_
