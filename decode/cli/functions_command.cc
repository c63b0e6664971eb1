// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec functions: what each function ran, most instructions first.

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "decode/calls/function_counts.h"
#include "decode/cli/around.h"
#include "decode/cli/call_source.h"
#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/cli/row_printer.h"

namespace ptcap::decode {

namespace {

struct FunctionRow {
  const Function* function = nullptr;
  FunctionCount count;

  std::string_view name() const {
    return function->name.empty() ? std::string_view("[unknown]")
                                  : std::string_view(function->name);
  }
};

std::vector<FunctionRow> rows_of(const CommandLine& line,
                                 const SeenFunctions& seen,
                                 const FunctionCounts& counts) {
  std::vector<FunctionRow> rows;
  for (const Function& function : seen.functions()) {
    if (function.id >= counts.counts().size()) break;
    const FunctionCount& count = counts.counts()[function.id];
    if (count.calls == 0 && count.self_insns == 0) continue;
    if (!line.module.empty() && !is_in_module(function, line.module)) continue;
    if (!line.function.empty() && !is_function(function, line.function)) {
      continue;
    }
    rows.push_back({&function, count});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const FunctionRow& a, const FunctionRow& b) {
                     return a.count.self_insns > b.count.self_insns;
                   });
  return rows;
}

class FunctionPrinter {
 public:
  struct Columns {
    bool time = false;
    bool cycles = false;
  };
  FunctionPrinter(Format format, Columns columns, uint64_t all_insns,
                  Output& out)
      : format_(format),
        has_time_(columns.time),
        has_cycles_(columns.cycles),
        all_insns_(all_insns),
        out_(out) {}

  void header() {
    if (format_ == Format::kTsv) {
      out_.write(
          "#module\tfunction\tinsns\ttotal_insns\tcalls\tself_ns\ttotal_ns\t"
          "off_ns\tself_cycles\ttotal_cycles\tipc\n");
    } else if (format_ == Format::kText) {
      out_.write("       insns       %       total       calls  ");
      if (has_time_) out_.write("     self us     total us  ");
      if (has_cycles_) out_.write("      cycles       total    IPC  ");
      out_.write("function (module)\n");
    }
  }

  void row(const FunctionRow& row) {
    switch (format_) {
      case Format::kTsv:
        return tsv(row);
      case Format::kJson:
        return json(row);
      case Format::kText:
        return text(row);
    }
  }

 private:
  void tsv(const FunctionRow& row) {
    out_.write(row.function->module);
    out_.write("\t");
    out_.write(row.name());
    for (const uint64_t value :
         {row.count.self_insns, row.count.total_insns, row.count.calls}) {
      out_.write("\t" + std::to_string(value));
    }
    for (const uint64_t value :
         {row.count.self_ns, row.count.total_ns, row.count.off_ns}) {
      out_.write(has_time_ ? "\t" + std::to_string(value) : "\t");
    }
    for (const uint64_t value :
         {row.count.self_cycles, row.count.total_cycles}) {
      out_.write(has_cycles_ ? "\t" + std::to_string(value) : "\t");
    }
    out_.write("\t" + ipc(row.count) + "\n");
  }

  void json(const FunctionRow& row) {
    out_.write("{\"module\":\"" + json_escaped(row.function->module) +
               "\",\"function\":\"" + json_escaped(row.name()) + "\"");
    out_.room();
    put_json_number(out_, "insns", row.count.self_insns, true);
    put_json_number(out_, "total_insns", row.count.total_insns, true);
    put_json_number(out_, "calls", row.count.calls, true);
    put_json_number(out_, "self_ns", row.count.self_ns, has_time_);
    put_json_number(out_, "total_ns", row.count.total_ns, has_time_);
    put_json_number(out_, "off_ns", row.count.off_ns, has_time_);
    put_json_number(out_, "self_cycles", row.count.self_cycles, has_cycles_);
    put_json_number(out_, "total_cycles", row.count.total_cycles, has_cycles_);
    if (const std::string known = ipc(row.count); !known.empty()) {
      out_.put(",\"ipc\":");
      out_.put(known);
    }
    out_.put("}\n");
  }

  void text(const FunctionRow& row) {
    const auto number = [](uint64_t value) {
      return static_cast<unsigned long long>(value);
    };
    const auto ratio = [](uint64_t part, uint64_t whole) {
      return whole == 0
                 ? 0.0
                 : static_cast<double>(part) / static_cast<double>(whole);
    };
    char buffer[128];
    std::snprintf(buffer, sizeof(buffer), "%12llu  %6.2f%12llu%12llu  ",
                  number(row.count.self_insns),
                  100.0 * ratio(row.count.self_insns, all_insns_),
                  number(row.count.total_insns), number(row.count.calls));
    out_.write(buffer);
    if (has_time_) {
      std::snprintf(buffer, sizeof(buffer), "%12.1f %12.1f  ",
                    ratio(row.count.self_ns, 1000),
                    ratio(row.count.total_ns, 1000));
      out_.write(buffer);
    }
    if (has_cycles_) {
      std::snprintf(buffer, sizeof(buffer), "%12llu%12llu  %5s  ",
                    number(row.count.self_cycles),
                    number(row.count.total_cycles), ipc(row.count).c_str());
      out_.write(buffer);
    }
    out_.write(row.name());
    out_.write(" (" + row.function->module + ")\n");
  }

  // Instructions a cycle of its own; empty unknown.
  static std::string ipc(const FunctionCount& count) {
    if (count.self_cycles == 0) return "";
    char text[32];
    std::snprintf(text, sizeof(text), "%.2f",
                  static_cast<double>(count.self_insns) /
                      static_cast<double>(count.self_cycles));
    return text;
  }

  Format format_;
  bool has_time_;
  bool has_cycles_;
  uint64_t all_insns_;
  Output& out_;
};

}  // namespace

int run_functions(const CommandLine& line, formats::Reporter& reporter) {
  RowRun run(line, reporter);
  SeenFunctions seen;
  FunctionCounts counts;
  for (const StreamGroup& group : stream_groups(run)) {
    CallPull pull(run, group, seen, [&](const TraceStream& /*lane*/) {
      return std::make_unique<CountedStack>(counts);
    });
    while (pull.next()) {
    }
  }
  std::vector<FunctionRow> rows = rows_of(line, seen, counts);
  uint64_t all_insns = 0;
  bool has_cycles = false;
  for (const FunctionRow& row : rows) {
    all_insns += row.count.self_insns;
    has_cycles = has_cycles || row.count.self_cycles != 0;
  }
  keep_asked(line, rows);
  FunctionPrinter printer(line.format,
                          {.time = run.trace.has_time(), .cycles = has_cycles},
                          all_insns, run.out);
  printer.header();
  for (const FunctionRow& row : rows) printer.row(row);
  run.out.flush();
  warn_if_unknown(line, seen, reporter);
  return finish(line, run.trace, run.gaps, reporter);
}

}  // namespace ptcap::decode
