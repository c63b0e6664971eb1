// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/around.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <stdexcept>
#include <vector>

#include "decode/calls/call_filter.h"
#include "decode/cli/call_source.h"
#include "decode/symbols/symbolizer.h"
#include "formats/manual/closest.h"

namespace ptcap::decode {

namespace {

struct CallTime {
  uint64_t begin = 0;
  uint64_t end = 0;
  bool ended = false;
};

// The calls of one function in one group of streams, in the order of their
// begins; of those only the last `keep`, if that is not 0.
class FunctionCalls {
 public:
  explicit FunctionCalls(size_t keep) : keep_(keep) {}

  size_t begin(uint64_t time) {
    calls_.push_back({time, time, false});
    if (keep_ != 0 && calls_.size() == 2 * keep_) {
      calls_.erase(calls_.begin(),
                   calls_.begin() + static_cast<ptrdiff_t>(keep_));
      dropped_ += keep_;
    }
    return dropped_ + calls_.size() - 1;
  }
  void end(size_t call, uint64_t time) {
    if (call < dropped_) return;
    CallTime& at = calls_[call - dropped_];
    at.end = std::max(at.begin, time);
    at.ended = true;
  }

  bool has_ended(size_t first) const {
    return calls_.size() >= first &&
           std::all_of(calls_.begin(),
                       calls_.begin() + static_cast<ptrdiff_t>(first),
                       [](const CallTime& call) { return call.ended; });
  }
  size_t count() const { return dropped_ + calls_.size(); }
  const std::vector<CallTime>& calls() const { return calls_; }

 private:
  const size_t keep_;
  size_t dropped_ = 0;
  std::vector<CallTime> calls_;
};

class CallTimes : public CallSink {
 public:
  CallTimes(const std::string& function, FunctionCalls& calls)
      : function_(function), calls_(calls) {}

  void enter(const Call& call) override {
    if (call.function == nullptr || !is_function(*call.function, function_)) {
      return;
    }
    open_.emplace_back(call.serial, calls_.begin(call.begin_ns));
  }
  void leave(const Call& call) override {
    if (open_.empty() || open_.back().first != call.serial) return;
    calls_.end(open_.back().second, call.end_ns);
    open_.pop_back();
  }
  void gap(uint64_t /*time_ns*/, FlowCause /*cause*/) override {}

 private:
  const std::string& function_;
  FunctionCalls& calls_;
  std::vector<std::pair<uint64_t, size_t>> open_;  // serial, which call
};

std::string times(uint64_t count) {
  return std::to_string(count) + (count == 1 ? " time" : " times");
}

}  // namespace

CallChoice parse_call_choice(std::string_view text) {
  CallChoice choice;
  const size_t mark = text.rfind('#');
  choice.function = text.substr(0, mark);
  if (mark != std::string_view::npos) {
    const std::string_view number = text.substr(mark + 1);
    const char* const end = number.data() + number.size();
    const auto parsed = std::from_chars(number.data(), end, choice.number);
    if (parsed.ec != std::errc() || parsed.ptr != end || choice.number == 0) {
      throw UsageError(
          "--around: '" + std::string(number) +
          "' is no number of a call (1 is the first, -1 the last)");
    }
  }
  if (choice.function.empty()) throw UsageError("--around: no function");
  return choice;
}

TimeRange find_around(RowRun& run) {
  const CallChoice choice = parse_call_choice(run.line.around);
  const auto nth = static_cast<size_t>(std::abs(choice.number));
  const bool from_end = choice.number < 0;
  if (!run.trace.has_time()) {
    throw std::runtime_error(run.line.traces.front() +
                             ": --around: the trace has no time packets");
  }
  const GapLog gaps = run.gaps;
  SeenFunctions seen;
  std::vector<CallTime> all;
  uint64_t count = 0;
  for (const StreamGroup& group : stream_groups(run)) {
    FunctionCalls calls(from_end ? nth : 0);
    CallPull pull(run, group, seen, [&](const TraceStream& /*lane*/) {
      return std::make_unique<CallTimes>(choice.function, calls);
    });
    while (pull.next()) {
      if (!from_end && calls.has_ended(nth)) break;
    }
    all.insert(all.end(), calls.calls().begin(), calls.calls().end());
    count += calls.count();
  }
  run.gaps = gaps;
  if (count < nth) {
    throw std::runtime_error(
        run.line.traces.front() + ": --around: " + choice.function +
        (count == 0
             ? " was not called" + did_you_mean_function(choice.function, seen)
             : " was called " + times(count) + " only"));
  }
  std::stable_sort(
      all.begin(), all.end(),
      [](const CallTime& a, const CallTime& b) { return a.begin < b.begin; });
  const CallTime& call = all[from_end ? all.size() - nth : nth - 1];
  return {call.begin, call.end + 1};
}

std::string did_you_mean_function(const std::string& wanted,
                                  const SeenFunctions& seen) {
  std::vector<std::string_view> names;
  for (const Function& function : seen.functions()) {
    const std::string_view name = without_parameters(function.name);
    if (name.ends_with("::" + wanted)) {
      return "; did you mean '" + std::string(name) + "'?";
    }
    // A long template is like nothing that anybody types.
    if (!name.empty() && name.size() < 2 * wanted.size() + 8) {
      names.push_back(name);
    }
  }
  return formats::did_you_mean(wanted, names);
}

void warn_if_unknown(const CommandLine& line, const SeenFunctions& seen,
                     formats::Reporter& reporter) {
  if (line.function.empty()) return;
  const auto& functions = seen.functions();
  const bool known = std::any_of(functions.begin(), functions.end(),
                                 [&](const Function& function) {
                                   return is_function(function, line.function);
                                 });
  if (known) return;
  reporter.warn("--function " + line.function + ": no such function ran" +
                did_you_mean_function(line.function, seen));
}

}  // namespace ptcap::decode
