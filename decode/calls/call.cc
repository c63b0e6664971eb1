// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/calls/call.h"

#include <array>

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

}  // namespace ptcap::decode
