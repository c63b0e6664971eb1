// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Which calls the user wants to see: between a CallMachine and its sink.

#ifndef PTCAP_DECODE_CALLS_CALL_FILTER_H_
#define PTCAP_DECODE_CALLS_CALL_FILTER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decode/calls/call.h"

namespace ptcap::decode {

struct CallSelection {
  std::string function;  // only its calls and what they call; empty: all
  std::string module;    // only calls of functions in this file; empty: all
  std::optional<uint64_t> depth;  // only so many levels
  uint64_t min_ns = 0;            // only calls that took as long
};

// Whether `wanted` (--function, --module) names the function.
bool is_function(const Function& function, const std::string& wanted);
bool is_in_module(const Function& function, const std::string& wanted);

// Depths and parents are those among the calls that pass.
class CallFilter : public CallSink {
 public:
  // Borrows both.
  CallFilter(const CallSelection& selection, CallSink& sink)
      : selection_(selection), sink_(sink) {}

  void enter(const Call& call) override;
  void leave(const Call& call) override;
  void gap(uint64_t time_ns, FlowCause cause) override;

 private:
  struct Open {
    Call call;
    bool told = false;  // the sink knows of it
  };

  bool passes(const Call& call);

  const CallSelection& selection_;
  CallSink& sink_;
  std::vector<Open> open_;  // those that pass
  uint64_t root_ = 0;       // serial of the call of `function`; 0: outside
  uint32_t root_depth_ = 0;
};

// A sink that hears of what the filter leaves.
template <typename Sink>
class Filtered : public CallSink {
 public:
  template <typename... Arguments>
  explicit Filtered(const CallSelection& selection, Arguments&&... arguments)
      : sink_(std::forward<Arguments>(arguments)...),
        filter_(selection, sink_) {}

  void enter(const Call& call) override { filter_.enter(call); }
  void leave(const Call& call) override { filter_.leave(call); }
  void gap(uint64_t time_ns, FlowCause cause) override {
    filter_.gap(time_ns, cause);
  }

 private:
  Sink sink_;
  CallFilter filter_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CALLS_CALL_FILTER_H_
