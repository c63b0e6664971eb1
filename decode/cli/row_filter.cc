// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/row_filter.h"

#include "decode/cli/around.h"

namespace ptcap::decode {

bool NameFilter::passes(const TraceStream& stream, uint64_t ip,
                        uint64_t time) const {
  return !active() || passes(names_->at(stream, ip, time));
}

bool NameFilter::passes(const Place& place) const {
  if (!module_.empty()) {
    if (place.module == nullptr) return false;
    if (module_ != place.module_name() && module_ != place.module->name) {
      return false;
    }
  }
  if (function_.empty() || place.function == function_ ||
      without_parameters(place.function) == function_) {
    known_ = true;
    return true;
  }
  constexpr size_t kMost = 10'000;
  if (!known_ && others_.size() < kMost) others_.insert(place.function);
  return false;
}

void NameFilter::warn_if_unknown(formats::Reporter& reporter) const {
  if (known_ || function_.empty()) return;
  SeenFunctions seen;
  for (const std::string_view name : others_) seen.intern("", name);
  reporter.warn("--function " + function_ + ": no such function ran" +
                did_you_mean_function(function_, seen));
}

bool passes(const NameFilter& filter, const TraceStream& stream,
            const BranchRow& row) {
  return (row.has_from && filter.passes(stream, row.from, row.time)) ||
         (row.has_to && filter.passes(stream, row.to, row.time));
}

bool passes(const NameFilter& filter, const TraceStream& stream,
            const FlowItem& block) {
  return filter.passes(stream, block.begin, block.time);
}

bool passes(const NameFilter& filter, const TraceStream& stream,
            const InsnRow& insn) {
  return filter.passes(stream, insn.ip, insn.time);
}

}  // namespace ptcap::decode
