// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The map that a JIT writes for profilers: /tmp/perf-PID.map (the kernel's
// tools/perf/Documentation/jit-interface.txt).

#ifndef PTCAP_DECODE_SYMBOLS_JIT_MAP_H_
#define PTCAP_DECODE_SYMBOLS_JIT_MAP_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ptcap::decode {

struct JitFunction {
  uint64_t address = 0;
  uint64_t size = 0;
  std::string name;  // escaped for output
};

// Immutable. Where entries overlap the later one counts, as JITs reuse memory.
class JitMap {
 public:
  // Lines "START SIZE NAME", hex without 0x; others are skipped.
  explicit JitMap(std::string_view text);

  // Empty if there is no such file, if it is no regular file, is too big, or
  // belongs to neither root nor the user who asks.
  static JitMap read(const std::string& path);

  // nullptr where there is none. Valid as long as this object.
  const JitFunction* find(uint64_t address) const;

  bool empty() const { return functions_.empty(); }

 private:
  std::vector<JitFunction> functions_;  // by address, without overlap
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_SYMBOLS_JIT_MAP_H_
