// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/line_column.h"

namespace ptcap::decode {

const std::string& LineColumn::at(const TraceStream& lane, uint64_t ip,
                                  uint64_t time_ns) {
  const Module* module = names_.at(lane, ip, time_ns).module;
  if (module == nullptr) return none_;
  if (count_ > kRemembered) {
    known_.clear();
    count_ = 0;
  }
  const auto [at, is_new] = known_[module].try_emplace(ip);
  if (!is_new) return at->second;
  ++count_;
  const SourceFrame frame = names_.symbols(lane, *module).line_at(ip);
  if (frame.line != 0) {
    at->second = frame.file + ":" + std::to_string(frame.line);
  }
  return at->second;
}

}  // namespace ptcap::decode
