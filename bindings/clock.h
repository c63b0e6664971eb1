// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// TSC to perf clock and back, by the numbers of an event's first page, of
// TIME_CONV or of AUXTRACE_INFO.

#ifndef PTCAP_BINDINGS_CLOCK_H_
#define PTCAP_BINDINGS_CLOCK_H_

#include <cstdint>

namespace ptcap::bindings {

// perf_event_mmap_page says how: time = zero + tsc x mult >> shift, without
// overflow.
struct ClockConversion {
  uint16_t shift = 0;
  uint32_t mult = 1;
  uint64_t zero = 0;
  // Where the counter is narrower than 64 bits (cap_user_time_short).
  uint64_t cycles = 0;
  uint64_t mask = ~uint64_t{0};

  constexpr uint64_t to_ns(uint64_t tsc) const {
    tsc = cycles + ((tsc - cycles) & mask);
    uint64_t quotient = tsc >> shift;
    uint64_t remainder = tsc & ((uint64_t{1} << shift) - 1);
    return zero + quotient * mult + (remainder * mult >> shift);
  }

  // REQUIRES: mult != 0. The least tsc whose time is not before `ns`, up to
  // rounding of one tick.
  constexpr uint64_t to_tsc(uint64_t ns) const {
    uint64_t time = ns - zero;
    uint64_t quotient = time / mult;
    uint64_t remainder = time % mult;
    return (quotient << shift) + ((remainder << shift) + mult - 1) / mult;
  }
};

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_CLOCK_H_
