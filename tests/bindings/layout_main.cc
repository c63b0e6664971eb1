// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// For every architecture that there is a compiler for: what offsetof() cannot
// see, the bit-fields, and the number of the system call.
// Prints "ok", or what differs. With `call` it makes the system call once.

#include <cstdio>
#include <cstring>

#include "bindings/raw.h"
#include "tests/bindings/layout_check.h"

namespace {

using namespace ptcap;

int failures = 0;

// Sets a field in the kernel's struct and in ours: the bytes must be equal.
template <typename Theirs, typename Ours>
void same_bytes(const char* name, const Theirs& theirs, const Ours& ours) {
  if (!std::memcmp(&theirs, &ours, sizeof(theirs))) return;
  std::printf("%s differs\n", name);
  ++failures;
}

#define SAME_FLAG(field)                                  \
  do {                                                    \
    ::perf_event_attr theirs = {};                        \
    abi::perf_event_attr ours = {};                       \
    theirs.field = 1;                                     \
    ours.field = 1;                                       \
    same_bytes("perf_event_attr::" #field, theirs, ours); \
  } while (0)

void check_attr() {
  SAME_FLAG(disabled);
  SAME_FLAG(inherit);
  SAME_FLAG(pinned);
  SAME_FLAG(exclusive);
  SAME_FLAG(exclude_user);
  SAME_FLAG(exclude_kernel);
  SAME_FLAG(exclude_hv);
  SAME_FLAG(exclude_idle);
  SAME_FLAG(mmap);
  SAME_FLAG(comm);
  SAME_FLAG(freq);
  SAME_FLAG(inherit_stat);
  SAME_FLAG(enable_on_exec);
  SAME_FLAG(task);
  SAME_FLAG(watermark);
  SAME_FLAG(precise_ip);
  SAME_FLAG(mmap_data);
  SAME_FLAG(sample_id_all);
  SAME_FLAG(exclude_host);
  SAME_FLAG(exclude_guest);
  SAME_FLAG(exclude_callchain_kernel);
  SAME_FLAG(exclude_callchain_user);
  SAME_FLAG(mmap2);
  SAME_FLAG(comm_exec);
  SAME_FLAG(use_clockid);
  SAME_FLAG(context_switch);
  SAME_FLAG(write_backward);
  SAME_FLAG(namespaces);
  SAME_FLAG(ksymbol);
  SAME_FLAG(bpf_event);
  SAME_FLAG(aux_output);
  SAME_FLAG(cgroup);
  SAME_FLAG(text_poke);
  SAME_FLAG(build_id);
  SAME_FLAG(inherit_thread);
  SAME_FLAG(remove_on_exec);
  SAME_FLAG(sigtrap);
}

#define SAME_BITS(type, field)                   \
  do {                                           \
    ::type theirs = {};                          \
    abi::type ours = {};                         \
    theirs.field = 1;                            \
    ours.field = 1;                              \
    same_bytes(#type "::" #field, theirs, ours); \
  } while (0)
#define SAME_MEM(field)                                     \
  do {                                                      \
    ::perf_mem_data_src theirs = {};                        \
    abi::perf_mem_data_src ours = {};                       \
    theirs.field = 1;                                       \
    ours.fields.field = 1;                                  \
    same_bytes("perf_mem_data_src::" #field, theirs, ours); \
  } while (0)

void check_others() {
  SAME_BITS(perf_event_mmap_page, cap_user_rdpmc);
  SAME_BITS(perf_event_mmap_page, cap_user_time);
  SAME_BITS(perf_event_mmap_page, cap_user_time_zero);
  SAME_BITS(perf_event_mmap_page, cap_user_time_short);
  SAME_BITS(perf_branch_entry, mispred);
  SAME_BITS(perf_branch_entry, predicted);
  SAME_BITS(perf_branch_entry, in_tx);
  SAME_BITS(perf_branch_entry, abort);
  SAME_BITS(perf_branch_entry, cycles);
  SAME_BITS(perf_branch_entry, type);
  SAME_MEM(mem_op);
  SAME_MEM(mem_lvl);
  SAME_MEM(mem_snoop);
  SAME_MEM(mem_lock);
  SAME_MEM(mem_dtlb);
  SAME_MEM(mem_lvl_num);
  SAME_MEM(mem_remote);
  SAME_MEM(mem_snoopx);
  SAME_MEM(mem_blk);
  SAME_MEM(mem_hops);
  ::perf_sample_weight theirs = {};
  abi::perf_sample_weight ours = {};
  theirs.var1_dw = ours.parts.var1_dw = 1;
  theirs.var2_w = ours.parts.var2_w = 2;
  theirs.var3_w = ours.parts.var3_w = 3;
  same_bytes("perf_sample_weight", theirs, ours);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && !std::strcmp(argv[1], "call")) {
    abi::perf_event_attr attr = {};
    attr.size = sizeof(attr);
    bindings::raw::perf_event_open(&attr, 0, -1, -1, 0);
    return 0;
  }
  check_attr();
  check_others();
  if (!failures) std::puts("ok");
  return failures != 0;
}
