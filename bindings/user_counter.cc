// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/user_counter.h"

namespace ptcap::bindings {

namespace {

#if defined(__x86_64__) || defined(__i386__)
uint64_t rdpmc(uint32_t counter) {
  uint32_t low, high;
  asm volatile("rdpmc" : "=a"(low), "=d"(high) : "c"(counter));
  return uint64_t{high} << 32 | low;
}
uint64_t rdtsc() { return __builtin_ia32_rdtsc(); }
constexpr bool kCanReadCounters = true;
#else
uint64_t rdpmc(uint32_t) { return 0; }
uint64_t rdtsc() { return 0; }
constexpr bool kCanReadCounters = false;
#endif

abi::perf_event_mmap_page& page_of(const Mapping& mapping) {
  return *reinterpret_cast<abi::perf_event_mmap_page*>(mapping.data());
}

}  // namespace

std::optional<ClockConversion> read_clock(abi::perf_event_mmap_page& page) {
  return read_consistently(page, [&]() -> std::optional<ClockConversion> {
    if (!page.cap_user_time_zero) return std::nullopt;
    ClockConversion clock{page.time_shift, page.time_mult, page.time_zero};
    if (page.cap_user_time_short) {
      clock.cycles = page.time_cycles;
      clock.mask = page.time_mask;
    }
    return clock;
  });
}

UserCounter::UserCounter(const Event& event)
    : event_(&event),
      mapping_(event, "first page", page_size(), 0, Access::kOverwrite) {}

std::optional<Count> UserCounter::read_fast() const noexcept {
  if constexpr (!kCanReadCounters) return std::nullopt;
  return read_user_count(page_of(mapping_), rdpmc, rdtsc);
}

Count UserCounter::read() const {
  if (auto count = read_fast()) return *count;
  return event_->read();
}

Count UserCounter::read(std::error_code& ec) const noexcept {
  ec.clear();
  if (auto count = read_fast()) return *count;
  return event_->read(ec);
}

}  // namespace ptcap::bindings
