// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/calls/call.h"

#include <array>

#include "decode/branch_rows.h"
#include "formats/io/hex.h"

namespace ptcap::decode {

namespace {

constexpr std::array<std::string_view, 7> kKindNames = {
    "call", "tail", "signal", "async", "syscall", "off", "resumed"};
constexpr std::array<std::string_view, 6> kEndNames = {
    "return", "tail", "unwound", "exec", "gap", "open"};

}  // namespace

std::string_view call_kind_name(CallKind kind) {
  return kKindNames[static_cast<size_t>(kind)];
}

std::string_view call_end_name(CallEnd end) {
  return kEndNames[static_cast<size_t>(end)];
}

std::string shown_name(const Call& call) {
  if (call.function == nullptr) {
    return "[" + std::string(flow_cause_name(call.cause)) + "]";
  }
  if (!call.function->name.empty()) return call.function->name;
  return "0x" + formats::hex(call.entry);
}

}  // namespace ptcap::decode
