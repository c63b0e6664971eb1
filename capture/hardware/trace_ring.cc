// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/trace_ring.h"

namespace ptcap::capture {

using bindings::Event;

TraceRing::TraceRing(const EventPlan& plan, const bindings::Target& target,
                     const RingSizes& sizes)
    : cpu_(target.cpu < 0 ? ~0u : static_cast<uint32_t>(target.cpu)),
      tid_(target.cpu < 0 ? static_cast<uint32_t>(target.pid) : ~0u),
      sizes_(sizes) {
  trace_.push_back(std::make_unique<Event>(plan.trace, target));
  data_.emplace(*trace_.front(), sizes.data_bytes);
  aux_.emplace(*data_, sizes.aux_bytes, sizes.aux_access);
  add_others(plan, target);
}

void TraceRing::add_target(const EventPlan& plan,
                           const bindings::Target& target) {
  trace_.push_back(std::make_unique<Event>(plan.trace, target));
  trace_.back()->set_output(*trace_.front());
  add_others(plan, target);
}

void TraceRing::add_others(const EventPlan& plan,
                           const bindings::Target& target) {
  sideband_.push_back(std::make_unique<Event>(plan.sideband, target));
  sideband_.back()->set_output(*trace_.front());
  if (!triggers_.empty()) return;
  // A task's probes cannot be inherited: the kernel would read the path's
  // address in the child (perf_uprobe_init()), and the fork would fail. So they
  // are of all tasks, and whose a sample is decides who reads it.
  const bindings::Target reached =
      target.cpu < 0 ? target : bindings::Target::all_threads_on(target.cpu);
  for (const bindings::EventAttr& attr : plan.triggers) {
    triggers_.push_back(std::make_unique<Event>(attr, reached));
    triggers_.back()->set_output(*trace_.front());
  }
}

void TraceRing::enable_sideband() {
  for (const auto& event : sideband_) event->enable();
}

void TraceRing::enable_triggers() {
  for (const auto& event : triggers_) event->enable();
}

void TraceRing::enable_trace() {
  for (const auto& event : trace_) event->enable();
}

void TraceRing::disable_trace() {
  for (const auto& event : trace_) event->disable();
}

void TraceRing::disable_all() {
  disable_trace();
  for (const auto& event : sideband_) event->disable();
  for (const auto& event : triggers_) event->disable();
}

void TraceRing::set_filter(const std::string& filter) {
  for (const auto& event : trace_) event->set_filter(filter);
}

void TraceRing::renew_aux() {
  aux_.reset();
  aux_.emplace(*data_, sizes_.aux_bytes, sizes_.aux_access);
}

std::vector<int> TraceRing::fds() const {
  std::vector<int> fds;
  for (const auto& event : trace_) fds.push_back(event->fd());
  for (const auto& event : triggers_) fds.push_back(event->fd());
  return fds;
}

std::vector<uint64_t> TraceRing::ids_of(const Events& events) {
  std::vector<uint64_t> ids;
  for (const auto& event : events) ids.push_back(event->id());
  return ids;
}

}  // namespace ptcap::capture
