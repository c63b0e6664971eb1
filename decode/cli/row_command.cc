// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/row_command.h"

#include <cstdio>

#include "decode/branch_rows.h"

namespace ptcap::decode {

void GapLog::add(const TraceStream& /*stream*/, const FlowItem& gap) {
  if (count_ == 0) first_ = gap;
  ++count_;
  ++by_cause_[static_cast<size_t>(gap.cause)];
}

void GapLog::report(formats::Reporter& reporter) const {
  if (count_ == 0) return;
  std::string text = std::to_string(count_) + (count_ == 1 ? " gap" : " gaps");
  const char* separator = " (";
  for (size_t cause = 0; cause < by_cause_.size(); ++cause) {
    if (by_cause_[cause] == 0) continue;
    text += separator + std::to_string(by_cause_[cause]) + " " +
            std::string(flow_cause_name(static_cast<FlowCause>(cause)));
    separator = ", ";
  }
  char where[96];
  std::snprintf(where, sizeof(where), "); the first at offset %llx, ip %llx",
                static_cast<unsigned long long>(first_.offset),
                static_cast<unsigned long long>(first_.from));
  text += where;
  if (by_cause_[static_cast<size_t>(FlowCause::kNoCode)] != 0) {
    text +=
        "\n  nocode: the trace has no code there; --sysroot names the "
        "traced files";
  }
  reporter.warn(text);
}

TimeRange time_range(const CommandLine& line, const Trace& trace) {
  TimeRange range;
  if (!line.begin && !line.end) return range;
  if (!trace.has_time()) {
    throw std::runtime_error(line.traces.front() +
                             ": --time: the trace has no time packets");
  }
  auto absolute = [&](const TimePoint& point) {
    return point.from_start ? trace.first_ns() + point.ns : point.ns;
  };
  if (line.begin) range.begin = absolute(*line.begin);
  if (line.end) range.end = absolute(*line.end);
  return range;
}

std::vector<const TraceStream*> selected(const CommandLine& line,
                                         const Trace& trace) {
  auto wanted = [](const std::set<uint32_t>& ids,
                   const std::optional<uint32_t>& id) {
    return ids.empty() || (id && ids.contains(*id));
  };
  std::vector<const TraceStream*> streams;
  for (const TraceStream& stream : trace.streams()) {
    if (wanted(line.pids, stream.pid) && wanted(line.tids, stream.tid) &&
        wanted(line.cpus, stream.cpu)) {
      streams.push_back(&stream);
    }
  }
  return streams;
}

SymbolOptions symbol_options(const CommandLine& line) {
  SymbolOptions options;
  options.sysroot = line.sysroot;
  return options;
}

TraceOptions trace_options(const CommandLine& line) {
  TraceOptions options;
  options.sysroot = line.sysroot;
  return options;
}

int finish(const CommandLine& line, const Trace& trace, const GapLog& gaps,
           formats::Reporter& reporter) {
  gaps.report(reporter);
  if (trace.facts().lost_records != 0) {
    reporter.warn(std::to_string(trace.facts().lost_records) +
                  " records were lost in capture");
  }
  const bool incomplete = gaps.count() != 0 || trace.reader().salvaged();
  return line.strict && incomplete ? kExitIncomplete : kExitOk;
}

RowRun::RowRun(const CommandLine& command_line, formats::Reporter& to)
    : line(command_line),
      reporter(to),
      trace(line.traces.front(), trace_options(line), reporter),
      out({line.output, line.force, line.colour}),
      names(trace, symbol_options(line), reporter),
      filter(line, &names),
      range(time_range(line, trace)) {}

const FlowBatch& FlowPull::next() {
  engine_->next(batch_);
  for (const FlowItem& item : batch_) {
    if (item.kind == FlowKind::kGap) [[unlikely]] {
      gaps_.add(stream_, item);
    }
  }
  return batch_;
}

}  // namespace ptcap::decode
