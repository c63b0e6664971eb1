// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the commands that print the flow have in common: which streams, which
// part of them, in which order, and what to say of gaps in the end.

#ifndef PTCAP_DECODE_CLI_ROW_COMMAND_H_
#define PTCAP_DECODE_CLI_ROW_COMMAND_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
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
  // "14 gaps (14 nocode); ... no code at 7ff... (libc.so.6, build-id ab12)"
  void report(const Trace& trace, formats::Reporter& reporter) const;

 private:
  struct NoCode {
    const TraceStream* lane = nullptr;
    uint64_t ip = 0;
    uint64_t time = 0;
  };
  static constexpr size_t kMaxNoCode = 4096;

  std::string missing_code(const Trace& trace) const;

  std::vector<NoCode> no_code_;  // the first
  const TraceStream* first_lane_ = nullptr;
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

// The parts of a stream that a command reads.
struct StreamParts {
  const TraceStream* stream = nullptr;
  std::vector<StreamPart> parts;  // in order
};

// Reads a stream batch by batch; gaps go to the log. FlowItem::slice says which
// lane of the stream an item is of.
class FlowPull {
 public:
  // All are borrowed. With `events` there are items of kind kOther, too.
  FlowPull(Trace& trace, StreamParts parts, GapLog& gaps,
           EventLog* events = nullptr)
      : trace_(trace), parts_(std::move(parts)), gaps_(gaps), events_(events) {
    batch_.reserve(kBatch);
  }

  // Empty at the end. Valid until the next call.
  const FlowBatch& next();

 private:
  static constexpr size_t kBatch = 2048;

  Trace& trace_;
  StreamParts parts_;
  size_t next_part_ = 0;
  std::unique_ptr<FlowEngine> engine_;
  GapLog& gaps_;
  EventLog* events_;
  FlowBatch batch_;
};

// What a command that prints rows of the flow works with.
struct RowRun {
  RowRun(const CommandLine& command_line, formats::Reporter& to);

  // Whether --pid and --tid leave this lane of a stream.
  bool wants(const TraceStream& lane) const;
  // What --time, --pid and --tid leave of a stream, and a little more.
  StreamParts parts(const TraceStream& stream);

  const CommandLine& line;
  formats::Reporter& reporter;
  Trace trace;
  Output out;
  Names names;
  NameFilter filter;
  TimeRange range;
  GapLog gaps;
};

// The stream that the row is of, as one of a thread.
template <typename Row>
const TraceStream& lane_of(const TraceStream& stream, const Row& row) {
  return stream.lane(row.slice);
}

// Whether the options leave this row. Row has members `time` and `slice`;
// passes(filter, lane, row) says what --module and --function do.
template <typename Row>
bool keeps(const RowRun& run, const TraceStream& stream, const Row& row) {
  if (!run.range.holds(row.time)) return false;
  const TraceStream& lane = lane_of(stream, row);
  if (&lane != &stream && !run.wants(lane)) return false;
  return !run.filter.active() || passes(run.filter, lane, row);
}

// Calls `print(lane, row)` for the rows up to --limit. `open(StreamParts)`
// makes a unique_ptr to a RowSource<Row>.
template <typename Row, typename Open, typename Print>
void print_first_rows(RowRun& run, Open open, Print print) {
  uint64_t left = run.line.limit.value_or(~0ull);
  auto open_stream = [&](const TraceStream& stream) {
    return std::unique_ptr<RowSource<Row>>(open(run.parts(stream)));
  };
  auto emit = [&](const TraceStream& stream, const Row& row) {
    if (row.time >= run.range.end) return false;
    if (!keeps(run, stream, row)) return true;
    --left;
    print(lane_of(stream, row), row);
    return true;
  };
  auto done = [&] { return left == 0; };
  RowMerge<Row, decltype(open_stream), decltype(emit), decltype(done)> merge(
      open_stream, emit, done);
  merge.run(selected(run.line, run.trace), run.trace.has_order());
}

// The part from PSBs nearer and nearer to its begin, and then all of it.
std::vector<StreamPart> tails(Trace& trace, const TraceStream& stream,
                              const StreamPart& part);

// The last rows of a stream: decodes from a PSB near its end, and from one
// further back as long as these are too few.
template <typename Row, typename Open>
std::deque<Row> last_rows(RowRun& run, const TraceStream& stream, size_t count,
                          Open open) {
  std::deque<Row> rows;
  const StreamParts all = run.parts(stream);
  for (size_t i = all.parts.size(); i-- > 0 && rows.size() < count;) {
    const size_t wanted = count - rows.size();
    const GapLog gaps = run.gaps;
    std::deque<Row> found;
    for (StreamPart part : tails(run.trace, stream, all.parts[i])) {
      run.gaps = gaps;
      found.clear();
      // The first row says how decoding began, unless it is the true begin.
      bool skip = part.begin != all.parts[i].begin;
      std::unique_ptr<RowSource<Row>> source = open({&stream, {part}});
      std::vector<Row> batch;
      while (source->next(batch)) {
        for (const Row& row : batch) {
          if (std::exchange(skip, false) || !keeps(run, stream, row)) continue;
          found.push_back(row);
          if (found.size() > wanted) found.pop_front();
        }
      }
      if (found.size() == wanted) break;
    }
    rows.insert(rows.begin(), found.begin(), found.end());
  }
  return rows;
}

// Calls `print(lane, row)` for the --last rows.
template <typename Row, typename Open, typename Print>
void print_last_rows(RowRun& run, Open open, Print print) {
  struct Found {
    uint64_t time = 0;
    const TraceStream* lane = nullptr;
    Row row;
  };
  const size_t count = *run.line.last;
  const bool by_time = run.trace.has_order();
  std::vector<Found> all;
  const auto streams = selected(run.line, run.trace);
  for (size_t i = streams.size(); i-- > 0;) {
    if (!by_time && all.size() >= count) break;
    std::vector<Found> some;
    uint64_t time = 0;
    for (const Row& row : last_rows<Row>(run, *streams[i], count, open)) {
      const uint64_t known = order_time(*streams[i], row);
      if (by_time && known != 0) time = known;
      some.push_back({time, &lane_of(*streams[i], row), row});
    }
    all.insert(all.begin(), some.begin(), some.end());
  }
  std::stable_sort(all.begin(), all.end(), [](const Found& a, const Found& b) {
    return a.time < b.time;
  });
  const size_t first = all.size() - std::min(all.size(), count);
  for (size_t i = first; i < all.size(); ++i) print(*all[i].lane, all[i].row);
}

// Prints the rows of all streams. Printer has header() and row(lane, row).
// Returns the exit status.
template <typename Row, typename Open, typename Printer>
int run_rows(RowRun& run, Open open, Printer printer) {
  printer.header();
  auto print = [&](const TraceStream& lane, const Row& row) {
    printer.row(lane, row);
  };
  if (run.line.last) {
    print_last_rows<Row>(run, open, print);
  } else {
    print_first_rows<Row>(run, open, print);
  }
  run.out.flush();
  run.filter.warn_if_unknown(run.reporter);
  return finish(run.line, run.trace, run.gaps, run.reporter);
}

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_ROW_COMMAND_H_
