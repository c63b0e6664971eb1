// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/call_source.h"

#include <algorithm>
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
  Stack(CallPull& pull, const TraceStream& lane, uint32_t slice)
      : functions(pull.run_.names, lane, pull.seen_),
        sink(pull.make_sink_(lane, slice)),
        machine(functions, *sink, pull.clock_) {}

  StreamFunctions functions;
  std::unique_ptr<CallSink> sink;
  CallMachine machine;
};

CallPull::CallPull(RowRun& run, StreamParts parts, SeenFunctions& seen,
                   MakeSink make_sink, CallMachine::Clock clock,
                   const TraceStream* only)
    : run_(run),
      stream_(*parts.stream),
      seen_(seen),
      make_sink_(std::move(make_sink)),
      clock_(clock),
      only_(only),
      pull_(run.trace, std::move(parts), run.gaps) {}

CallPull::~CallPull() = default;

CallPull::Stack& CallPull::stack_of(uint32_t slice) {
  const TraceStream& lane = stream_.lane(slice);
  std::unique_ptr<Stack>& stack = stacks_[&lane];
  if (!stack) stack = std::make_unique<Stack>(*this, lane, slice);
  return *stack;
}

bool CallPull::wants(const TraceStream& lane) const {
  if (only_ != nullptr) return &lane == only_;
  return &lane == &stream_ || run_.wants(lane);
}

bool CallPull::next() {
  if (done_) return false;
  const FlowBatch& batch = pull_.next();
  done_ = batch.empty();
  std::span<const FlowItem> items = in_range(batch);
  while (!items.empty()) {  // slice by slice
    const auto other =
        std::find_if(items.begin(), items.end(), [&](const FlowItem& item) {
          return item.slice != items.front().slice;
        });
    const auto size = static_cast<size_t>(other - items.begin());
    if (wants(stream_.lane(items.front().slice))) {
      Stack& stack = stack_of(items.front().slice);
      if (watch_) watch_(items.first(size), stack.functions);
      stack.machine.add(items.first(size));
    }
    items = items.subspan(size);
  }
  if (!done_) return true;
  for (auto& [lane, stack] : stacks_) stack->machine.finish();
  return false;
}

// Times do not go back.
std::span<const FlowItem> CallPull::in_range(std::span<const FlowItem> items) {
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
    done_ = true;
  }
  return items;
}

std::vector<ThreadPart> thread_parts(const RowRun& run) {
  std::vector<ThreadPart> parts;
  for (const TraceStream* stream : selected(run.line, run.trace)) {
    if (stream->lanes.empty()) {
      parts.push_back({stream, stream});
      continue;
    }
    std::set<const TraceStream*> known;
    for (const TraceStream* lane : stream->lanes) {
      if (!run.wants(*lane) || !known.insert(lane).second) continue;
      parts.push_back({stream, lane});
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
  if (lane.cpu) {
    name += (name.empty() ? "CPU " : " on CPU ") + std::to_string(*lane.cpu);
  }
  return name.empty() ? "the trace" : name;
}

}  // namespace ptcap::decode
