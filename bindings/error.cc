// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/error.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "bindings/features.h"
#include "bindings/number.h"
#include "bindings/pmu.h"

namespace ptcap::bindings {

namespace {

const std::string kSysctl = "/proc/sys/kernel/";

std::optional<int64_t> sysctl(const std::string& name, Kernel& kernel) {
  auto text = kernel.read_file(kSysctl + name);
  if (!text) return std::nullopt;
  std::string_view digits = trim(*text);
  bool negative = digits.starts_with('-');
  auto value = parse_number(digits.substr(negative));
  if (!value) return std::nullopt;
  return negative ? -static_cast<int64_t>(*value)
                  : static_cast<int64_t>(*value);
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

// The highest perf_event_paranoid with which an ordinary user may do this.
int allowed_paranoia(const EventAttr& attr, const Target& target) {
  const abi::perf_event_attr& a = attr.fields();
  if (a.type == bits(abi::TypeId::kTracepoint)) return -1;
  if (target.pid == -1) return 0;
  return a.exclude_kernel ? 2 : 1;
}

std::string permission_advice(const EventAttr& attr, const Target& target,
                              Kernel& kernel) {
  auto paranoid = sysctl("perf_event_paranoid", kernel);
  if (!paranoid) return "this kernel has no perf";
  if (attr.is_probe())
    return "probes need CAP_PERFMON (Linux 5.8) or root, whatever "
           "perf_event_paranoid says";
  int allowed = allowed_paranoia(attr, target);
  if (*paranoid > allowed) {
    std::string advice =
        "perf_event_paranoid is " + std::to_string(*paranoid) +
        "; 'sudo sysctl kernel.perf_event_paranoid=" + std::to_string(allowed) +
        "' allows this, or CAP_PERFMON (Linux 5.8)";
    if (!attr.fields().exclude_kernel && *paranoid <= 2)
      advice += ", or excluding the kernel (user_only)";
    return advice;
  }
  if (target.pid > 0)
    return "the thread belongs to another user, or /proc/sys/kernel/yama/"
           "ptrace_scope forbids; CAP_PERFMON (Linux 5.8) allows it";
  return "a container's seccomp filter or a security module may forbid "
         "perf_event_open";
}

// What the attr asks for that this kernel is too old for.
std::vector<std::string> too_new(const EventAttr& attr, Kernel& kernel) {
  std::vector<std::string> found;
  auto running = running_kernel(kernel);
  if (!running) return found;
  for_each_request(attr.fields(), [&](const abi::AttrRequest& request) {
    if (request.since > *running)
      found.push_back(std::string(request.name) + " needs Linux " +
                      abi::to_string(request.since) + ", this is " +
                      abi::to_string(*running));
  });
  return found;
}

std::string invalid_advice(const EventAttr& attr, const Target& target,
                           Kernel& kernel) {
  if (auto found = too_new(attr, kernel); !found.empty()) return list(found);
  if (target.pid == -1 && target.cpu == -1)
    return "all threads on any CPU cannot be asked for: name a thread or a CPU";
  const abi::perf_event_attr& a = attr.fields();
  if (auto limit = sysctl("perf_event_max_sample_rate", kernel);
      limit && a.freq && a.sample_freq > static_cast<uint64_t>(*limit))
    return "the frequency is above perf_event_max_sample_rate (" +
           std::to_string(*limit) + ")";
  std::vector<std::string> names;
  for (const auto& request :
       refused_requests(attr, target.pid, target.cpu, kernel))
    names.emplace_back(request.name);
  return names.empty() ? "" : "the kernel takes it without: " + list(names);
}

std::string not_found_advice(const EventAttr& attr, const Target& target,
                             Kernel& kernel) {
  // A hierarchy of version 2 has perf_event from its first controller on.
  if (target.cgroup_fd >= 0)
    return "the cgroup has no perf_event controller; on version 2 'echo +pids "
           "> /sys/fs/cgroup/cgroup.subtree_control' switches it on with the "
           "other";
  const uint32_t type = attr.fields().type;
  if (type == bits(abi::TypeId::kHardware) ||
      type == bits(abi::TypeId::kHwCache) || type == bits(abi::TypeId::kRaw))
    return "no hardware counters here (a virtual machine without a PMU?), or "
           "the CPU lacks this event; PMUs: " +
           list(Pmu::list(kernel));
  return "PMUs: " + list(Pmu::list(kernel));
}

std::string limit_text(rlim_t limit) {
  return limit == RLIM_INFINITY ? "unlimited" : std::to_string(limit);
}

std::string files_advice() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  return "the limit of open files is " + limit_text(limit.rlim_cur) +
         "; 'ulimit -n' raises it up to " + limit_text(limit.rlim_max);
}

std::string too_big_advice(const EventAttr& attr, Kernel& kernel) {
  if (auto found = too_new(attr, kernel); !found.empty()) return list(found);
  auto size = kernel_attr_size(kernel);
  if (!size) return "";
  for (const abi::AttrSize& version : abi::kAttrSizes)
    if (version.size > *size &&
        version.size <= abi::required_size(attr.fields()))
      return std::string(version.added) + " needs Linux " +
             abi::to_string(version.since) + ": this one takes " +
             std::to_string(*size) + " bytes";
  return "";
}

}  // namespace

PerfError::PerfError(int error, const std::string& call,
                     const std::string& advice)
    : std::system_error(error, std::generic_category(), call),
      advice_(advice),
      message_(std::system_error::what()) {
  if (!advice.empty()) message_ += "\n  " + advice;
}

std::string to_string(const Target& target) {
  std::string text;
  if (target.cgroup_fd >= 0)
    text = "a cgroup";
  else if (target.pid == -1)
    text = "every thread";
  else
    text = target.pid ? "tid " + std::to_string(target.pid) : "this thread";
  if (target.cpu >= 0) text += ", CPU " + std::to_string(target.cpu);
  return text;
}

std::string open_advice(int error, const EventAttr& attr, const Target& target,
                        Kernel& kernel) {
  switch (error) {
    case EACCES:
    case EPERM:
      return permission_advice(attr, target, kernel);
    case EINVAL:
      return invalid_advice(attr, target, kernel);
    case E2BIG:
      return too_big_advice(attr, kernel);
    case ENOENT:
      return not_found_advice(attr, target, kernel);
    case EOPNOTSUPP:
      return "the PMU cannot sample, or not what is asked for; PMUs: " +
             list(Pmu::list(kernel));
    case EBUSY:
      return "the PMU serves one event at a time and is in use (another "
             "tracer?)";
    case ENOSPC:
      return "no breakpoint register is left (x86 has 4 for each thread)";
    case EMFILE:
      return files_advice();
    case ENFILE:
      return "the limit of open files of the system (sysctl fs.file-max) is "
             "reached";
    case ESRCH:
      return "no thread has this id: it may have ended";
    case EBADF:
      return "the group's leader, or the cgroup's directory, is not open";
    case ENOMEM:
      return "the kernel has no memory for it";
    case ENODEV:
      return "the CPU is offline or lacks this";
    case EOVERFLOW:
      return "sample_max_stack is above perf_event_max_stack (" +
             std::to_string(
                 sysctl("perf_event_max_stack", kernel).value_or(0)) +
             ")";
    case ENOSYS:
      return "this kernel has no perf_event_open (CONFIG_PERF_EVENTS), or a "
             "sandbox hides it";
    default:
      return "";
  }
}

PerfError open_error(int error, const EventAttr& attr, const Target& target,
                     Kernel& kernel) {
  return PerfError(
      error, "perf_event_open(" + attr.name() + ", " + to_string(target) + ")",
      open_advice(error, attr, target, kernel));
}

std::string mmap_advice(int error, size_t size_bytes, Kernel& kernel) {
  if (error == EINVAL)
    return "the size must be a page and a power of two of pages (an AUX area: "
           "a power of two)";
  if (error == ENOMEM) return "the kernel has no memory for it";
  if (error == EOPNOTSUPP)
    return "only PMUs that trace (intel_pt, intel_bts) have an AUX area";
  if (error != EPERM) return "";
  rlimit limit = {};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  uint64_t per_cpu_kb = sysctl("perf_event_mlock_kb", kernel).value_or(516);
  uint64_t cpus = std::max<size_t>(1, online_cpus(kernel).size());
  return std::to_string(size_bytes >> 10) +
         " KiB are above the budget: " + std::to_string(per_cpu_kb) +
         " KiB (perf_event_mlock_kb) x " + std::to_string(cpus) +
         " CPUs for all rings of this user, and " +
         (limit.rlim_cur == RLIM_INFINITY
              ? "unlimited"
              : std::to_string(limit.rlim_cur >> 10) + " KiB") +
         " (ulimit -l) of this process; take less, raise either, or have "
         "CAP_IPC_LOCK";
}

PerfError mmap_error(int error, const std::string& event, std::string_view area,
                     size_t size_bytes, Kernel& kernel) {
  return PerfError(error,
                   "mmap(" + std::string(area) + " of " + event + ", " +
                       std::to_string(size_bytes >> 10) + " KiB)",
                   mmap_advice(error, size_bytes, kernel));
}

PerfError call_error(int error, std::string_view call, const std::string& event,
                     const std::string& advice) {
  return PerfError(error, std::string(call) + "(" + event + ")", advice);
}

}  // namespace ptcap::bindings
