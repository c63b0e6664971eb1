// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The ring of an event, with its records, and the AUX area beside it.

#ifndef PTCAP_BINDINGS_DATA_RING_H_
#define PTCAP_BINDINGS_DATA_RING_H_

#include <cstdint>
#include <optional>

#include "bindings/clock.h"
#include "bindings/event.h"
#include "bindings/mapping.h"
#include "bindings/ring.h"

namespace ptcap::bindings {

// Records of `event`, and of those whose output it is. One thread reads. The
// event outlives it. An event that is inherited across CPUs has no ring
// (EINVAL): open one for each CPU.
class DataRing {
 public:
  // `data_size`: a power of two of pages, in bytes. With kOverwrite the event
  // should write backward; otherwise what is overwritten while it is read
  // cannot be told apart.
  DataRing(Event& event, size_t data_size, Access access = Access::kConsume);
  static std::optional<DataRing> map(Event& event, size_t data_size,
                                     Access access, std::error_code& ec) {
    return or_error(ec, [&] { return DataRing(event, data_size, access); });
  }

  // Every record that there is, in order; see drain_records(). A record is
  // valid during its visit. REQUIRES: kConsume.
  template <typename Visit>
  size_t drain(Visit&& visit) {
    return drain_records(ring_, damaged_bytes_, visit);
  }

  // Pauses the output, visits the records, newest first, and resumes.
  // REQUIRES: kOverwrite, and the event writes backward.
  template <typename Visit>
  size_t visit_snapshot(Visit&& visit) {
    event_->pause_output();
    struct Resume {
      Event* event;
      ~Resume() {
        std::error_code ignored;  // a ring that is mapped can be resumed
        event->resume_output(ignored);
      }
    } resume{event_};
    return visit_backward(ring_, visit);
  }

  // Whether there are records, after waiting for them: see Event::poll().
  bool wait(int timeout_ms) const;
  bool wait(int timeout_ms, std::error_code& ec) const noexcept;

  bool has_records() const { return ring_.head() != ring_.tail(); }
  Ring& ring() { return ring_; }
  uint64_t damaged_bytes() const { return damaged_bytes_; }

  // nullopt where the kernel does not say (cap_user_time_zero).
  std::optional<ClockConversion> clock() const;

  abi::perf_event_mmap_page& page() const {
    return *reinterpret_cast<abi::perf_event_mmap_page*>(mapping_.data());
  }
  Event& event() const { return *event_; }

 private:
  Event* event_;
  Mapping mapping_;
  Ring ring_;
  uint64_t damaged_bytes_ = 0;
};

// The area into which a tracing PMU writes; PERF_RECORD_AUX in the data ring
// says what is where. The data ring outlives it.
class AuxArea {
 public:
  // REQUIRES: the ring is kConsume, whatever `access` to the area is.
  // `size`: a power of two of pages, in bytes; PMUs have limits of their own.
  // ring.page() gets aux_offset and aux_size, and so may have one only.
  AuxArea(DataRing& ring, size_t size, Access access = Access::kConsume);
  static std::optional<AuxArea> map(DataRing& ring, size_t size, Access access,
                                    std::error_code& ec) {
    return or_error(ec, [&] { return AuxArea(ring, size, access); });
  }

  size_t size() const { return ring_.size(); }
  // Free-running, as in PERF_RECORD_AUX. With kOverwrite the head stands where
  // the newest data ends (and wraps in some drivers).
  uint64_t head() const { return ring_.head(); }
  uint64_t tail() const { return ring_.tail(); }
  // Bytes [offset, offset + size), where size is at most that of the area.
  Slices bytes(uint64_t offset, size_t size) const {
    return ring_.slices(offset, size);
  }
  // REQUIRES: kConsume.
  void release(uint64_t offset) { ring_.release(offset); }

 private:
  static Mapping map_area(DataRing& ring, size_t size, Access access);

  Mapping mapping_;
  Ring ring_;
};

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_DATA_RING_H_
