// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Compared at compile time: our structs and constants with those of the kernel
// header that the compiler finds, field by field. Include it and it holds.

#ifndef PTCAP_TESTS_BINDINGS_LAYOUT_CHECK_H_
#define PTCAP_TESTS_BINDINGS_LAYOUT_CHECK_H_

#include <asm/unistd.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>

#include <cstddef>

#include "bindings/abi/ioctls.h"
#include "bindings/abi/perf_event_attr.h"
#include "bindings/abi/perf_event_mmap_page.h"
#include "bindings/abi/record_constants.h"
#include "bindings/abi/record_structs.h"

namespace ptcap::abi {

static_assert(kSyscallNumber == __NR_perf_event_open);

#define SAME_FIELD(type, field)                                    \
  static_assert(offsetof(type, field) == offsetof(::type, field)); \
  static_assert(sizeof(type::field) == sizeof(::type::field))

SAME_FIELD(perf_event_attr, type);
SAME_FIELD(perf_event_attr, size);
SAME_FIELD(perf_event_attr, config);
SAME_FIELD(perf_event_attr, sample_period);
SAME_FIELD(perf_event_attr, sample_freq);
SAME_FIELD(perf_event_attr, sample_type);
SAME_FIELD(perf_event_attr, read_format);
SAME_FIELD(perf_event_attr, wakeup_events);
SAME_FIELD(perf_event_attr, wakeup_watermark);
SAME_FIELD(perf_event_attr, bp_type);
SAME_FIELD(perf_event_attr, bp_addr);
SAME_FIELD(perf_event_attr, kprobe_func);
SAME_FIELD(perf_event_attr, uprobe_path);
SAME_FIELD(perf_event_attr, config1);
SAME_FIELD(perf_event_attr, bp_len);
SAME_FIELD(perf_event_attr, kprobe_addr);
SAME_FIELD(perf_event_attr, probe_offset);
SAME_FIELD(perf_event_attr, config2);
SAME_FIELD(perf_event_attr, branch_sample_type);
SAME_FIELD(perf_event_attr, sample_regs_user);
SAME_FIELD(perf_event_attr, sample_stack_user);
SAME_FIELD(perf_event_attr, clockid);
SAME_FIELD(perf_event_attr, sample_regs_intr);
SAME_FIELD(perf_event_attr, aux_watermark);
SAME_FIELD(perf_event_attr, sample_max_stack);
SAME_FIELD(perf_event_attr, aux_sample_size);
SAME_FIELD(perf_event_attr, sig_data);
#ifdef PERF_ATTR_SIZE_VER8
SAME_FIELD(perf_event_attr, config3);
#endif

SAME_FIELD(perf_event_mmap_page, version);
SAME_FIELD(perf_event_mmap_page, compat_version);
SAME_FIELD(perf_event_mmap_page, lock);
SAME_FIELD(perf_event_mmap_page, index);
SAME_FIELD(perf_event_mmap_page, offset);
SAME_FIELD(perf_event_mmap_page, time_enabled);
SAME_FIELD(perf_event_mmap_page, time_running);
SAME_FIELD(perf_event_mmap_page, capabilities);
SAME_FIELD(perf_event_mmap_page, pmc_width);
SAME_FIELD(perf_event_mmap_page, time_shift);
SAME_FIELD(perf_event_mmap_page, time_mult);
SAME_FIELD(perf_event_mmap_page, time_offset);
SAME_FIELD(perf_event_mmap_page, time_zero);
SAME_FIELD(perf_event_mmap_page, size);
SAME_FIELD(perf_event_mmap_page, time_cycles);
SAME_FIELD(perf_event_mmap_page, time_mask);
SAME_FIELD(perf_event_mmap_page, data_head);
SAME_FIELD(perf_event_mmap_page, data_tail);
SAME_FIELD(perf_event_mmap_page, data_offset);
SAME_FIELD(perf_event_mmap_page, data_size);
SAME_FIELD(perf_event_mmap_page, aux_head);
SAME_FIELD(perf_event_mmap_page, aux_tail);
SAME_FIELD(perf_event_mmap_page, aux_offset);
SAME_FIELD(perf_event_mmap_page, aux_size);

SAME_FIELD(perf_event_header, type);
SAME_FIELD(perf_event_header, misc);
SAME_FIELD(perf_event_header, size);
SAME_FIELD(perf_branch_entry, from);
SAME_FIELD(perf_branch_entry, to);
SAME_FIELD(perf_ns_link_info, dev);
SAME_FIELD(perf_ns_link_info, ino);
#undef SAME_FIELD

#define SAME_SIZE(type) static_assert(sizeof(type) == sizeof(::type))
SAME_SIZE(perf_event_mmap_page);
SAME_SIZE(perf_event_header);
SAME_SIZE(perf_branch_entry);
SAME_SIZE(perf_mem_data_src);
SAME_SIZE(perf_sample_weight);
#undef SAME_SIZE
static_assert(sizeof(perf_event_attr) >= sizeof(::perf_event_attr));
static_assert(alignof(perf_event_attr) == alignof(::perf_event_attr));

#define SAME_IOCTL(ours, theirs) \
  static_assert(bits(Ioctl::ours) == PERF_EVENT_IOC_##theirs)
SAME_IOCTL(kEnable, ENABLE);
SAME_IOCTL(kDisable, DISABLE);
SAME_IOCTL(kRefresh, REFRESH);
SAME_IOCTL(kReset, RESET);
SAME_IOCTL(kPeriod, PERIOD);
SAME_IOCTL(kSetOutput, SET_OUTPUT);
SAME_IOCTL(kSetFilter, SET_FILTER);
SAME_IOCTL(kId, ID);
SAME_IOCTL(kSetBpf, SET_BPF);
SAME_IOCTL(kPauseOutput, PAUSE_OUTPUT);
SAME_IOCTL(kQueryBpf, QUERY_BPF);
SAME_IOCTL(kModifyAttributes, MODIFY_ATTRIBUTES);
#undef SAME_IOCTL

// Some constants of each kind; regenerate --check compares all.
static_assert(bits(SoftwareEvent::kCgroupSwitches) ==
              PERF_COUNT_SW_CGROUP_SWITCHES);
static_assert(bits(SampleType::kWeightStruct) == PERF_SAMPLE_WEIGHT_STRUCT);
static_assert(bits(RecordType::kAuxOutputHwId) == PERF_RECORD_AUX_OUTPUT_HW_ID);
static_assert(bits(CallchainContext::kGuestUser) == PERF_CONTEXT_GUEST_USER);
static_assert(bits(OpenFlag::kFdCloexec) == PERF_FLAG_FD_CLOEXEC);

}  // namespace ptcap::abi

#endif  // PTCAP_TESTS_BINDINGS_LAYOUT_CHECK_H_
