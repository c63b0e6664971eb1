// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The fields of perf_event_attr by name, with the kernel that brought each:
// what an attr asks of a kernel, and how to take it back.

#ifndef PTCAP_BINDINGS_ABI_ATTR_FIELDS_H_
#define PTCAP_BINDINGS_ABI_ATTR_FIELDS_H_

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "bindings/abi/perf_event_attr.h"

namespace ptcap::abi {

struct AttrField {
  std::string_view name;
  KernelVersion since;
  uint64_t (*get)(const perf_event_attr&);
  void (*clear)(perf_event_attr&);
};

#define PTCAP_ATTR_FIELD(field, ...)                          \
  AttrField {                                                 \
#field, KernelVersion{__VA_ARGS__},                         \
        [](const perf_event_attr& a) -> uint64_t {              \
          return static_cast<uint64_t>(a.field);                \
        },                                                      \
        [](perf_event_attr& a) { a.field = 0; } \
  }

// Every field but type, size, config and unions' second names; in the order of
// the struct.
inline constexpr AttrField kAttrFields[] = {
    PTCAP_ATTR_FIELD(sample_period, 2, 6, 31),
    PTCAP_ATTR_FIELD(sample_type, 2, 6, 31),
    PTCAP_ATTR_FIELD(read_format, 2, 6, 31),
    PTCAP_ATTR_FIELD(disabled, 2, 6, 31),
    PTCAP_ATTR_FIELD(inherit, 2, 6, 31),
    PTCAP_ATTR_FIELD(pinned, 2, 6, 31),
    PTCAP_ATTR_FIELD(exclusive, 2, 6, 31),
    PTCAP_ATTR_FIELD(exclude_user, 2, 6, 31),
    PTCAP_ATTR_FIELD(exclude_kernel, 2, 6, 31),
    PTCAP_ATTR_FIELD(exclude_hv, 2, 6, 31),
    PTCAP_ATTR_FIELD(exclude_idle, 2, 6, 31),
    PTCAP_ATTR_FIELD(mmap, 2, 6, 31),
    PTCAP_ATTR_FIELD(comm, 2, 6, 31),
    PTCAP_ATTR_FIELD(freq, 2, 6, 31),
    PTCAP_ATTR_FIELD(inherit_stat, 2, 6, 31),
    PTCAP_ATTR_FIELD(enable_on_exec, 2, 6, 31),
    PTCAP_ATTR_FIELD(task, 2, 6, 31),
    PTCAP_ATTR_FIELD(watermark, 2, 6, 32),
    PTCAP_ATTR_FIELD(precise_ip, 2, 6, 35),
    PTCAP_ATTR_FIELD(mmap_data, 2, 6, 36),
    PTCAP_ATTR_FIELD(sample_id_all, 2, 6, 38),
    PTCAP_ATTR_FIELD(exclude_host, 3, 2),
    PTCAP_ATTR_FIELD(exclude_guest, 3, 2),
    PTCAP_ATTR_FIELD(exclude_callchain_kernel, 3, 7),
    PTCAP_ATTR_FIELD(exclude_callchain_user, 3, 7),
    PTCAP_ATTR_FIELD(mmap2, 3, 16),
    PTCAP_ATTR_FIELD(comm_exec, 3, 16),
    PTCAP_ATTR_FIELD(use_clockid, 4, 1),
    PTCAP_ATTR_FIELD(context_switch, 4, 3),
    PTCAP_ATTR_FIELD(write_backward, 4, 7),
    PTCAP_ATTR_FIELD(namespaces, 4, 12),
    PTCAP_ATTR_FIELD(ksymbol, 5, 1),
    PTCAP_ATTR_FIELD(bpf_event, 5, 1),
    PTCAP_ATTR_FIELD(aux_output, 5, 4),
    PTCAP_ATTR_FIELD(cgroup, 5, 7),
    PTCAP_ATTR_FIELD(text_poke, 5, 9),
    PTCAP_ATTR_FIELD(build_id, 5, 12),
    PTCAP_ATTR_FIELD(inherit_thread, 5, 13),
    PTCAP_ATTR_FIELD(remove_on_exec, 5, 13),
    PTCAP_ATTR_FIELD(sigtrap, 5, 13),
    PTCAP_ATTR_FIELD(defer_callchain, 6, 19),
    PTCAP_ATTR_FIELD(defer_output, 6, 19),
    PTCAP_ATTR_FIELD(wakeup_events, 2, 6, 31),
    PTCAP_ATTR_FIELD(bp_type, 2, 6, 33),
    PTCAP_ATTR_FIELD(config1, 2, 6, 39),
    PTCAP_ATTR_FIELD(config2, 2, 6, 39),
    PTCAP_ATTR_FIELD(branch_sample_type, 3, 4),
    PTCAP_ATTR_FIELD(sample_regs_user, 3, 7),
    PTCAP_ATTR_FIELD(sample_stack_user, 3, 7),
    PTCAP_ATTR_FIELD(clockid, 4, 1),
    PTCAP_ATTR_FIELD(sample_regs_intr, 3, 19),
    PTCAP_ATTR_FIELD(aux_watermark, 4, 1),
    PTCAP_ATTR_FIELD(sample_max_stack, 4, 8),
    PTCAP_ATTR_FIELD(aux_sample_size, 5, 5),
    PTCAP_ATTR_FIELD(aux_start_paused, 6, 13),
    PTCAP_ATTR_FIELD(aux_pause, 6, 13),
    PTCAP_ATTR_FIELD(aux_resume, 6, 13),
    PTCAP_ATTR_FIELD(sig_data, 5, 13),
    PTCAP_ATTR_FIELD(config3, 6, 3),
    PTCAP_ATTR_FIELD(config4, 6, 19),
};

#undef PTCAP_ATTR_FIELD

// One thing that an attr asks for: a field, or a bit of one.
struct AttrRequest {
  std::string_view name;  // "inherit_thread", "PERF_SAMPLE_CGROUP"
  KernelVersion since;
};

namespace internal {

template <typename E, typename Visit>
void visit_bits(uint64_t set, Visit&& visit) {
  for (const auto& entry : entries<E>())
    if (bits(entry.value) && has(set, entry.value))
      visit(AttrRequest{entry.name, entry.since});
}

}  // namespace internal

// Calls visit(AttrRequest) for every field and bit that is set.
template <typename Visit>
void for_each_request(const perf_event_attr& attr, Visit&& visit) {
  for (const AttrField& field : kAttrFields)
    if (field.get(attr)) visit(AttrRequest{field.name, field.since});
  internal::visit_bits<SampleType>(attr.sample_type, visit);
  internal::visit_bits<ReadFormat>(attr.read_format, visit);
  internal::visit_bits<BranchSampleType>(attr.branch_sample_type, visit);
  if (attr.type == bits(TypeId::kSoftware)) {
    if (const auto* e = find_entry(static_cast<SoftwareEvent>(attr.config)))
      visit(AttrRequest{e->name, e->since});
  }
}

// The first kernel that takes all that the attr asks for (PMUs apart).
inline KernelVersion required_version(const perf_event_attr& attr) {
  KernelVersion version{2, 6, 31};
  for_each_request(attr, [&](const AttrRequest& request) {
    version = std::max(version, request.since);
  });
  return version;
}

}  // namespace ptcap::abi

#endif  // PTCAP_BINDINGS_ABI_ATTR_FIELDS_H_
