// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec functions: what each function ran, most instructions first.

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <tuple>

#include "decode/branch_rows.h"
#include "decode/cli/command.h"
#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/cli/row_command.h"
#include "decode/cli/row_printer.h"

namespace ptcap::decode {

namespace {

struct FunctionRow {
  std::string module, function;
  uint64_t instructions = 0;
  uint64_t calls = 0;
};

// Counts by name, so that a library at two addresses is one.
class FunctionCounts {
 public:
  explicit FunctionCounts(Names& names) : names_(names) {}

  void block(const TraceStream& stream, const FlowItem& block) {
    at(stream, block.begin, block.time).instructions += block.ninsn;
  }
  void call(const TraceStream& stream, uint64_t to, uint64_t time) {
    ++at(stream, to, time).calls;
  }

  std::vector<FunctionRow> sorted() const {
    std::vector<FunctionRow> rows;
    for (const auto& [key, row] : rows_) rows.push_back(row);
    std::stable_sort(rows.begin(), rows.end(),
                     [](const FunctionRow& a, const FunctionRow& b) {
                       return a.instructions > b.instructions;
                     });
    return rows;
  }

 private:
  FunctionRow& at(const TraceStream& stream, uint64_t ip, uint64_t time) {
    const Place& place = names_.at(stream, ip, time);
    const auto key = std::make_tuple(place.module_name(), place.function);
    if (last_ != nullptr && key == last_key_) return *last_;
    FunctionRow& row = rows_[key];
    if (row.module.empty()) {
      row.module = place.module_name();
      row.function = place.function.empty() ? "[unknown]" : place.function;
    }
    last_key_ = key;
    last_ = &row;
    return row;
  }

  // Views into Names, which lives longer.
  using Key = std::tuple<std::string_view, std::string_view>;

  Names& names_;
  std::map<Key, FunctionRow> rows_;
  Key last_key_;
  FunctionRow* last_ = nullptr;
};

void count(RowRun& run, const TraceStream& stream, FunctionCounts& counts) {
  FlowPull pull(run.trace, run.parts(stream), run.gaps);
  BranchRows branches(/*not_taken=*/false);
  std::vector<BranchRow> rows;
  for (;;) {
    const FlowBatch& batch = pull.next();
    if (batch.empty()) return;
    for (const FlowItem& item : batch) {
      if (item.kind == FlowKind::kBlock && keeps(run, stream, item)) {
        counts.block(stream.lane(item.slice), item);
      }
    }
    rows.clear();
    branches.add(batch, rows);
    for (const BranchRow& row : rows) {
      if (row.kind != BranchKind::kCall &&
          row.kind != BranchKind::kIndirectCall) {
        continue;
      }
      const TraceStream& lane = stream.lane(row.slice);
      if (!run.range.holds(row.time) || !run.wants(lane)) continue;
      if (!run.filter.passes(lane, row.to, row.time)) continue;
      counts.call(lane, row.to, row.time);
    }
  }
}

void print(Output& out, Format format, const std::vector<FunctionRow>& rows,
           uint64_t total) {
  if (format == Format::kTsv) {
    out.write("#module\tfunction\tinsns\tcalls\n");
  } else if (format == Format::kText) {
    out.write("       insns       %       calls  function (module)\n");
  }
  char buffer[96];
  for (const FunctionRow& row : rows) {
    const auto insns = static_cast<unsigned long long>(row.instructions);
    const auto calls = static_cast<unsigned long long>(row.calls);
    switch (format) {
      case Format::kTsv:
        std::snprintf(buffer, sizeof(buffer), "\t%llu\t%llu\n", insns, calls);
        out.write(row.module + "\t" + row.function + buffer);
        break;
      case Format::kJson:
        std::snprintf(buffer, sizeof(buffer),
                      "\",\"insns\":%llu,\"calls\":%llu}\n", insns, calls);
        out.write("{\"module\":\"" + json_escaped(row.module) +
                  "\",\"function\":\"" + json_escaped(row.function) + buffer);
        break;
      case Format::kText:
        std::snprintf(buffer, sizeof(buffer), "%12llu  %6.2f%12llu  ", insns,
                      total == 0 ? 0.0
                                 : 100.0 * static_cast<double>(insns) /
                                       static_cast<double>(total),
                      calls);
        out.write(buffer + row.function + " (" + row.module + ")\n");
        break;
    }
  }
}

}  // namespace

int run_functions(const CommandLine& line, formats::Reporter& reporter) {
  RowRun run(line, reporter);
  FunctionCounts counts(run.names);
  for (const TraceStream* stream : selected(line, run.trace)) {
    count(run, *stream, counts);
  }
  std::vector<FunctionRow> rows = counts.sorted();
  uint64_t total = 0;
  for (const FunctionRow& row : rows) total += row.instructions;
  if (line.limit && rows.size() > *line.limit) rows.resize(*line.limit);
  if (line.last && rows.size() > *line.last) {
    rows.erase(rows.begin(),
               rows.end() - static_cast<std::ptrdiff_t>(*line.last));
  }
  print(run.out, line.format, rows, total);
  run.out.flush();
  return finish(line, run.trace, run.gaps, reporter);
}

}  // namespace ptcap::decode
