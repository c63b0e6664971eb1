// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/system_facts.h"

#include <sys/resource.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <optional>
#include <stdexcept>

#include "bindings/pmu.h"
#include "capture/error.h"
#include "capture/hardware/kernel_layout.h"
#include "capture/hardware/pt_config.h"

namespace ptcap::capture {
namespace {

using bindings::Kernel;

// capability(7): the bits in CapEff.
constexpr unsigned kCapSysAdmin = 21;
constexpr unsigned kCapPerfmon = 38;
// The kernel's data ring of ptcap, per CPU, when memory is short; and its
// first page.
constexpr uint64_t kSmallDataRing = (64 << 10) + 4096;

// The value of "Name:\tvalue" in /proc/self/status.
std::string status_field(Kernel& kernel, const std::string& name) {
  const std::string text = kernel.read_file("/proc/self/status").value_or("");
  const size_t at = text.find("\n" + name + ":");
  if (at == std::string::npos) return {};
  const size_t begin = text.find_first_not_of(" \t", at + name.size() + 2);
  return text.substr(begin, text.find('\n', begin) - begin);
}

bool is_privileged(Kernel& kernel) {
  const uint64_t mask =
      std::strtoull(status_field(kernel, "CapEff").c_str(), nullptr, 16);
  return ((mask >> kCapSysAdmin | mask >> kCapPerfmon) & 1) != 0;
}

SystemFact pt_fact(Kernel& kernel) {
  const auto pmu = bindings::Pmu::find("intel_pt", kernel);
  if (!pmu) return {"intel_pt", "none", ""};
  const PtCaps caps = read_pt_caps(*pmu);
  std::string value = "type " + std::to_string(pmu->type());
  value += caps.psb_cyc ? ", cyc and psb_period" : "";
  value += caps.mtc ? ", mtc" : "";
  value += caps.ptwrite ? ", ptwrite" : "";
  value += caps.event_trace ? ", event" : "";
  value += caps.tnt_disable ? ", notnt" : "";
  value += ", " + std::to_string(caps.address_filters) + " address filters";
  // Linear instead of effective IPs: no difference with flat segments.
  value += caps.payloads_lip ? ", LIP" : "";
  return {"intel_pt", value, ""};
}

SystemFact bts_fact(Kernel& kernel) {
  const auto pmu = bindings::Pmu::find("intel_bts", kernel);
  return {"intel_bts",
          pmu ? "type " + std::to_string(pmu->type()) : std::string("none"),
          ""};
}

SystemFact paranoid_fact(Kernel& kernel) {
  const auto text = kernel.read_file("/proc/sys/kernel/perf_event_paranoid");
  if (!text) return {"perf_event_paranoid", "this kernel has no perf", ""};
  const int level = std::atoi(text->c_str());
  SystemFact fact = {"perf_event_paranoid", *text, ""};
  if (is_privileged(kernel)) {
    fact.value += " (does not matter to this user)";
  } else if (level > 2) {
    fact.advice = "sudo sysctl kernel.perf_event_paranoid=2";
  } else if (level > 0) {
    fact.value += " (own programs, user code)";
    fact.advice = "for -a: sudo sysctl kernel.perf_event_paranoid=0";
  }
  return fact;
}

// perf_mmap(): per user mlock_kb for each CPU, beyond that RLIMIT_MEMLOCK.
SystemFact memory_fact(Kernel& kernel) {
  const auto text = kernel.read_file("/proc/sys/kernel/perf_event_mlock_kb");
  size_t cpus = 1;
  try {
    cpus = std::max<size_t>(bindings::online_cpus(kernel).size(), 1);
  } catch (const std::invalid_argument&) {
    // Not readable: one, to be safe.
  }
  const uint64_t per_cpu =
      text ? std::strtoull(text->c_str(), nullptr, 10) << 10 : 0;
  rlimit limit = {};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  if (is_privileged(kernel) || limit.rlim_cur == RLIM_INFINITY) {
    return {"locked memory", "not limited", ""};
  }
  const uint64_t budget = per_cpu + limit.rlim_cur / cpus;
  const uint64_t aux =
      budget > kSmallDataRing ? std::bit_floor(budget - kSmallDataRing) : 0;
  return {"locked memory",
          std::to_string(budget >> 10) + " KiB for each of " +
              std::to_string(cpus) + " CPUs: --aux-size " +
              std::to_string(aux >> 10) + "K fits",
          "sudo sysctl kernel.perf_event_mlock_kb=8192"};
}

SystemFact seccomp_fact(Kernel& kernel) {
  const bool filtered = status_field(kernel, "Seccomp") == "2";
  return {"seccomp", filtered ? "a filter is active" : "no filter",
          filtered ? "if perf_event_open fails: docker run --cap-add PERFMON "
                     "--security-opt seccomp=unconfined"
                   : ""};
}

SystemFact machine_fact(Kernel& kernel) {
  const std::string cpuinfo = kernel.read_file("/proc/cpuinfo").value_or("");
  const bool virtual_machine = cpuinfo.find(" hypervisor") != std::string::npos;
  const bool intel = cpuinfo.find("GenuineIntel") != std::string::npos;
  return {"machine",
          std::string(intel ? "Intel" : "not Intel") +
              (virtual_machine ? ", a virtual machine" : ""),
          virtual_machine && intel
              ? "the host has to pass PT on (KVM: kvm_intel.pt_mode=1)"
              : ""};
}

SystemFact lockdown_fact(Kernel& kernel) {
  const std::string modes =
      kernel.read_file("/sys/kernel/security/lockdown").value_or("");
  const size_t begin = modes.find('[');
  const size_t end = modes.find(']');
  const bool known = begin != std::string::npos && end > begin;
  return {"lockdown",
          known ? modes.substr(begin + 1, end - begin - 1) : "unknown", ""};
}

// What --kernel needs beside the right to trace ring 0.
SystemFact kernel_code_fact(Kernel& kernel) {
  SystemFact fact = {"kernel code", "readable", ""};
  const auto restricted = kernel.read_file("/proc/sys/kernel/kptr_restrict");
  try {
    Kcore();
  } catch (const CaptureError& error) {
    const std::string why = error.what();
    const size_t end = why.find('\n');
    fact.value = why.substr(0, end);
    if (end != std::string::npos) {
      fact.advice =
          "for --kernel: " + why.substr(why.find_first_not_of(" \n", end));
    }
    return fact;
  }
  // 1 hides addresses from others than root, 2 from all.
  if (restricted && std::atoi(restricted->c_str()) > 1) {
    fact.value = "/proc/kallsyms hides where it is";
    fact.advice = "for --kernel: sudo sysctl kernel.kptr_restrict=1";
  }
  return fact;
}

}  // namespace

std::vector<SystemFact> read_system_facts(Kernel& kernel) {
  return {machine_fact(kernel),  pt_fact(kernel),         bts_fact(kernel),
          paranoid_fact(kernel), memory_fact(kernel),     seccomp_fact(kernel),
          lockdown_fact(kernel), kernel_code_fact(kernel)};
}

}  // namespace ptcap::capture
