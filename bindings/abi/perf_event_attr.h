// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// struct perf_event_attr: what is asked of perf_event_open(2), and what a
// perf.data file says about each event. Field names are the kernel's.

#ifndef PTCAP_BINDINGS_ABI_PERF_EVENT_ATTR_H_
#define PTCAP_BINDINGS_ABI_PERF_EVENT_ATTR_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "bindings/abi/attr_constants.h"

namespace ptcap::abi {

// As include/uapi/linux/perf_event.h of Linux 6.19. Zero is the default of
// every field. Bit-fields fill the flag word from the end that the compiler of
// the architecture starts at, as the kernel's do.
struct perf_event_attr {
  uint32_t type;
  uint32_t size;  // of this struct as the caller knows it: required_size()
  uint64_t config;
  union {
    uint64_t sample_period;
    uint64_t sample_freq;  // with freq = 1
  };
  uint64_t sample_type;  // SampleType
  uint64_t read_format;  // ReadFormat

  uint64_t disabled : 1;
  uint64_t inherit : 1;
  uint64_t pinned : 1;
  uint64_t exclusive : 1;
  uint64_t exclude_user : 1;
  uint64_t exclude_kernel : 1;
  uint64_t exclude_hv : 1;
  uint64_t exclude_idle : 1;
  uint64_t mmap : 1;
  uint64_t comm : 1;
  uint64_t freq : 1;
  uint64_t inherit_stat : 1;
  uint64_t enable_on_exec : 1;
  uint64_t task : 1;
  uint64_t watermark : 1;
  uint64_t precise_ip : 2;  // 2.6.35
  uint64_t mmap_data : 1;
  uint64_t sample_id_all : 1;  // 2.6.38
  uint64_t exclude_host : 1;   // 3.2
  uint64_t exclude_guest : 1;
  uint64_t exclude_callchain_kernel : 1;  // 3.7
  uint64_t exclude_callchain_user : 1;
  uint64_t mmap2 : 1;           // 3.16
  uint64_t comm_exec : 1;       // 3.16
  uint64_t use_clockid : 1;     // 4.1
  uint64_t context_switch : 1;  // 4.3
  uint64_t write_backward : 1;  // 4.7
  uint64_t namespaces : 1;      // 4.12
  uint64_t ksymbol : 1;         // 5.1
  uint64_t bpf_event : 1;
  uint64_t aux_output : 1;      // 5.4
  uint64_t cgroup : 1;          // 5.7
  uint64_t text_poke : 1;       // 5.9
  uint64_t build_id : 1;        // 5.12
  uint64_t inherit_thread : 1;  // 5.13
  uint64_t remove_on_exec : 1;
  uint64_t sigtrap : 1;
  uint64_t defer_callchain : 1;  // 6.19
  uint64_t defer_output : 1;
  uint64_t reserved_1 : 24;

  union {
    uint32_t wakeup_events;
    uint32_t wakeup_watermark;  // with watermark = 1; bytes
  };
  uint32_t bp_type;  // BreakpointType
  union {
    uint64_t bp_addr;
    uint64_t kprobe_func;  // pointer to a string
    uint64_t uprobe_path;  // pointer to a string
    uint64_t config1;
  };
  union {
    uint64_t bp_len;
    uint64_t kprobe_addr;  // where kprobe_func is null
    uint64_t probe_offset;
    uint64_t config2;
  };
  uint64_t branch_sample_type;  // BranchSampleType
  uint64_t sample_regs_user;    // mask by *Register
  uint32_t sample_stack_user;   // bytes
  int32_t clockid;              // with use_clockid = 1
  uint64_t sample_regs_intr;
  uint32_t aux_watermark;     // bytes
  uint16_t sample_max_stack;  // frames; 4.8
  uint16_t reserved_2;
  uint32_t aux_sample_size;  // bytes; 5.5
  union {
    uint32_t aux_action;  // 6.13
    struct {
      uint32_t aux_start_paused : 1;
      uint32_t aux_pause : 1;
      uint32_t aux_resume : 1;
      uint32_t reserved_3 : 29;
    };
  };
  uint64_t sig_data;  // 5.13
  uint64_t config3;   // 6.3
  uint64_t config4;   // 6.19
};
static_assert(sizeof(perf_event_attr) == 144);

// config of kHardware and kHwCache on hybrid CPUs: the event below, the type
// of the PMU above.
inline constexpr unsigned kPmuTypeShift = 32;
inline constexpr uint64_t kHwEventMask = 0xffffffff;

// A published size of the struct, and the first kernel that took it.
struct AttrSize {
  uint32_t size;
  KernelVersion since;
  const char* added;  // the field that made it longer
};

// PERF_ATTR_SIZE_VER0 to VER9.
inline constexpr std::array<AttrSize, 10> kAttrSizes = {{
    {64, {2, 6, 31}, ""},
    {72, {3, 0, 0}, "config2"},
    {80, {3, 4, 0}, "branch_sample_type"},
    {96, {3, 7, 0}, "sample_regs_user"},
    {104, {3, 19, 0}, "sample_regs_intr"},
    {112, {4, 1, 0}, "aux_watermark"},
    {120, {5, 5, 0}, "aux_sample_size"},
    {128, {5, 13, 0}, "sig_data"},
    {136, {6, 3, 0}, "config3"},
    {144, {6, 19, 0}, "config4"},
}};

// The smallest published size that holds every field that is not zero: what
// to put into attr.size, so that old kernels and old perf take the attr.
inline uint32_t required_size(const perf_event_attr& attr) {
  perf_event_attr fields = attr;
  fields.size = 0;
  std::array<unsigned char, sizeof(fields)> bytes;
  std::memcpy(bytes.data(), &fields, sizeof(fields));
  size_t used = sizeof(fields);
  while (used && bytes[used - 1] == 0) --used;
  return std::find_if(kAttrSizes.begin(), kAttrSizes.end() - 1,
                      [used](const AttrSize& v) { return used <= v.size; })
      ->size;
}

}  // namespace ptcap::abi

#endif  // PTCAP_BINDINGS_ABI_PERF_EVENT_ATTR_H_
