// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the commands that show calls have in common: the calls of streams, as
// the command line selects them.

#ifndef PTCAP_DECODE_CLI_CALL_SOURCE_H_
#define PTCAP_DECODE_CLI_CALL_SOURCE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "decode/calls/call_filter.h"
#include "decode/calls/call_machine.h"
#include "decode/calls/function_map.h"
#include "decode/cli/command_line.h"
#include "decode/cli/row_command.h"
#include "decode/names.h"
#include "decode/trace.h"

namespace ptcap::decode {

// Throws UsageError or std::runtime_error where the trace has no time for it.
CallSelection call_selection(const CommandLine& line, const Trace& trace);

// Streams whose threads may be the same ones: those of the CPUs, between which
// threads move. Any other stream is a group of its own. In order of time.
using StreamGroup = std::vector<const TraceStream*>;
std::vector<StreamGroup> stream_groups(const RowRun& run);

// Follows the calls of a group, thread by thread, each with one stack wherever
// it ran. What is outside of --time, --pid and --tid is as if it were not in
// the trace.
class CallPull {
 public:
  // What a thread's calls are told to. `lane` is where it ran first.
  using MakeSink =
      std::function<std::unique_ptr<CallSink>(const TraceStream& lane)>;

  // Borrows `run` and `seen`. With `only` other threads are left out.
  CallPull(RowRun& run, const StreamGroup& group, SeenFunctions& seen,
           MakeSink make_sink,
           CallMachine::Clock clock = CallMachine::Clock::kTrace,
           const TraceStream* only = nullptr);
  ~CallPull();

  // Is shown all items of a thread, before the calls in them.
  using Watch = std::function<void(std::span<const FlowItem> items,
                                   FunctionMap& functions)>;
  void watch(Watch watch) { watch_ = std::move(watch); }

  // Tells the sinks of some thousand calls more; false at the end, once all
  // are closed.
  bool next();

  // Where the calls that sinks hear of begin or end: one CPU's part of the
  // thread.
  const TraceStream& lane() const { return *lane_; }

 private:
  struct Stack;
  struct Source;

  void open();
  bool refill(Source& source);
  size_t first_source(uint64_t& until);
  std::span<const FlowItem> in_range(Source& source,
                                     std::span<const FlowItem> items) const;
  bool wants(const TraceStream& stream, const TraceStream& lane) const;
  Stack& stack_of(const TraceStream& lane);
  void finish();

  RowRun& run_;
  const StreamGroup group_;
  SeenFunctions& seen_;
  MakeSink make_sink_;
  CallMachine::Clock clock_;
  const TraceStream* only_;
  Watch watch_;
  std::vector<std::unique_ptr<Source>> sources_;  // that are not at their end
  bool opened_ = false;
  const TraceStream* lane_ = nullptr;
  std::map<const TraceStream*, Stack*> stack_of_lane_;
  std::vector<std::unique_ptr<Stack>> stacks_;
  bool finished_ = false;
};

// A thread that the options leave, in a group that holds it; `lane` is one of
// its parts.
struct ThreadPart {
  StreamGroup group;
  const TraceStream* lane = nullptr;
};
std::vector<ThreadPart> thread_parts(const RowRun& run);

// "word_count 123", for people; of a part of a thread as of the whole.
std::string thread_name(const Trace& trace, const TraceStream& lane);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_CALL_SOURCE_H_
