// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/calls/call_filter.h"

#include "decode/symbols/symbolizer.h"

namespace ptcap::decode {

bool is_function(const Function& function, const std::string& wanted) {
  return function.name == wanted ||
         (function.name.size() > wanted.size() &&
          without_parameters(function.name) == wanted);
}

bool is_in_module(const Function& function, const std::string& wanted) {
  return function.module == wanted ||
         function.module == wanted.substr(wanted.rfind('/') + 1);
}

bool CallFilter::passes(const Call& call) {
  if (!selection_.function.empty()) {
    if (root_ == 0) {
      if (call.function == nullptr ||
          !is_function(*call.function, selection_.function)) {
        return false;
      }
      root_ = call.serial;
      root_depth_ = call.depth;
    }
  }
  if (selection_.depth && call.depth - root_depth_ >= *selection_.depth) {
    return false;
  }
  if (selection_.module.empty()) return true;
  if (call.function == nullptr) {  // belongs to who made the system call
    return !open_.empty() && open_.back().call.serial == call.parent;
  }
  return is_in_module(*call.function, selection_.module);
}

void CallFilter::enter(const Call& call) {
  if (!passes(call)) return;
  Open open{call, selection_.min_ns == 0};
  open.call.depth = static_cast<uint32_t>(open_.size());
  open.call.parent = open_.empty() ? 0 : open_.back().call.serial;
  open_.push_back(open);
  if (open.told) sink_.enter(open.call);
}

void CallFilter::leave(const Call& call) {
  if (call.serial == root_) root_ = root_depth_ = 0;
  if (open_.empty() || open_.back().call.serial != call.serial) return;
  if (call.duration_ns() >= selection_.min_ns) {
    for (Open& open : open_) {
      if (!open.told) sink_.enter(open.call);
      open.told = true;
    }
  }
  if (open_.back().told) {
    Call left = call;
    left.depth = open_.back().call.depth;
    left.parent = open_.back().call.parent;
    sink_.leave(left);
  }
  open_.pop_back();
}

void CallFilter::gap(uint64_t time_ns, FlowCause cause) {
  sink_.gap(time_ns, cause);
}

}  // namespace ptcap::decode
