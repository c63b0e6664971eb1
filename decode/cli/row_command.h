// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the commands that print the flow have in common: which streams, which
// part of them, in which order, and what to say of gaps in the end.

#ifndef PTCAP_DECODE_CLI_ROW_COMMAND_H_
#define PTCAP_DECODE_CLI_ROW_COMMAND_H_

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "decode/cli/command.h"
#include "decode/cli/command_line.h"
#include "decode/cli/output.h"
#include "decode/cli/row_filter.h"
#include "decode/names.h"
#include "decode/row_merge.h"
#include "decode/trace.h"
#include "formats/io/reporter.h"

namespace ptcap::decode {

// The gaps of a run, to be told at its end.
class GapLog {
 public:
  void add(const TraceStream& stream, const FlowItem& gap);
  uint64_t count() const { return count_; }
  // "14 gaps (14 nocode): no code at 7ff... (libc.so.6); ..."
  void report(formats::Reporter& reporter) const;

 private:
  uint64_t count_ = 0;
  std::array<uint64_t, 16> by_cause_ = {};
  FlowItem first_;
};

// The time range of --time, absolute. Throws UsageError, or FormatError where
// the trace has no time.
struct TimeRange {
  uint64_t begin = 0;
  uint64_t end = ~0ull;

  bool holds(uint64_t time) const { return time >= begin && time < end; }
};
TimeRange time_range(const CommandLine& line, const Trace& trace);

// Those that --pid, --tid and --cpu leave.
std::vector<const TraceStream*> selected(const CommandLine& line,
                                         const Trace& trace);

SymbolOptions symbol_options(const CommandLine& line);

// Opens the trace of `line`. Throws FormatError if nothing in it can be
// decoded.
TraceOptions trace_options(const CommandLine& line);

// The exit status after all rows; reports gaps and losses.
int finish(const CommandLine& line, const Trace& trace, const GapLog& gaps,
           formats::Reporter& reporter);

// Reads a stream batch by batch; gaps go to the log.
class FlowPull {
 public:
  FlowPull(Trace& trace, const TraceStream& stream, uint64_t from_ns,
           GapLog& gaps)
      : stream_(stream), engine_(trace.open(stream, from_ns)), gaps_(gaps) {
    batch_.reserve(kBatch);
  }

  // Empty at the end. Valid until the next call.
  const FlowBatch& next();

 private:
  static constexpr size_t kBatch = 2048;

  const TraceStream& stream_;
  std::unique_ptr<FlowEngine> engine_;
  GapLog& gaps_;
  FlowBatch batch_;
};

// What a command that prints rows of the flow works with.
struct RowRun {
  RowRun(const CommandLine& command_line, formats::Reporter& to);

  const CommandLine& line;
  formats::Reporter& reporter;
  Trace trace;
  Output out;
  Names names;
  NameFilter filter;
  TimeRange range;
  GapLog gaps;
};

// Prints rows up to --limit, or the --last ones, in the range of --time.
template <typename Row, typename Open, typename Keep, typename Print>
void print_rows(const CommandLine& line, const Trace& trace, Open open,
                Keep keep, Print print) {
  const TimeRange range = time_range(line, trace);
  uint64_t left = line.limit.value_or(~0ull);
  std::deque<std::pair<const TraceStream*, Row>> last;
  auto emit = [&](const TraceStream& stream, const Row& row) {
    if (row.time >= range.end) return false;
    if (row.time < range.begin || !keep(stream, row)) return true;
    if (line.last) {
      last.emplace_back(&stream, row);
      if (last.size() > *line.last) last.pop_front();
      return true;
    }
    --left;
    print(stream, row);
    return true;
  };
  auto done = [&] { return left == 0; };
  RowMerge<Row, Open, decltype(emit), decltype(done)> merge(open, emit, done);
  merge.run(selected(line, trace), trace.has_time());
  for (const auto& [stream, row] : last) print(*stream, row);
}

// Prints what `open(stream)`, a unique_ptr to a source of rows, gives of each
// stream. Printer has header() and row(stream, row); passes(filter, stream,
// row) says what --module and --function leave. Returns the exit status.
template <typename Row, typename Open, typename Printer>
int run_rows(RowRun& run, Open open, Printer printer) {
  printer.header();
  print_rows<Row>(
      run.line, run.trace,
      [&](const TraceStream& stream) -> std::unique_ptr<RowSource<Row>> {
        return open(stream);
      },
      [&](const TraceStream& stream, const Row& row) {
        return !run.filter.active() || passes(run.filter, stream, row);
      },
      [&](const TraceStream& stream, const Row& row) {
        printer.row(stream, row);
      });
  run.out.flush();
  return finish(run.line, run.trace, run.gaps, run.reporter);
}

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_ROW_COMMAND_H_
