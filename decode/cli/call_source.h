// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the commands that show calls have in common: the calls of a stream, as
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

// Follows the calls of a stream, thread by thread. What is outside of --time,
// --pid and --tid is as if it were not in the trace.
class CallPull {
 public:
  // What a thread's calls are told to.
  using MakeSink = std::function<std::unique_ptr<CallSink>(
      const TraceStream& lane, uint32_t slice)>;

  // Borrows `run` and `seen`. With `only` the stream's other threads are left
  // out.
  CallPull(RowRun& run, StreamParts parts, SeenFunctions& seen,
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

 private:
  struct Stack;

  std::span<const FlowItem> in_range(std::span<const FlowItem> items);
  bool wants(const TraceStream& lane) const;
  Stack& stack_of(uint32_t slice);

  RowRun& run_;
  const TraceStream& stream_;
  SeenFunctions& seen_;
  MakeSink make_sink_;
  CallMachine::Clock clock_;
  const TraceStream* only_;
  FlowPull pull_;
  Watch watch_;
  std::map<const TraceStream*, std::unique_ptr<Stack>> stacks_;
  bool done_ = false;
};

// A thread that the options leave, in a stream that holds it.
struct ThreadPart {
  const TraceStream* stream = nullptr;
  const TraceStream* lane = nullptr;
};
std::vector<ThreadPart> thread_parts(const RowRun& run);

// "word_count 123", for people.
std::string thread_name(const Trace& trace, const TraceStream& lane);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_CALL_SOURCE_H_
