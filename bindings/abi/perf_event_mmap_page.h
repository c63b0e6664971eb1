// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The page in front of an event's ring. Field names are the kernel's.

#ifndef PTCAP_BINDINGS_ABI_PERF_EVENT_MMAP_PAGE_H_
#define PTCAP_BINDINGS_ABI_PERF_EVENT_MMAP_PAGE_H_

#include <cstddef>
#include <cstdint>

namespace ptcap::abi {

struct perf_event_mmap_page {
  uint32_t version;
  uint32_t compat_version;

  uint32_t lock;   // sequence counter of what follows, up to time_mask
  uint32_t index;  // rdpmc(index - 1); 0: not on a counter
  int64_t offset;  // to be added to the counter
  uint64_t time_enabled;
  uint64_t time_running;
  union {
    uint64_t capabilities;
    struct {
      uint64_t cap_bit0 : 1;                // 0 since 3.12
      uint64_t cap_bit0_is_deprecated : 1;  // 1 since 3.12
      uint64_t cap_user_rdpmc : 1;
      uint64_t cap_user_time : 1;        // time_shift, _mult, _offset hold
      uint64_t cap_user_time_zero : 1;   // time_zero holds
      uint64_t cap_user_time_short : 1;  // time_cycles, _mask hold; 5.9
      uint64_t cap_reserved : 58;
    };
  };
  uint16_t pmc_width;
  uint16_t time_shift;
  uint32_t time_mult;
  uint64_t time_offset;
  uint64_t time_zero;
  uint32_t size;  // of the header up to the reserved bytes
  uint32_t reserved_1;
  uint64_t time_cycles;
  uint64_t time_mask;
  uint8_t reserved[116 * 8];

  uint64_t data_head;  // kernel writes; free-running
  uint64_t data_tail;  // reader writes
  uint64_t data_offset;
  uint64_t data_size;
  uint64_t aux_head;  // 4.1
  uint64_t aux_tail;
  uint64_t aux_offset;  // user sets both before it maps the AUX area
  uint64_t aux_size;
};
static_assert(offsetof(perf_event_mmap_page, data_head) == 1024);

}  // namespace ptcap::abi

#endif  // PTCAP_BINDINGS_ABI_PERF_EVENT_MMAP_PAGE_H_
