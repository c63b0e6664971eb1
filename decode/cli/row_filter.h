// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Which rows --module and --function leave.

#ifndef PTCAP_DECODE_CLI_ROW_FILTER_H_
#define PTCAP_DECODE_CLI_ROW_FILTER_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "decode/branch_rows.h"
#include "decode/cli/command_line.h"
#include "decode/cli/row_printer.h"
#include "decode/names.h"
#include "formats/io/reporter.h"

namespace ptcap::decode {

// --module and --function.
class NameFilter {
 public:
  // Borrows `names`, which only passes() of an address needs.
  NameFilter(const CommandLine& line, Names* names)
      : module_(line.module), function_(line.function), names_(names) {}

  bool active() const { return !module_.empty() || !function_.empty(); }
  bool passes(const Place& place) const;
  bool passes(const TraceStream& stream, uint64_t ip, uint64_t time) const;
  // Says so if --function named nothing that was asked about.
  void warn_if_unknown(formats::Reporter& reporter) const;

 private:
  std::string module_, function_;
  Names* names_;
  // What there was instead, as long as nothing passes.
  mutable std::set<std::string_view> others_;
  mutable bool known_ = false;
};

// A branch passes where either end does.
bool passes(const NameFilter& filter, const TraceStream& stream,
            const BranchRow& row);
bool passes(const NameFilter& filter, const TraceStream& stream,
            const FlowItem& block);
bool passes(const NameFilter& filter, const TraceStream& stream,
            const InsnRow& insn);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_ROW_FILTER_H_
