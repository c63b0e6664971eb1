// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The code that a JIT writes down for profilers: jit-PID.dump (the kernel's
// tools/perf/Documentation/jitdump-specification.txt). The program maps the
// file's first page as code, so that the trace names it.

#ifndef PTCAP_DECODE_SYMBOLS_JIT_DUMP_H_
#define PTCAP_DECODE_SYMBOLS_JIT_DUMP_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/io/reporter.h"

namespace ptcap::decode {

// A function from `time` on: it was made, or moved here.
struct JitCode {
  uint64_t time = 0;  // of JitDump::clock
  uint64_t address = 0;
  std::string name;            // escaped for output
  std::vector<uint8_t> bytes;  // not empty
};

struct JitDump {
  enum class Clock : uint8_t { kMonotonicNs, kTsc };

  uint32_t pid = 0;
  Clock clock = Clock::kMonotonicNs;
  std::vector<JitCode> code;  // in file order
};

// What is whole; where the rest is not, `reporter` hears of it, with `name`
// and the offset. nullopt if it is no jitdump of this byte order.
std::optional<JitDump> parse_jit_dump(std::span<const uint8_t> bytes,
                                      const std::string& name,
                                      formats::Reporter& reporter);

// Of a regular file that belongs to root or to the user who asks; else nullopt,
// and reported.
std::optional<JitDump> read_jit_dump(const std::string& path,
                                     formats::Reporter& reporter);

// Whether a mapping of that name is the marker: ".../jit-123.dump".
bool is_jit_dump(std::string_view path);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_SYMBOLS_JIT_DUMP_H_
