// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Structs and constants are those of the kernel that runs, by its BTF: none
// differs, and none of the kernel's is missing here.

#include <gmock/gmock.h>

#include <set>

#include "bindings/abi/mem_constants.h"
#include "bindings/abi/perf_event_mmap_page.h"
#include "bindings/abi/record_constants.h"
#include "bindings/abi/register_constants.h"
#include "tests/bindings/btf.h"
#include "tests/bindings/linux_support.h"

namespace ptcap::bindings {
namespace {

class LinuxAbi : public testing::Test {
 protected:
  void SetUp() override {
    auto bytes = Kernel::real().read_file("/sys/kernel/btf/vmlinux");
    if (!bytes) GTEST_SKIP() << "this kernel has no BTF";
    bytes_ = std::move(*bytes);
    btf_.emplace(bytes_);
  }

  // A field of ours that the kernel has: it lies where the kernel's does.
  void expect_same(const char* type, const char* field, Btf::Bits ours) {
    auto theirs = fields_of(type);
    auto found = theirs.find(field);
    checked_.insert(field);
    if (found == theirs.end()) return;  // newer than this kernel
    EXPECT_EQ(found->second.first, ours.first) << type << "::" << field;
    EXPECT_EQ(found->second.count, ours.count) << type << "::" << field;
  }
  void expect_all_checked(const char* type) {
    for (const auto& [field, bits] : fields_of(type)) {
      EXPECT_TRUE(checked_.contains(field) || field.starts_with("__reserved") ||
                  field.ends_with("reserved") || field.ends_with("_rsvd"))
          << type << "::" << field << " is missing here";
    }
    EXPECT_FALSE(fields_of(type).empty()) << type;
    checked_.clear();
  }

  const std::map<std::string, Btf::Bits>& fields_of(const std::string& type) {
    auto& fields = fields_[type];
    if (fields.empty()) fields = btf_->fields(type);
    return fields;
  }

  std::string bytes_;
  std::optional<Btf> btf_;
  std::map<std::string, std::map<std::string, Btf::Bits>> fields_;
  std::set<std::string> checked_;
};

// Where the bits are that `set` sets to ones.
template <typename Struct, typename Set>
Btf::Bits bits_set_by(Set&& set) {
  Struct value;
  std::memset(&value, 0, sizeof(value));
  set(value, ~uint64_t{0});
  unsigned char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  Btf::Bits bits;
  for (size_t i = 0; i < 8 * sizeof(value); ++i) {
    if (!(bytes[i / 8] >> i % 8 & 1)) continue;
    if (!bits.count) bits.first = i;
    ++bits.count;
  }
  return bits;
}

#define EXPECT_SAME_IN(type, member, field)                               \
  expect_same(#type, #field,                                              \
              bits_set_by<abi::type>([](auto& value, uint64_t ones) {     \
                value.member = static_cast<decltype(value.member)>(ones); \
              }))
#define EXPECT_SAME(type, field) EXPECT_SAME_IN(type, field, field)

TEST_F(LinuxAbi, Attr) {
#define ATTR(field) EXPECT_SAME(perf_event_attr, field)
  ATTR(type), ATTR(size), ATTR(config), ATTR(sample_period), ATTR(sample_freq);
  ATTR(sample_type), ATTR(read_format), ATTR(disabled), ATTR(inherit);
  ATTR(pinned), ATTR(exclusive), ATTR(exclude_user), ATTR(exclude_kernel);
  ATTR(exclude_hv), ATTR(exclude_idle), ATTR(mmap), ATTR(comm), ATTR(freq);
  ATTR(inherit_stat), ATTR(enable_on_exec), ATTR(task), ATTR(watermark);
  ATTR(precise_ip), ATTR(mmap_data), ATTR(sample_id_all), ATTR(exclude_host);
  ATTR(exclude_guest), ATTR(exclude_callchain_kernel);
  ATTR(exclude_callchain_user), ATTR(mmap2), ATTR(comm_exec);
  ATTR(use_clockid), ATTR(context_switch), ATTR(write_backward);
  ATTR(namespaces), ATTR(ksymbol), ATTR(bpf_event), ATTR(aux_output);
  ATTR(cgroup), ATTR(text_poke), ATTR(build_id), ATTR(inherit_thread);
  ATTR(remove_on_exec), ATTR(sigtrap), ATTR(defer_callchain);
  ATTR(defer_output), ATTR(wakeup_events), ATTR(wakeup_watermark);
  ATTR(bp_type), ATTR(bp_addr), ATTR(kprobe_func), ATTR(uprobe_path);
  ATTR(config1), ATTR(bp_len), ATTR(kprobe_addr), ATTR(probe_offset);
  ATTR(config2), ATTR(branch_sample_type), ATTR(sample_regs_user);
  ATTR(sample_stack_user), ATTR(clockid), ATTR(sample_regs_intr);
  ATTR(aux_watermark), ATTR(sample_max_stack), ATTR(aux_sample_size);
  ATTR(aux_action), ATTR(aux_start_paused), ATTR(aux_pause), ATTR(aux_resume);
  ATTR(sig_data), ATTR(config3), ATTR(config4);
  expect_all_checked("perf_event_attr");
}

TEST_F(LinuxAbi, MmapPage) {
#define PAGE(field) EXPECT_SAME(perf_event_mmap_page, field)
  PAGE(version), PAGE(compat_version), PAGE(lock), PAGE(index), PAGE(offset);
  PAGE(time_enabled), PAGE(time_running), PAGE(capabilities), PAGE(cap_bit0);
  PAGE(cap_bit0_is_deprecated), PAGE(cap_user_rdpmc), PAGE(cap_user_time);
  PAGE(cap_user_time_zero), PAGE(cap_user_time_short);
  EXPECT_SAME_IN(perf_event_mmap_page, cap_reserved, cap_____res);
  PAGE(pmc_width), PAGE(time_shift), PAGE(time_mult), PAGE(time_offset);
  PAGE(time_zero), PAGE(size), PAGE(time_cycles), PAGE(time_mask);
  PAGE(data_head), PAGE(data_tail), PAGE(data_offset), PAGE(data_size);
  PAGE(aux_head), PAGE(aux_tail), PAGE(aux_offset), PAGE(aux_size);
  expect_all_checked("perf_event_mmap_page");
}

TEST_F(LinuxAbi, PartsOfRecords) {
  EXPECT_SAME(perf_event_header, type), EXPECT_SAME(perf_event_header, misc);
  EXPECT_SAME(perf_event_header, size);
  expect_all_checked("perf_event_header");

#define BRANCH(field) EXPECT_SAME(perf_branch_entry, field)
  BRANCH(from), BRANCH(to), BRANCH(mispred), BRANCH(predicted), BRANCH(in_tx);
  BRANCH(abort), BRANCH(cycles), BRANCH(type), BRANCH(spec), BRANCH(new_type);
  BRANCH(priv);
  expect_all_checked("perf_branch_entry");

#define MEM(field) EXPECT_SAME_IN(perf_mem_data_src, fields.field, field)
  MEM(mem_op), MEM(mem_lvl), MEM(mem_snoop), MEM(mem_lock), MEM(mem_dtlb);
  MEM(mem_lvl_num), MEM(mem_remote), MEM(mem_snoopx), MEM(mem_blk);
  MEM(mem_hops), MEM(mem_region);
  EXPECT_SAME(perf_mem_data_src, val);
  expect_all_checked("perf_mem_data_src");

#define WEIGHT(field) EXPECT_SAME_IN(perf_sample_weight, parts.field, field)
  WEIGHT(var1_dw), WEIGHT(var2_w), WEIGHT(var3_w);
  EXPECT_SAME(perf_sample_weight, full);
  expect_all_checked("perf_sample_weight");

  EXPECT_SAME(perf_ns_link_info, dev), EXPECT_SAME(perf_ns_link_info, ino);
  expect_all_checked("perf_ns_link_info");
  EXPECT_SAME(perf_event_query_bpf, ids_len);
  EXPECT_SAME(perf_event_query_bpf, prog_cnt);
}

template <typename... E>
std::map<std::string, int64_t> our_constants() {
  std::map<std::string, int64_t> all;
  auto add = [&](const auto& entries) {
    for (const auto& entry : entries)
      all[std::string(entry.name)] = static_cast<int64_t>(bits(entry.value));
  };
  (add(abi::entries<E>()), ...);
  return all;
}

TEST_F(LinuxAbi, Constants) {
  const auto ours = our_constants<
      abi::TypeId, abi::HardwareEvent, abi::CacheId, abi::CacheOp,
      abi::CacheResult, abi::SoftwareEvent, abi::SampleType, abi::ReadFormat,
      abi::BranchSampleType, abi::IoctlFlag, abi::BreakpointLength,
      abi::BreakpointType, abi::RecordType, abi::KsymbolType, abi::BpfEventType,
      abi::CallchainContext, abi::RegsAbi, abi::Transaction, abi::BranchType,
      abi::BranchSpec, abi::BranchNewType, abi::BranchPriv, abi::X86Register>();
  const auto theirs = btf_->all_enumerators();
  int compared = 0;
  for (const auto& [name, value] : ours) {
    auto found = theirs.find(name);
    if (found == theirs.end()) continue;  // newer, or of a kind without BTF
    ++compared;
    EXPECT_EQ(found->second, value) << name;
  }
  EXPECT_GE(compared, 150);

  for (const char* type :
       {"perf_type_id", "perf_hw_id", "perf_hw_cache_id", "perf_hw_cache_op_id",
        "perf_hw_cache_op_result_id", "perf_sw_ids", "perf_event_sample_format",
        "perf_branch_sample_type", "perf_sample_regs_abi",
        "perf_event_read_format", "perf_event_ioc_flags", "perf_event_type",
        "perf_record_ksymbol_type", "perf_bpf_event_type",
        "perf_callchain_context"}) {
    for (const auto& [name, value] : btf_->enumerators(type)) {
      if (name.ends_with("_MAX") || name.starts_with("__")) continue;
      EXPECT_TRUE(ours.contains(name)) << type << " has " << name;
    }
  }
}

}  // namespace
}  // namespace ptcap::bindings
