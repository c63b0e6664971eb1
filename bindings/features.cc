// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/features.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace ptcap::bindings {

using abi::AttrRequest;
using abi::SampleType;

namespace {

constexpr unsigned long kCloexec = bits(abi::OpenFlag::kFdCloexec);

// Whether it opens; errno tells why not.
bool opens(abi::perf_event_attr attr, pid_t pid, int cpu, Kernel& kernel) {
  attr.size = abi::required_size(attr);
  int fd = kernel.perf_event_open(attr, pid, cpu, -1, kCloexec);
  if (fd < 0) return false;
  kernel.close(fd);
  return true;
}

// Takes the bit `name` out of a field of E; true if that was there.
template <typename E>
bool clear_bit(std::string_view name, uint64_t& field) {
  for (const auto& entry : abi::entries<E>()) {
    if (entry.name != name) continue;
    bool was_set = has(field, entry.value);
    field &= ~static_cast<uint64_t>(bits(entry.value));
    return was_set;
  }
  return false;
}

bool clear(std::string_view name, abi::perf_event_attr& attr) {
  for (const abi::AttrField& field : abi::kAttrFields) {
    if (field.name != name) continue;
    field.clear(attr);
    return true;
  }
  uint64_t sample_type = attr.sample_type, read_format = attr.read_format,
           branches = attr.branch_sample_type;
  bool was_set = clear_bit<SampleType>(name, sample_type) ||
                 clear_bit<abi::ReadFormat>(name, read_format) ||
                 clear_bit<abi::BranchSampleType>(name, branches);
  attr.sample_type = sample_type;
  attr.read_format = read_format;
  attr.branch_sample_type = branches;
  return was_set;
}

abi::perf_event_attr dummy() { return EventAttr::dummy().user_only().fields(); }

// An attr that asks for `name` in a way that a kernel which knows it takes.
std::optional<abi::perf_event_attr> attr_asking_for(std::string_view name) {
  abi::perf_event_attr attr = dummy();
  if (auto bit = abi::parse<SampleType>(name)) {
    attr.sample_type = bits(*bit);
    if (*bit == SampleType::kBranchStack) return std::nullopt;
    if (*bit == SampleType::kRegsUser) attr.sample_regs_user = 1;
    if (*bit == SampleType::kRegsIntr) attr.sample_regs_intr = 1;
    if (*bit == SampleType::kStackUser) attr.sample_stack_user = 8;
    return attr;
  }
  if (auto bit = abi::parse<abi::ReadFormat>(name)) {
    attr.read_format = bits(*bit);
    return attr;
  }
  auto flag = [&](auto change) {
    change(attr);
    return attr;
  };
  using A = abi::perf_event_attr;
  static constexpr std::pair<std::string_view, void (*)(A&)> kFlags[] = {
      {"exclude_host", [](A& a) { a.exclude_host = 1; }},
      {"exclude_guest", [](A& a) { a.exclude_guest = 1; }},
      {"exclude_callchain_kernel",
       [](A& a) { a.exclude_callchain_kernel = 1; }},
      {"exclude_callchain_user", [](A& a) { a.exclude_callchain_user = 1; }},
      {"mmap2", [](A& a) { a.mmap = a.mmap2 = 1; }},
      {"comm_exec", [](A& a) { a.comm = a.comm_exec = 1; }},
      {"use_clockid", [](A& a) { a.use_clockid = 1, a.clockid = 1; }},
      {"context_switch", [](A& a) { a.context_switch = 1; }},
      {"write_backward", [](A& a) { a.write_backward = 1; }},
      {"namespaces", [](A& a) { a.namespaces = 1; }},
      {"ksymbol", [](A& a) { a.ksymbol = 1; }},
      {"bpf_event", [](A& a) { a.bpf_event = 1; }},
      {"cgroup", [](A& a) { a.cgroup = 1; }},
      {"text_poke", [](A& a) { a.text_poke = 1; }},
      {"build_id", [](A& a) { a.mmap = a.mmap2 = a.build_id = 1; }},
      {"inherit_thread", [](A& a) { a.inherit = a.inherit_thread = 1; }},
      {"remove_on_exec", [](A& a) { a.remove_on_exec = 1; }},
      {"sigtrap", [](A& a) { a.sigtrap = a.remove_on_exec = 1; }},
      {"sig_data",
       [](A& a) { a.sigtrap = a.remove_on_exec = 1, a.sig_data = 1; }},
      {"defer_callchain",
       [](A& a) {
         a.defer_callchain = 1;
         a.sample_type = bits(SampleType::kCallchain);
       }},
      {"defer_output", [](A& a) { a.defer_output = 1; }},
      {"sample_max_stack",
       [](A& a) {
         a.sample_max_stack = 1;
         a.sample_type = bits(SampleType::kCallchain);
       }},
  };
  for (const auto& [known, change] : kFlags)
    if (known == name) return flag(change);
  return std::nullopt;
}

}  // namespace

std::optional<abi::KernelVersion> running_kernel(Kernel& kernel) {
  auto text = kernel.read_file("/proc/sys/kernel/osrelease");
  unsigned major = 0, minor = 0, patch = 0;
  if (!text ||
      std::sscanf(text->c_str(), "%u.%u.%u", &major, &minor, &patch) < 2)
    return std::nullopt;
  return abi::KernelVersion{static_cast<uint16_t>(major),
                            static_cast<uint16_t>(minor),
                            static_cast<uint16_t>(patch)};
}

std::optional<uint32_t> kernel_attr_size(Kernel& kernel) {
  // More than any kernel knows, and not zero at the end. The kernel reads the
  // size first, so that paranoia does not matter.
  struct {
    abi::perf_event_attr attr;
    uint64_t beyond[32];
  } large = {};
  large.attr = dummy();
  large.attr.size = sizeof(large);
  large.beyond[31] = 1;
  int fd = kernel.perf_event_open(large.attr, 0, -1, -1, kCloexec);
  if (fd >= 0) kernel.close(fd);
  if (fd >= 0 || errno != E2BIG || large.attr.size == sizeof(large))
    return std::nullopt;
  return large.attr.size;
}

std::optional<bool> supports(std::string_view name, Kernel& kernel) {
  auto attr = attr_asking_for(name);
  if (!attr || !opens(dummy(), 0, -1, kernel)) return std::nullopt;
  return opens(*attr, 0, -1, kernel);
}

std::vector<AttrRequest> refused_requests(const EventAttr& attr, pid_t pid,
                                          int cpu, Kernel& kernel) {
  std::vector<AttrRequest> refused;
  for_each_request(attr.fields(), [&](const AttrRequest& request) {
    abi::perf_event_attr without = attr.for_kernel();
    without.disabled = 1;
    if (request.name != "disabled" && clear(request.name, without) &&
        opens(without, pid, cpu, kernel))
      refused.push_back(request);
  });
  return refused;
}

}  // namespace ptcap::bindings
