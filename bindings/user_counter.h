// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Reading a counter of one's own thread without a system call, by the protocol
// that perf_event_mmap_page describes.

#ifndef PTCAP_BINDINGS_USER_COUNTER_H_
#define PTCAP_BINDINGS_USER_COUNTER_H_

#include <atomic>
#include <cstdint>
#include <optional>

#include "bindings/abi/perf_event_mmap_page.h"
#include "bindings/clock.h"
#include "bindings/event.h"
#include "bindings/mapping.h"

namespace ptcap::bindings {

// Runs read() until the kernel changed nothing while it ran: `lock` of the page
// is a sequence counter, of which the kernel's side runs on this same CPU.
template <typename Read>
auto read_consistently(abi::perf_event_mmap_page& page, Read&& read) {
  for (;;) {
    uint32_t sequence =
        std::atomic_ref(page.lock).load(std::memory_order_acquire);
    auto result = read();
    std::atomic_thread_fence(std::memory_order_acquire);
    if (std::atomic_ref(page.lock).load(std::memory_order_relaxed) == sequence)
      return result;
  }
}

// nullopt where the page does not say how (cap_user_time_zero).
std::optional<ClockConversion> read_clock(abi::perf_event_mmap_page& page);

// The count, with `rdpmc(index)` and `rdtsc()` to read the CPU. nullopt where
// the event is not on a counter now, or user space may not read it.
template <typename ReadCounter, typename ReadClock>
std::optional<Count> read_user_count(abi::perf_event_mmap_page& page,
                                     ReadCounter&& rdpmc, ReadClock&& rdtsc) {
  return read_consistently(page, [&]() -> std::optional<Count> {
    if (!page.cap_user_rdpmc || !page.index) return std::nullopt;
    uint64_t enabled = page.time_enabled, running = page.time_running;
    if (page.cap_user_time) {
      // Time since the kernel last wrote both.
      ClockConversion since{page.time_shift, page.time_mult, page.time_offset};
      if (page.cap_user_time_short) {
        since.cycles = page.time_cycles;
        since.mask = page.time_mask;
      }
      uint64_t delta = since.to_ns(rdtsc());
      enabled += delta;
      running += delta;
    }
    // The counter has pmc_width bits, and a sign.
    unsigned unused = 64 - page.pmc_width;
    auto counter = static_cast<int64_t>(rdpmc(page.index - 1) << unused);
    Count count;
    count.value = static_cast<uint64_t>(page.offset + (counter >> unused));
    count.time_enabled_ns = enabled;
    count.time_running_ns = running;
    return count;
  });
}

// A counter of the calling thread. The event outlives it, and has no DataRing:
// both would map it, with different sizes.
class UserCounter {
 public:
  // REQUIRES: the event is of the calling thread, on any CPU. Throws PerfError
  // where its page cannot be mapped.
  explicit UserCounter(const Event& event);
  static std::optional<UserCounter> map(const Event& event,
                                        std::error_code& ec) {
    return or_error(ec, [&] { return UserCounter(event); });
  }

  // Without a system call; by Event::read() where that does not work (no PMU,
  // /sys/devices/cpu/rdpmc is 0, the event is not on a counter).
  Count read() const;
  Count read(std::error_code& ec) const noexcept;
  // Only without a system call.
  std::optional<Count> read_fast() const noexcept;

 private:
  const Event* event_;
  Mapping mapping_;
};

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_USER_COUNTER_H_
