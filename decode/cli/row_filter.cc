// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/row_filter.h"

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
  return function_.empty() || place.function == function_ ||
         without_parameters(place.function) == function_;
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
