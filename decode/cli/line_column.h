// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// --lines: the source line of an address.

#ifndef PTCAP_DECODE_CLI_LINE_COLUMN_H_
#define PTCAP_DECODE_CLI_LINE_COLUMN_H_

#include <cstdint>
#include <string>
#include <unordered_map>

#include "decode/names.h"

namespace ptcap::decode {

// Remembers what it has found: DWARF is slow, and rows repeat.
class LineColumn {
 public:
  explicit LineColumn(Names& names) : names_(names) {}

  // "/src/main.c:12", of the innermost inlined function; empty where nothing
  // is known. Valid until the next call.
  const std::string& at(const TraceStream& lane, uint64_t ip, uint64_t time_ns);

 private:
  static constexpr size_t kRemembered = 1 << 20;

  Names& names_;
  std::unordered_map<const Module*, std::unordered_map<uint64_t, std::string>>
      known_;
  size_t count_ = 0;
  std::string none_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_LINE_COLUMN_H_
