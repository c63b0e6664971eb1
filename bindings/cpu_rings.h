// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// One event on each CPU, each with a ring: what the kernel wants of events
// that are inherited, and of those of all threads.

#ifndef PTCAP_BINDINGS_CPU_RINGS_H_
#define PTCAP_BINDINGS_CPU_RINGS_H_

#include <memory>
#include <vector>

#include "bindings/data_ring.h"

namespace ptcap::bindings {

// One thread reads. Of a CPU that goes offline no more records come.
class CpuRings {
 public:
  // `pid` (-1: every thread) on every CPU that is online now. `data_size` is
  // that of each ring, see DataRing.
  CpuRings(const EventAttr& attr, pid_t pid, size_t data_size,
           Kernel& kernel = Kernel::real());
  static std::optional<CpuRings> open(const EventAttr& attr, pid_t pid,
                                      size_t data_size, std::error_code& ec,
                                      Kernel& kernel = Kernel::real()) {
    return or_error(ec, [&] { return CpuRings(attr, pid, data_size, kernel); });
  }

  void enable();
  void disable();

  // Waits for records on any CPU; whether there are some, see Event::poll().
  bool wait(int timeout_ms) const;
  bool wait(int timeout_ms, std::error_code& ec) const;

  // Every record that there is, in the order of each CPU, CPU after CPU; see
  // drain_records(). Returns how many.
  template <typename Visit>
  size_t drain(Visit&& visit) {
    size_t count = 0;
    for (auto& ring : rings_) count += ring.drain(visit);
    return count;
  }
  uint64_t damaged_bytes() const;

  size_t size() const { return rings_.size(); }
  DataRing& operator[](size_t i) { return rings_[i]; }
  const DataRing& operator[](size_t i) const { return rings_[i]; }

 private:
  Kernel* kernel_;
  // At fixed addresses: rings point to their events.
  std::vector<std::unique_ptr<Event>> events_;
  std::vector<DataRing> rings_;
};

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_CPU_RINGS_H_
