// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// One buffer that the kernel fills: of a CPU, for all traced threads while
// they run there, or of one thread on whatever CPU.

#ifndef PTCAP_CAPTURE_HARDWARE_TRACE_RING_H_
#define PTCAP_CAPTURE_HARDWARE_TRACE_RING_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "bindings/data_ring.h"
#include "bindings/event.h"
#include "capture/hardware/event_plan.h"

namespace ptcap::capture {

struct RingSizes {
  uint64_t data_bytes = 0;  // powers of two of pages
  uint64_t aux_bytes = 0;
  bindings::Access aux_access = bindings::Access::kConsume;
};

// The events that write there, and the mapped areas. Not movable: areas point
// to events.
class TraceRing {
 public:
  // Opens the events on `target`, disabled, and maps the areas. Throws
  // PerfError.
  TraceRing(const EventPlan& plan, const bindings::Target& target,
            const RingSizes& sizes);
  TraceRing(const TraceRing&) = delete;

  // The same events on another thread, into the same areas.
  void add_target(const EventPlan& plan, const bindings::Target& target);

  void enable_sideband();
  void enable_triggers();
  void enable_trace();
  // After an overrun, too, before it is enabled again: an enable alone does
  // nothing then on CPU 0 of Linux 6.1, where the event counts as enabled.
  void disable_trace();
  void disable_all();
  void set_filter(const std::string& filter);

  // An empty AUX area in place of the one that was, for a snapshot: its head
  // goes on from where it was. REQUIRES: the events are disabled. Throws
  // PerfError.
  void renew_aux();

  bindings::DataRing& data() { return *data_; }
  bindings::AuxArea& aux() { return *aux_; }
  // To be polled; each tells POLLHUP for good when its threads have ended.
  std::vector<int> fds() const;

  // ~0u where there is none.
  uint32_t cpu() const { return cpu_; }
  uint32_t tid() const { return tid_; }

  std::vector<uint64_t> trace_ids() const { return ids_of(trace_); }
  std::vector<uint64_t> sideband_ids() const { return ids_of(sideband_); }

 private:
  void add_others(const EventPlan& plan, const bindings::Target& target);

  using Events = std::vector<std::unique_ptr<bindings::Event>>;
  static std::vector<uint64_t> ids_of(const Events& events);

  uint32_t cpu_, tid_;
  RingSizes sizes_;
  Events trace_, sideband_, triggers_;  // the first of trace_ owns the areas
  std::optional<bindings::DataRing> data_;
  std::optional<bindings::AuxArea> aux_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_TRACE_RING_H_
