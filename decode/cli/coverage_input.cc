// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/coverage_input.h"

#include <algorithm>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "decode/cli/command.h"
#include "decode/cli/row_command.h"
#include "decode/cli/row_filter.h"
#include "decode/coverage/stream_counter.h"
#include "decode/names.h"
#include "decode/trace.h"

namespace ptcap::decode {

namespace {

constexpr uint64_t kMaxJobs = 256;

Coverage::Filter filter_of(const CommandLine& line) {
  const NameFilter filter(line, /*names=*/nullptr);
  if (!filter.active()) return nullptr;
  return [filter](const Place& place) { return filter.passes(place); };
}

// Traces that are decoded at once report through it.
class SharedReporter : public formats::Reporter {
 public:
  explicit SharedReporter(formats::Reporter& reporter) : reporter_(reporter) {}

  void warn(const std::string& message) override {
    const std::lock_guard lock(mutex_);
    reporter_.warn(message);
  }
  void aux_read(uint64_t bytes, uint64_t total) override {
    reporter_.aux_read(bytes, total);
  }

 private:
  std::mutex mutex_;
  formats::Reporter& reporter_;
};

size_t jobs_of(const CommandLine& line) {
  const uint64_t wanted =
      line.jobs.value_or(std::thread::hardware_concurrency());
  return static_cast<size_t>(std::clamp<uint64_t>(wanted, 1, kMaxJobs));
}

}  // namespace

// A trace that is decoded; names are looked up when it is added.
class CountedTrace {
 public:
  // Decodes it on up to `threads` threads.
  CountedTrace(const std::string& path, const CommandLine& line, size_t threads,
               formats::Reporter& reporter)
      : trace_(path, trace_options(line), reporter),
        names_(trace_, symbol_options(line), reporter) {
    const EngineChoice choice =
        line.engine == "libipt" ? EngineChoice::kLibipt : EngineChoice::kFast;
    StreamCounter counter(trace_, choice, threads);
    for (const TraceStream* stream : selected(line, trace_)) {
      streams_.emplace_back(stream, counter.count(*stream));
    }
    gaps_ = counter.gaps();
  }

  void add_to(CoverageInput& input, const Coverage::Filter& filter,
              const CoverageWants& wants) {
    for (const auto& [stream, counts] : streams_) {
      add_stream(*stream, counts, filter, wants, input.coverage);
    }
    add_facts(input);
  }

  void add_threads(std::map<ThreadKey, CoverageInput>& threads,
                   const Coverage::Filter& filter, const CoverageWants& wants) {
    for (const auto& [stream, counts] : streams_) {
      add_stream(*stream, counts, filter, wants,
                 threads[{stream->pid, stream->tid}].coverage);
    }
    if (!threads.empty()) add_facts(threads.begin()->second);
  }

 private:
  void add_stream(const TraceStream& stream, const fast::FlowCounts& counts,
                  const Coverage::Filter& filter, const CoverageWants& wants,
                  Coverage& coverage) {
    coverage.add(counts, stream, names_, filter);
    if (!wants.lines && !wants.modules) return;
    StreamCode code = trace_.code(stream);
    code.advance_time(~0ull);
    code.advance_offset(~0ull - 1);  // ~0 is behind all changes
    const ExecMode mode = trace_.settings().mode;
    if (wants.lines) {
      coverage.add_lines(counts, stream, names_, *code.view(), mode, filter);
    }
    if (wants.modules) {
      coverage.add_modules(counts, stream, names_, *code.view(), mode, filter);
    }
  }

  void add_facts(CoverageInput& input) const {
    input.gaps += gaps_;
    input.damaged |= trace_.reader().salvaged();
    input.size_bytes += trace_.reader().file_size_bytes();
  }

  Trace trace_;
  Names names_;
  std::vector<std::pair<const TraceStream*, fast::FlowCounts>> streams_;
  uint64_t gaps_ = 0;
};

void for_each_counted(const std::vector<std::string>& paths,
                      const CommandLine& line, formats::Reporter& reporter,
                      const std::function<void(CountedTrace&)>& take) {
  if (line.begin || line.end || !line.around.empty()) {
    throw UsageError(std::string(line.around.empty() ? "--time" : "--around") +
                     ": coverage is of whole traces");
  }
  const size_t jobs = jobs_of(line);
  const size_t at_once = std::clamp<size_t>(paths.size(), 1, jobs);
  const size_t threads = jobs / at_once;  // for each of them
  const auto policy = at_once > 1 ? std::launch::async : std::launch::deferred;
  SharedReporter shared(reporter);
  std::deque<std::future<std::unique_ptr<CountedTrace>>> running;
  for (size_t next = 0; next < paths.size() || !running.empty();) {
    while (running.size() < at_once && next < paths.size()) {
      running.push_back(std::async(policy, [&, index = next] {
        return std::make_unique<CountedTrace>(paths[index], line, threads,
                                              shared);
      }));
      ++next;
    }
    const std::unique_ptr<CountedTrace> counted = running.front().get();
    running.pop_front();
    take(*counted);
  }
}

void add_coverage(CountedTrace& counted, const CommandLine& line,
                  const CoverageWants& wants, CoverageInput& input) {
  counted.add_to(input, filter_of(line), wants);
}

CoverageInput coverage_of(const std::vector<std::string>& paths,
                          const CommandLine& line, const CoverageWants& wants,
                          formats::Reporter& reporter) {
  CoverageInput input;
  for_each_counted(paths, line, reporter, [&](CountedTrace& counted) {
    add_coverage(counted, line, wants, input);
  });
  return input;
}

std::map<ThreadKey, CoverageInput> coverage_by_thread(
    const std::vector<std::string>& paths, const CommandLine& line,
    const CoverageWants& wants, formats::Reporter& reporter) {
  std::map<ThreadKey, CoverageInput> threads;
  for_each_counted(paths, line, reporter, [&](CountedTrace& counted) {
    counted.add_threads(threads, filter_of(line), wants);
  });
  return threads;
}

int finish_coverage(const CommandLine& line, const CoverageInput& input,
                    formats::Reporter& reporter) {
  if (input.gaps != 0) {
    reporter.warn(std::to_string(input.gaps) +
                  " gaps: what ran there is not counted; 'ptdec branches' "
                  "shows where they are");
  }
  const bool incomplete = input.gaps != 0 || input.damaged;
  return line.strict && incomplete ? kExitIncomplete : kExitOk;
}

}  // namespace ptcap::decode
