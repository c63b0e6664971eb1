// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/row_command.h"

#include <algorithm>
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

namespace {

bool wanted(const std::set<uint32_t>& ids, const std::optional<uint32_t>& id) {
  return ids.empty() || (id && ids.contains(*id));
}

bool wants_thread(const CommandLine& line, const TraceStream& lane) {
  return wanted(line.pids, lane.pid) && wanted(line.tids, lane.tid);
}

}  // namespace

std::vector<const TraceStream*> selected(const CommandLine& line,
                                         const Trace& trace) {
  std::vector<const TraceStream*> streams;
  for (const TraceStream& stream : trace.streams()) {
    if (!wanted(line.cpus, stream.cpu)) continue;
    const bool some =
        stream.lanes.empty()
            ? wants_thread(line, stream)
            : std::any_of(stream.lanes.begin(), stream.lanes.end(),
                          [&](const TraceStream* lane) {
                            return wants_thread(line, *lane);
                          });
    if (some) streams.push_back(&stream);
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

bool RowRun::wants(const TraceStream& lane) const {
  return wants_thread(line, lane);
}

StreamParts RowRun::parts(const TraceStream& stream) {
  return {&stream,
          trace.parts(stream, range.begin, range.end,
                      [&](const TraceStream& lane) { return wants(lane); })};
}

std::vector<StreamPart> tails(Trace& trace, const TraceStream& stream,
                              const StreamPart& part) {
  constexpr size_t kFirst = 16;  // PSBs from the end
  constexpr size_t kFactor = 8;
  std::vector<uint64_t> starts;
  for (const formats::PsbEntry& psb : trace.psbs(stream)) {
    if (psb.offset > part.begin && psb.offset < part.end) {
      starts.push_back(psb.offset);
    }
  }
  std::vector<StreamPart> tails;
  for (size_t back = kFirst; back < starts.size(); back *= kFactor) {
    tails.push_back({starts[starts.size() - back], part.end});
  }
  tails.push_back(part);
  return tails;
}

const FlowBatch& FlowPull::next() {
  batch_.clear();
  for (;;) {
    if (engine_ && engine_->next(batch_)) break;
    if (next_part_ == parts_.parts.size()) return batch_;
    engine_ = trace_.open(*parts_.stream, parts_.parts[next_part_++],
                          IptKind::kBlock, events_);
  }
  for (const FlowItem& item : batch_) {
    if (item.kind == FlowKind::kGap) [[unlikely]] {
      gaps_.add(parts_.stream->lane(item.slice), item);
    }
  }
  return batch_;
}

}  // namespace ptcap::decode
