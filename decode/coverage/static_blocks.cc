// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/coverage/static_blocks.h"

#include <algorithm>
#include <array>
#include <span>

#include "formats/x86/insn.h"

namespace ptcap::decode {

namespace {

// NOP in all its lengths (SDM vol. 2, NOP), and what linkers fill gaps with.
bool is_padding(std::span<const uint8_t> insn) {
  size_t at = 0;
  while (at < insn.size() && (insn[at] == 0x66 || insn[at] == 0x2e)) ++at;
  const auto rest = insn.subspan(at);
  if (rest.empty()) return false;
  if (rest[0] == 0x90 || rest[0] == 0xcc) return true;
  return rest.size() > 1 && rest[0] == 0x0f && rest[1] == 0x1f;
}

bool has_target(x86::InsnClass kind) {
  return kind == x86::InsnClass::kCondJump || kind == x86::InsnClass::kJump ||
         kind == x86::InsnClass::kCall;
}

bool ends_block(x86::InsnClass kind) {
  switch (kind) {
    case x86::InsnClass::kOther:
    case x86::InsnClass::kMovToCr3:
    case x86::InsnClass::kPtwrite:
      return false;
    default:
      return true;
  }
}

}  // namespace

std::vector<uint64_t> static_blocks(const CodeView& code, uint64_t begin,
                                    uint64_t end, ExecMode mode,
                                    const FunctionAt& function_at) {
  std::vector<uint64_t> begins;
  std::array<uint8_t, 64> buffer;  // more than one instruction: no copies
  uint64_t function_end = begin;   // of the one at `ip`
  bool begins_here = true;
  for (uint64_t ip = begin; ip < end;) {
    if (ip >= function_end) {
      const auto function = function_at(ip);
      if (function && function->begin == ip) begins_here = true;
      function_end = function ? std::max(function->end, ip + 1) : ip + 1;
    }
    const auto bytes = std::span<const uint8_t>(buffer).first(
        code.read(ip, std::span(buffer)));
    x86::Insn insn;
    if (!x86::decode_insn(
            bytes, mode == ExecMode::k64 ? x86::Mode::k64 : x86::Mode::k32,
            insn)) {
      ++ip;
      begins_here = false;
      continue;
    }
    const uint64_t next = ip + insn.length;
    if (begins_here && !is_padding(bytes.first(insn.length))) {
      begins.push_back(ip);
      begins_here = false;
    }
    if (ends_block(insn.kind)) begins_here = true;
    if (has_target(insn.kind)) {
      const uint64_t target = next + static_cast<int64_t>(insn.displacement);
      if (target >= begin && target < end) begins.push_back(target);
    }
    ip = next;
  }
  std::sort(begins.begin(), begins.end());
  begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
  return begins;
}

}  // namespace ptcap::decode
