// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/call_source.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <utility>

#include "decode/symbols/escape.h"

namespace ptcap::decode {

CallSelection call_selection(const CommandLine& line, const Trace& trace) {
  if (line.min_duration_ns != 0 && !trace.has_time()) {
    throw std::runtime_error(line.traces.front() +
                             ": --min-duration: the trace has no time packets");
  }
  CallSelection selection;
  selection.function = line.function;
  selection.module = line.module;
  selection.depth = line.depth;
  selection.min_ns = line.min_duration_ns;
  return selection;
}

// One thread's.
struct CallPull::Stack {
  Stack(CallPull& pull, const TraceStream& first)
      : lane(&first),
        functions(pull.run_.names, first, pull.seen_),
        sink(pull.make_sink_(first)),
        machine(functions, *sink, pull.clock_) {}

  const TraceStream* lane;  // where it runs
  StreamFunctions functions;
  std::unique_ptr<CallSink> sink;
  CallMachine machine;
};

// One stream, and what of it is not followed yet.
struct CallPull::Source {
  Source(RowRun& run, const TraceStream& of)
      : stream(of), pull(run.trace, run.parts(of), run.gaps) {}

  // Items without time are where the one before them is.
  uint64_t time_of(const FlowItem& item) {
    time = std::max(time, order_time(stream, item));
    return time;
  }

  const TraceStream& stream;
  FlowPull pull;
  std::span<const FlowItem> items;
  uint64_t time = 0;
  bool ends = false;  // no more items than these are wanted
};

namespace {

// Whether they are parts of one thread. Each CPU has its own idle thread.
bool same_thread(const TraceStream& a, const TraceStream& b) {
  if (&a == &b) return true;
  return !a.timeline && !b.timeline && a.cpu && b.cpu && a.tid && *a.tid != 0 &&
         a.tid == b.tid && a.pid == b.pid;
}

}  // namespace

std::vector<StreamGroup> stream_groups(const RowRun& run) {
  std::vector<StreamGroup> groups;
  std::optional<size_t> of_cpus;
  for (const TraceStream* stream : selected(run.line, run.trace)) {
    if (stream->lanes.empty()) {
      groups.push_back({stream});
    } else if (of_cpus) {
      groups[*of_cpus].push_back(stream);
    } else {
      of_cpus = groups.size();
      groups.push_back({stream});
    }
  }
  for (StreamGroup& group : groups) {
    std::stable_sort(group.begin(), group.end(),
                     [](const TraceStream* a, const TraceStream* b) {
                       return a->first_ns < b->first_ns;
                     });
  }
  return groups;
}

CallPull::CallPull(RowRun& run, const StreamGroup& group, SeenFunctions& seen,
                   MakeSink make_sink, CallMachine::Clock clock,
                   const TraceStream* only)
    : run_(run),
      group_(group),
      seen_(seen),
      make_sink_(std::move(make_sink)),
      clock_(clock),
      only_(only) {}

CallPull::~CallPull() = default;

CallPull::Stack& CallPull::stack_of(const TraceStream& lane) {
  Stack*& stack = stack_of_lane_[&lane];
  if (stack != nullptr) return *stack;
  for (const auto& known : stacks_) {
    if (same_thread(*known->lane, lane)) return *(stack = known.get());
  }
  stacks_.push_back(std::make_unique<Stack>(*this, lane));
  return *(stack = stacks_.back().get());
}

bool CallPull::wants(const TraceStream& stream, const TraceStream& lane) const {
  if (only_ != nullptr) return same_thread(lane, *only_);
  return &lane == &stream || run_.wants(lane);
}

void CallPull::open() {
  opened_ = true;
  for (const TraceStream* stream : group_) {
    sources_.push_back(std::make_unique<Source>(run_, *stream));
    if (!refill(*sources_.back())) sources_.pop_back();
  }
}

// False at the end of the source.
bool CallPull::refill(Source& source) {
  while (source.items.empty()) {
    if (source.ends) return false;
    const FlowBatch& batch = source.pull.next();
    if (batch.empty()) return false;
    source.items = in_range(source, batch);
  }
  return true;
}

// The source whose next item is the first in time; the others' are at `until`
// or behind it.
size_t CallPull::first_source(uint64_t& until) {
  until = ~uint64_t{0};
  if (sources_.size() == 1) return 0;
  size_t first = 0;
  uint64_t first_time = ~uint64_t{0};
  for (size_t i = 0; i < sources_.size(); ++i) {
    Source& source = *sources_[i];
    const uint64_t time = source.time_of(source.items.front());
    if (time < first_time) {
      until = first_time;
      first_time = time;
      first = i;
    } else {
      until = std::min(until, time);
    }
  }
  return first;
}

bool CallPull::next() {
  if (!opened_) open();
  if (finished_) return false;
  if (sources_.empty()) {
    finish();
    return false;
  }
  uint64_t until = 0;
  const size_t index = first_source(until);
  Source& source = *sources_[index];
  while (!source.items.empty()) {  // slice by slice
    const FlowItem& front = source.items.front();
    const auto other = std::find_if(
        source.items.begin() + 1, source.items.end(),
        [&](const FlowItem& item) {
          return item.slice != front.slice ||
                 (until != ~uint64_t{0} && source.time_of(item) > until);
        });
    const auto size = static_cast<size_t>(other - source.items.begin());
    lane_ = &source.stream.lane(front.slice);
    if (wants(source.stream, *lane_)) {
      Stack& stack = stack_of(*lane_);
      stack.lane = lane_;
      if (watch_) watch_(source.items.first(size), stack.functions);
      stack.machine.add(source.items.first(size));
    }
    source.items = source.items.subspan(size);
    if (!source.items.empty() && source.time_of(source.items.front()) > until) {
      return true;
    }
  }
  if (!refill(source)) {
    sources_.erase(sources_.begin() + static_cast<std::ptrdiff_t>(index));
  }
  return true;
}

void CallPull::finish() {
  finished_ = true;
  for (const auto& stack : stacks_) {
    lane_ = stack->lane;
    stack->machine.finish();
  }
}

// Times do not go back.
std::span<const FlowItem> CallPull::in_range(
    Source& source, std::span<const FlowItem> items) const {
  const auto before = [](const FlowItem& item, uint64_t time) {
    return item.time < time;
  };
  if (!items.empty() && items.front().time < run_.range.begin) {
    const auto first =
        std::lower_bound(items.begin(), items.end(), run_.range.begin, before);
    items = items.subspan(static_cast<size_t>(first - items.begin()));
  }
  if (!items.empty() && items.back().time >= run_.range.end) {
    const auto end =
        std::lower_bound(items.begin(), items.end(), run_.range.end, before);
    items = items.first(static_cast<size_t>(end - items.begin()));
    source.ends = true;
  }
  return items;
}

std::vector<ThreadPart> thread_parts(const RowRun& run) {
  std::vector<ThreadPart> parts;
  for (const StreamGroup& group : stream_groups(run)) {
    const size_t first = parts.size();
    for (const TraceStream* stream : group) {
      if (stream->lanes.empty()) parts.push_back({group, stream});
      std::set<const TraceStream*> known;
      for (const TraceStream* lane : stream->lanes) {
        if (!run.wants(*lane) || !known.insert(lane).second) continue;
        const bool is_new =
            std::none_of(parts.begin() + static_cast<std::ptrdiff_t>(first),
                         parts.end(), [&](const ThreadPart& part) {
                           return same_thread(*part.lane, *lane);
                         });
        if (is_new) parts.push_back({group, lane});
      }
    }
  }
  return parts;
}

std::string thread_name(const Trace& trace, const TraceStream& lane) {
  std::string name;
  if (lane.tid) {
    const auto at = trace.facts().threads.find(*lane.tid);
    if (at != trace.facts().threads.end()) name = escape_text(at->second.comm);
    name += (name.empty() ? "thread " : " ") + std::to_string(*lane.tid);
  }
  // A thread may have run on others, too.
  if (lane.cpu && lane.tid.value_or(0) == 0) {
    name += (name.empty() ? "CPU " : " on CPU ") + std::to_string(*lane.cpu);
  }
  return name.empty() ? "the trace" : name;
}

}  // namespace ptcap::decode
