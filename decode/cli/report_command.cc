// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec report: everything about a trace on one page.

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "decode/calls/call_tree.h"
#include "decode/calls/function_counts.h"
#include "decode/cli/call_source.h"
#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/report/annotate.h"
#include "decode/report/hot_code.h"
#include "decode/report/packed_calls.h"
#include "decode/report/page.h"
#include "decode/symbols/escape.h"
#include "formats/io/hex.h"

namespace ptcap::decode {

namespace {

using Json = nlohmann::json;

constexpr size_t kMaxCalls = 5'000'000;  // on the timeline, of all threads
constexpr uint32_t kMaxDepth = 64;       // the timeline shows no more
constexpr size_t kMaxGaps = 10'000;
constexpr size_t kMaxBranches = 1'000;
constexpr size_t kMaxCode = 100;  // functions with their code
constexpr size_t kRateBins = 400;
// Of the tree: what is a smaller part of all is summed up.
constexpr uint64_t kSmallestPart = 200'000;

// Callees and labels while the trace is read: causes of kOff, then functions.
constexpr uint32_t kCauses = 16;
uint32_t key_of(const Call& call) {
  return call.function == nullptr ? static_cast<uint32_t>(call.cause)
                                  : kCauses + call.function->id;
}

struct Gap {
  size_t thread = 0;
  uint64_t time = 0;
  FlowCause cause = FlowCause::kNone;
};

struct OffCount {
  uint64_t count = 0;
  uint64_t ns = 0;
};

// What all threads share.
struct Report {
  explicit Report(RowRun& row_run) : run(row_run) {}

  RowRun& run;
  SeenFunctions seen;
  FunctionCounts counts;
  std::array<OffCount, kCauses> offs = {};
  CallTree tree;
  std::vector<PackedCalls> threads;
  std::vector<const TraceStream*> lanes;  // of the threads
  std::vector<uint64_t> ends;             // of the threads
  size_t calls = 0;
  size_t calls_left_out = 0;
  std::vector<Gap> gaps;
  std::map<uint32_t, HotCode> code;                // by pid
  std::map<uint32_t, const TraceStream*> lane_of;  // one of the process
};

// One thread's calls.
class ReportSink : public CallSink {
 public:
  ReportSink(Report& report, size_t thread)
      : report_(report), thread_(thread), counted_(report.counts) {}

  void enter(const Call& call) override {
    counted_.enter(call);
    const uint32_t above = path_.empty() ? 0 : path_.back();
    const bool too_deep = path_.size() > TreeStack::kMaxDepth;
    path_.push_back(too_deep ? above : report_.tree.child(above, key_of(call)));
    ++report_.tree.node(path_.back()).calls;
    spans_.push_back(kNone);
    if (call.depth >= kMaxDepth) return;
    if (report_.calls == kMaxCalls) {
      ++report_.calls_left_out;
      return;
    }
    ++report_.calls;
    last_ = std::max(last_, call.begin_ns);
    spans_.back() = report_.threads[thread_].enter(
        last_, key_of(call), static_cast<uint16_t>(call.depth));
  }

  void leave(const Call& call) override {
    counted_.leave(call);
    // Its own; those of its children are added with them.
    report_.tree.node(path_.back()).insns += call.self_insns;
    path_.pop_back();
    last_ = std::max(last_, call.end_ns);
    if (spans_.back() != kNone) {
      report_.threads[thread_].leave(spans_.back(), last_);
    }
    spans_.pop_back();
    report_.ends[thread_] = last_;
    if (call.function == nullptr) {
      OffCount& off = report_.offs[key_of(call)];
      ++off.count;
      off.ns += call.duration_ns();
    }
  }

  void gap(uint64_t time_ns, FlowCause cause) override {
    last_ = std::max(last_, time_ns);
    report_.ends[thread_] = last_;
    if (report_.gaps.size() < kMaxGaps) {
      report_.gaps.push_back({thread_, last_, cause});
    }
  }

 private:
  static constexpr size_t kNone = ~size_t{0};

  Report& report_;
  size_t thread_;
  CountedStack counted_;
  std::vector<uint32_t> path_;  // in the tree
  std::vector<size_t> spans_;
  uint64_t last_ = 0;
};

void read_trace(Report& report, const CallSelection& selection,
                CallMachine::Clock clock) {
  RowRun& run = report.run;
  for (const ThreadPart& part : thread_parts(run)) {
    const size_t thread = report.threads.size();
    report.threads.emplace_back();
    report.lanes.push_back(part.lane);
    report.ends.push_back(0);
    const uint32_t pid = part.lane->pid.value_or(0);
    report.lane_of[pid] = part.lane;
    HotCode& code = report.code[pid];
    HotCode::Thread branches;
    CallPull pull(
        run, part.group, report.seen,
        [&](const TraceStream& /*lane*/) {
          return std::make_unique<Filtered<ReportSink>>(selection, report,
                                                        thread);
        },
        clock, part.lane);
    pull.watch([&](std::span<const FlowItem> items, FunctionMap& functions) {
      code.add(items, functions, branches);
    });
    while (pull.next()) {
    }
  }
}

// ---------------------------------------------------------------- to JSON

// Where each function, and each cause of kOff, is in the page's list.
struct FunctionList {
  Json json = {{"name", Json::array()},  {"module", Json::array()},
               {"self", Json::array()},  {"total", Json::array()},
               {"calls", Json::array()}, {"time", Json::array()}};
  std::vector<uint32_t> index;  // by key_of()
  uint32_t size = 0;

  uint32_t add(std::string_view name, std::string_view module,
               const FunctionCount& count) {
    json["name"].push_back(name);
    json["module"].push_back(module);
    json["self"].push_back(count.self_insns);
    json["total"].push_back(count.total_insns);
    json["calls"].push_back(count.calls);
    json["time"].push_back(count.total_ns);
    return size++;
  }
};

FunctionList list_functions(const Report& report) {
  FunctionList list;
  list.index.resize(kCauses + report.seen.functions().size());
  for (uint32_t cause = 0; cause < kCauses; ++cause) {
    const OffCount& off = report.offs[cause];
    if (off.count == 0) continue;
    FunctionCount count;
    count.calls = off.count;
    count.total_ns = off.ns;
    const auto name = flow_cause_name(static_cast<FlowCause>(cause));
    list.index[cause] = list.add("[" + std::string(name) + "]", "", count);
  }
  // Those that were on a stack, if only for a moment between two gaps.
  std::vector<bool> used(list.index.size());
  for (const CallTree::Node& node : report.tree.nodes())
    used[node.label] = true;
  for (const Function& function : report.seen.functions()) {
    const auto& counts = report.counts.counts();
    if (!used[kCauses + function.id]) continue;
    FunctionCount count;
    if (function.id < counts.size()) count = counts[function.id];
    list.index[kCauses + function.id] =
        list.add(function.name.empty() ? "[unknown]" : function.name,
                 function.module, count);
  }
  return list;
}

Json tree_json(const Report& report, const FunctionList& list) {
  const std::vector<CallTree::Node>& nodes = report.tree.nodes();
  std::vector<uint64_t> total(nodes.size());
  for (size_t i = nodes.size(); i-- > 0;) {
    total[i] += nodes[i].insns;
    if (i != 0) total[nodes[i].parent] += total[i];
  }
  Json parent = Json::array();
  Json function = Json::array();
  std::vector<uint64_t> self;
  Json calls = Json::array();
  std::vector<uint32_t> place(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i) {
    const uint32_t above = place[nodes[i].parent];
    if (i != 0 && total[i] <= total[0] / kSmallestPart) {
      place[i] = above;  // too narrow to be seen: part of its caller
      self[above] += nodes[i].insns;
      continue;
    }
    place[i] = static_cast<uint32_t>(self.size());
    parent.push_back(above);
    function.push_back(i == 0 ? 0 : list.index[nodes[i].label]);
    self.push_back(nodes[i].insns);
    calls.push_back(nodes[i].calls);
  }
  return {{"parent", parent},
          {"function", function},
          {"self", self},
          {"calls", calls}};
}

Json threads_json(const Report& report, uint64_t first) {
  Json all = Json::array();
  for (size_t i = 0; i < report.threads.size(); ++i) {
    const PackedCalls& calls = report.threads[i];
    const TraceStream& lane = *report.lanes[i];
    const uint64_t begin = calls.size() == 0 ? first : calls.begin();
    all.push_back({{"pid", lane.pid.value_or(0)},
                   {"tid", lane.tid.value_or(0)},
                   {"name", thread_name(report.run.trace, lane)},
                   {"start", begin - first},
                   {"end", std::max(report.ends[i], begin) - first},
                   {"calls", calls.size()}});
  }
  return all;
}

Json gaps_json(const Report& report, uint64_t first) {
  Json all = Json::array();
  for (const Gap& gap : report.gaps) {
    std::string text;
    switch (gap.cause) {
      case FlowCause::kOverflow:
        text = "the processor's buffer was full: packets were dropped";
        break;
      case FlowCause::kLost:
        text = "the trace's buffer was full: bytes were lost";
        break;
      case FlowCause::kNoCode:
        text = "the trace has no code there; --sysroot names the traced files";
        break;
      case FlowCause::kDesync:
        text = "packets and code do not fit together";
        break;
      default:
        text = "the bytes are no packets";
    }
    all.push_back({{"thread", gap.thread},
                   {"time", gap.time < first ? 0 : gap.time - first},
                   {"cause", flow_cause_name(gap.cause)},
                   {"text", text}});
  }
  return all;
}

Json branches_json(const Report& report) {
  std::vector<HotBranch> all;
  for (const auto& [pid, code] : report.code) {
    const auto some = code.branches(kMaxBranches);
    all.insert(all.end(), some.begin(), some.end());
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const HotBranch& a, const HotBranch& b) {
                     return a.taken + a.not_taken > b.taken + b.not_taken;
                   });
  if (all.size() > kMaxBranches) all.resize(kMaxBranches);
  Json json = {{"from", Json::array()},
               {"where", Json::array()},
               {"kind", Json::array()},
               {"taken", Json::array()},
               {"not_taken", Json::array()}};
  for (const HotBranch& branch : all) {
    json["from"].push_back(formats::hex(branch.from));
    json["where"].push_back(branch.part.function->name + " (" +
                            branch.part.function->module + ")");
    json["kind"].push_back(branch_kind_name(branch.kind));
    json["taken"].push_back(branch.taken);
    json["not_taken"].push_back(branch.not_taken);
  }
  return json;
}

// The functions that ran most, each part where it ran.
std::vector<const HotBlock*> hottest_parts(
    const std::vector<HotBlock>& blocks) {
  struct Weight {
    const HotBlock* block = nullptr;
    uint64_t insns = 0;
  };
  std::map<uint64_t, Weight> parts;
  for (const HotBlock& block : blocks) {
    if (!block.part.known) continue;
    Weight& weight = parts[block.part.begin];
    weight.block = &block;
    weight.insns += block.count * block.ninsn;
  }
  std::vector<Weight> sorted;
  sorted.reserve(parts.size());
  for (const auto& [begin, weight] : parts) sorted.push_back(weight);
  std::stable_sort(
      sorted.begin(), sorted.end(),
      [](const Weight& a, const Weight& b) { return a.insns > b.insns; });
  if (sorted.size() > kMaxCode) sorted.resize(kMaxCode);
  std::vector<const HotBlock*> found;
  found.reserve(sorted.size());
  for (const Weight& weight : sorted) found.push_back(weight.block);
  return found;
}

Json code_json(const CodeOfFunction& code, const FunctionList& list) {
  Json lines = Json::array();
  for (const CodeLine& line : code.lines) {
    if (!line.source.empty()) {
      lines.push_back({{"source", line.source}});
      continue;
    }
    Json one = {{"address", formats::hex(line.address)}, {"text", line.text}};
    if (line.count != 0) one["count"] = line.count;
    lines.push_back(one);
  }
  return {{"function", list.index[kCauses + code.function->id]},
          {"lines", lines}};
}

// Of ranges that may overlap.
uint64_t bytes_in(std::vector<ModuleCode::Range> ranges) {
  std::sort(ranges.begin(), ranges.end());
  uint64_t bytes = 0;
  uint64_t done = 0;
  for (const auto& [begin, end] : ranges) {
    const uint64_t from = std::max(begin, done);
    if (from < end) bytes += end - from;
    done = std::max(done, end);
  }
  return bytes;
}

void add_code(Report& report, const FunctionList& list, Json& summary) {
  Json code_list = Json::array();
  std::map<std::string, ModuleCode> modules;
  std::map<std::string, std::set<uint32_t>> files;
  SourceFiles sources;
  for (const auto& [pid, hot] : report.code) {
    const TraceStream& lane = *report.lane_of[pid];
    StreamCode code = report.run.trace.code(lane);
    code.advance_time(~0ull);
    code.advance_offset(~0ull - 1);  // ~0 is behind all changes
    Annotator annotator(report.run.names, lane, *code.view(), sources);
    const std::vector<HotBlock> blocks = hot.blocks();
    annotator.add(blocks);
    for (const HotBlock* block : hottest_parts(blocks)) {
      if (code_list.size() == kMaxCode) break;
      code_list.push_back(
          code_json(annotator.function(block->part, block->mode), list));
    }
    for (const auto& [name, part] : annotator.modules()) {
      ModuleCode& all = modules[name];
      all.ran.insert(all.ran.end(), part.ran.begin(), part.ran.end());
      all.all = std::max(all.all, part.all);
    }
    for (const auto& [name, lines] : annotator.files()) {
      files[name].insert(lines.begin(), lines.end());
    }
  }
  summary["code"] = code_list;
  summary["modules"] = Json::array();
  for (const auto& [name, part] : modules) {
    const uint64_t hit = bytes_in(part.ran);
    summary["modules"].push_back(
        {{"name", name}, {"hit", hit}, {"all", std::max(part.all, hit)}});
  }
  summary["files"] = Json::array();
  for (const auto& [name, lines] : files) {
    summary["files"].push_back(
        {{"name", name}, {"hit", lines.size()}, {"all", 0}});
  }
}

// Bytes of trace over time, by where its PSBs are.
Json rate_json(Report& report, uint64_t first, uint64_t last) {
  std::vector<uint64_t> bins;
  const uint64_t step = std::max<uint64_t>((last - first) / kRateBins, 1);
  const auto& clock = report.run.trace.settings().clock;
  for (const TraceStream* stream :
       selected(report.run.line, report.run.trace)) {
    if (!clock) break;
    const formats::PsbEntry* before = nullptr;
    for (const formats::PsbEntry& psb : report.run.trace.psbs(*stream)) {
      if (!psb.tsc) continue;
      if (before != nullptr) {
        const uint64_t time = clock->to_ns(*before->tsc);
        const uint64_t bin = time < first ? 0 : (time - first) / step;
        if (bin <= kRateBins) {
          if (bin >= bins.size()) bins.resize(bin + 1);
          bins[bin] += psb.offset - before->offset;
        }
      }
      before = &psb;
    }
  }
  return {{"step_ns", step}, {"bytes", bins}};
}

std::string command_of(const Trace& trace) {
  std::string command;
  for (const std::string& word : trace.facts().command_line) {
    command += (command.empty() ? "" : " ") + escape_text(word);
  }
  return command;
}

Json facts_json(const Report& report, uint64_t first, uint64_t last,
                CallMachine::Clock clock) {
  const Trace& trace = report.run.trace;
  const TraceFacts& facts = trace.facts();
  Json json = Json::array();
  auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) json.push_back({name, value});
  };
  add("command", command_of(trace));
  add("trace", escape_text(report.run.line.traces.front()));
  add("host", escape_text(facts.hostname + ", " + facts.os_release + ", " +
                          facts.arch));
  add("cpu", escape_text(facts.cpu_description));
  add("source", escape_text(facts.source));
  char span[64];
  std::snprintf(span, sizeof(span), "%.6f s",
                static_cast<double>(last - first) / 1e9);
  add("time span", clock == CallMachine::Clock::kTrace
                       ? span
                       : "none: 1 ns stands for an instruction");
  // A program that became another one goes on in another stream.
  std::set<std::pair<uint32_t, uint32_t>> threads;
  for (const TraceStream* lane : report.lanes) {
    threads.emplace(lane->pid.value_or(~0u),
                    lane->tid.value_or(lane->cpu.value_or(~0u)));
  }
  add("threads", std::to_string(threads.size()));
  uint64_t insns = 0;
  for (const FunctionCount& count : report.counts.counts()) {
    insns += count.self_insns;
  }
  add("instructions", std::to_string(insns));
  return json;
}

Json ledger_json(const Report& report) {
  const Trace& trace = report.run.trace;
  Json lines = Json::array();
  Json notes = Json::array();
  bool complete = true;
  if (const auto ledger = trace.reader().ledger()) {
    complete = ledger->losses.empty();
    lines.push_back(std::to_string(ledger->produced_bytes) +
                    " bytes of trace were produced, " +
                    std::to_string(ledger->written_bytes) + " written.");
    for (const formats::Loss& loss : ledger->losses) {
      lines.push_back("Lost: " + std::to_string(loss.bytes) + " bytes; " +
                      escape_text(loss.detail));
    }
  }
  if (trace.reader().salvaged()) {
    complete = false;
    lines.push_back("The file is damaged; what could be read is shown.");
  }
  if (report.run.gaps.count() != 0) {
    complete = false;
    lines.push_back(std::to_string(report.run.gaps.count()) +
                    " gaps: pieces of the flow are missing where the list "
                    "below says.");
  }
  if (complete) lines.push_back("Nothing is missing: all was decoded.");
  if (report.calls_left_out != 0) {
    notes.push_back("The timeline has the first " +
                    std::to_string(report.calls) + " calls, without " +
                    std::to_string(report.calls_left_out) +
                    " more; --time or --function shows those.");
  }
  return {{"complete", complete}, {"lines", lines}, {"notes", notes}};
}

uint64_t first_time(const Report& report) {
  uint64_t first = ~uint64_t{0};
  for (const PackedCalls& calls : report.threads) {
    if (calls.size() != 0 && calls.begin() != 0) {
      first = std::min(first, calls.begin());
    }
  }
  return first == ~uint64_t{0} ? report.run.trace.first_ns() : first;
}

void write_report(Report& report, CallMachine::Clock clock) {
  const bool timed = clock == CallMachine::Clock::kTrace;
  const uint64_t first = timed ? first_time(report) : 0;
  uint64_t last = first;
  for (const uint64_t end : report.ends) last = std::max(last, end);
  const FunctionList list = list_functions(report);
  Json summary;
  summary["version"] = 1;
  const std::string command = command_of(report.run.trace);
  summary["title"] =
      command.empty() ? escape_text(report.run.line.traces.front()) : command;
  summary["facts"] = facts_json(report, first, last, clock);
  summary["ledger"] = ledger_json(report);
  summary["functions"] = list.json;
  summary["tree"] = tree_json(report, list);
  summary["threads"] = threads_json(report, first);
  summary["gaps"] = gaps_json(report, first);
  summary["branches"] = branches_json(report);
  add_code(report, list, summary);
  summary["rate"] = rate_json(report, first, last);
  Output& out = report.run.out;
  write_page(
      summary.dump(-1, ' ', false, Json::error_handler_t::replace),
      report.threads.size(),
      [&](size_t i) {
        return report.threads[i].size() == 0
                   ? std::string()
                   : report.threads[i].packed(list.index);
      },
      [&](std::string_view text) { out.write(text); });
  out.flush();
}

}  // namespace

int run_report(const CommandLine& line, formats::Reporter& reporter) {
  if (line.output.empty()) {
    throw UsageError("-o FILE.html is missing (- is stdout)");
  }
  RowRun run(line, reporter);
  const CallSelection selection = call_selection(line, run.trace);
  const auto clock = run.trace.has_time() ? CallMachine::Clock::kTrace
                                          : CallMachine::Clock::kInstructions;
  Report report(run);
  read_trace(report, selection, clock);
  write_report(report, clock);
  return finish(line, run.trace, run.gaps, reporter);
}

}  // namespace ptcap::decode
