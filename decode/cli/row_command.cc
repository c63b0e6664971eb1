// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/row_command.h"

#include <algorithm>
#include <map>

#include "decode/branch_rows.h"
#include "decode/cli/around.h"
#include "formats/elf/elf_file.h"
#include "formats/io/hex.h"

namespace ptcap::decode {

namespace {

// What made a gap, and what helps.
const char* advice(FlowCause cause) {
  switch (cause) {
    case FlowCause::kOverflow:
      return "overflow: the CPU made packets faster than it could write them; "
             "trace less (--filter, no cyc)";
    case FlowCause::kLost:
      return "lost: bytes are not in the trace ('ptdec info' has the losses); "
             "a larger --aux-size, or a trace of less";
    case FlowCause::kDesync:
      return "desync: the packets do not fit the code; other code ran than "
             "the trace or the files here have";
    case FlowCause::kCorrupt:
      return "corrupt: bytes that are no packets; 'ptdec verify' checks the "
             "file";
    default:
      return "";
  }
}

}  // namespace

void GapLog::add(const TraceStream& lane, const FlowItem& gap) {
  if (count_ == 0) {
    first_ = gap;
    first_lane_ = &lane;
  }
  ++count_;
  ++by_cause_[static_cast<size_t>(gap.cause)];
  if (gap.cause == FlowCause::kNoCode && no_code_.size() < kMaxNoCode) {
    no_code_.push_back({&lane, gap.from, gap.time});
  }
}

// By module, most gaps first, each with the first ip.
std::string GapLog::missing_code(const Trace& trace) const {
  struct Missing {
    std::string module;
    uint64_t ip = 0;
    uint64_t count = 0;
  };
  std::map<std::string, Missing> by_module;
  std::map<const TraceStream*, ModuleMap> maps;
  for (const NoCode& gap : no_code_) {
    auto at = maps.find(gap.lane);
    if (at == maps.end()) {
      at = maps.emplace(gap.lane, trace.modules(*gap.lane)).first;
    }
    at->second.advance(gap.time);
    std::string name = "nothing is mapped there";
    if (const Module* module = at->second.find(gap.ip)) {
      name = module->name;
      if (!module->build_id.empty()) {
        name += ", build-id " + formats::to_hex(module->build_id);
      }
    }
    Missing& missing = by_module[name];
    if (missing.count++ == 0) missing.ip = gap.ip;
    missing.module = name;
  }
  std::vector<Missing> sorted;
  sorted.reserve(by_module.size());
  for (auto& [name, missing] : by_module) sorted.push_back(missing);
  std::stable_sort(
      sorted.begin(), sorted.end(),
      [](const Missing& a, const Missing& b) { return a.count > b.count; });
  std::string text;
  for (const Missing& missing : sorted) {
    text += "\n  nocode: no code at " + formats::hex(missing.ip) + " (" +
            missing.module + "): " + std::to_string(missing.count) +
            (missing.count == 1 ? " gap" : " gaps");
  }
  return text +
         "\n  --sysroot names the folder of the traced files, --image-store "
         "that of ptcap --images store=";
}

void GapLog::report(const Trace& trace, formats::Reporter& reporter) const {
  if (count_ == 0) return;
  std::string text = std::to_string(count_) + (count_ == 1 ? " gap" : " gaps");
  const char* separator = " (";
  std::string help;
  for (size_t i = 0; i < by_cause_.size(); ++i) {
    if (by_cause_[i] == 0) continue;
    const auto cause = static_cast<FlowCause>(i);
    text += separator + std::to_string(by_cause_[i]) + " " +
            std::string(flow_cause_name(cause));
    separator = ", ";
    if (cause == FlowCause::kNoCode) {
      help += missing_code(trace);
    } else {
      help += std::string("\n  ") + advice(cause);
    }
  }
  text += "); the first at offset " + formats::hex(first_.offset) + ", ip " +
          formats::hex(first_.from);
  if (first_lane_->tid) text += ", tid " + std::to_string(*first_lane_->tid);
  if (first_.time != 0) text += ", time " + std::to_string(first_.time);
  reporter.warn(text + help);
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
  options.fast = line.engine != "libipt";
  options.image_store = line.image_store;
  if (line.errata.empty() || line.errata == "none") {
    options.errata = line.errata;
    return options;
  }
  options.errata = "GenuineIntel," + line.errata;
  std::replace(options.errata.begin(), options.errata.end(), '/', ',');
  if (!parse_cpuid(options.errata)) {
    throw UsageError("--errata " + line.errata +
                     ": neither FAMILY/MODEL/STEPPING nor none");
  }
  return options;
}

int finish(const CommandLine& line, const Trace& trace, const GapLog& gaps,
           formats::Reporter& reporter) {
  gaps.report(trace, reporter);
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
      range(time_range(line, trace)) {
  if (!trace.streams().empty() && selected(line, trace).empty()) {
    reporter.warn(line.traces.front() +
                  ": nothing has that --pid, --tid or --cpu; 'ptdec info' "
                  "lists what there is");
  }
  if (!line.around.empty()) range = find_around(*this);
}

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
    const StreamPart& part = parts_.parts[next_part_++];
    // Only libipt tells of events.
    engine_ = events_ == nullptr ? trace_.open(*parts_.stream, part)
                                 : trace_.open_exact(*parts_.stream, part,
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
