// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/ring_set.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <csignal>

#include "bindings/error.h"
#include "bindings/pmu.h"
#include "capture/error.h"
#include "capture/hardware/cgroup.h"
#include "capture/proc_files.h"

namespace ptcap::capture {
namespace {

constexpr uint64_t kDefaultAuxSize = 4 << 20;
constexpr uint64_t kDefaultDataSize = 512 << 10;
constexpr uint64_t kSmallestSize = 64 << 10;  // of those that ptcap chooses

std::string in_kib(uint64_t size) {
  return std::to_string(size >> 10) + " KiB";
}

// What the kernel takes: a power of two of pages.
uint64_t round_size(const char* option, uint64_t size,
                    std::vector<std::string>& notes) {
  const uint64_t page = bindings::page_size();
  const uint64_t rounded = std::bit_ceil(std::max(size, page));
  if (rounded != size) {
    notes.push_back(std::string(option) + " " + std::to_string(size) +
                    ": rounded to " + in_kib(rounded));
  }
  return rounded;
}

std::vector<pid_t> threads_of(pid_t pid) {
  std::vector<pid_t> tids = read_threads(pid);
  if (tids.empty()) {
    throw CaptureError(
        system_message("trace process " + std::to_string(pid), ESRCH));
  }
  return tids;
}

std::vector<int> traced_cpus(const CaptureOptions& options) {
  std::vector<int> online = bindings::online_cpus();
  const auto* system = std::get_if<WholeSystem>(&options.target);
  if (!system || system->cpus.empty()) return online;
  std::vector<int> cpus;
  try {
    cpus = bindings::parse_cpu_list(system->cpus);
  } catch (const std::invalid_argument& error) {
    throw UsageError("-C " + system->cpus + ": " + error.what());
  }
  for (int cpu : cpus) {
    if (std::find(online.begin(), online.end(), cpu) == online.end()) {
      throw UsageError("-C " + system->cpus + ": CPU " + std::to_string(cpu) +
                       " is not online");
    }
  }
  return cpus;
}

bindings::Target target_of(const RingLayout& layout, pid_t tid, int cpu) {
  bindings::Target target;
  target.pid = tid;
  target.cpu = layout.per_cpu ? cpu : -1;
  target.cgroup_fd = layout.cgroup.get();
  return target;
}

// Threads that end between being listed and being opened are no failure.
bool is_gone(const bindings::PerfError& error) {
  return error.code().value() == ESRCH;
}

Rings open_per_cpu(const EventPlan& plan, const RingLayout& layout,
                   const RingSizes& sizes) {
  Rings rings;
  for (int cpu : layout.cpus) {
    std::unique_ptr<TraceRing> ring;
    for (pid_t tid : layout.tids) {
      try {
        const bindings::Target target = target_of(layout, tid, cpu);
        if (ring) {
          ring->add_target(plan, target);
        } else {
          ring = std::make_unique<TraceRing>(plan, target, sizes);
        }
      } catch (const bindings::PerfError& error) {
        const bool only_one = layout.tids.size() == 1;
        if (only_one || !is_gone(error)) throw;
      }
    }
    if (ring) rings.push_back(std::move(ring));
  }
  return rings;
}

Rings open_per_thread(const EventPlan& plan, const RingLayout& layout,
                      const RingSizes& sizes) {
  Rings rings;
  for (pid_t tid : layout.tids) {
    try {
      rings.push_back(
          std::make_unique<TraceRing>(plan, target_of(layout, tid, -1), sizes));
    } catch (const bindings::PerfError& error) {
      if (layout.tids.size() == 1 || !is_gone(error)) throw;
    }
  }
  return rings;
}

Rings open_with(EventPlan& plan, const RingLayout& layout,
                const RingSizes& sizes) {
  // A quarter of the area: enough time for the rest to be taken.
  plan.trace.aux_watermark(
      static_cast<uint32_t>(std::min<uint64_t>(sizes.aux_bytes / 4, 1u << 30)));
  return layout.per_cpu ? open_per_cpu(plan, layout, sizes)
                        : open_per_thread(plan, layout, sizes);
}

// Halves what the options leave open. False if nothing is left to halve.
bool reduce(RingSizes& sizes, const CaptureOptions& options) {
  if (!options.aux_size_bytes && !options.snapshot_bytes &&
      sizes.aux_bytes > kSmallestSize) {
    sizes.aux_bytes /= 2;
    return true;
  }
  if (!options.data_size_bytes && sizes.data_bytes > kSmallestSize) {
    sizes.data_bytes /= 2;
    return true;
  }
  return false;
}

}  // namespace

RingLayout lay_out(const CaptureOptions& options, pid_t started) {
  RingLayout layout;
  layout.per_cpu = !std::holds_alternative<AttachThread>(options.target);
  if (const auto* process = std::get_if<AttachProcess>(&options.target)) {
    layout.tids = threads_of(process->pid);
  } else if (const auto* thread = std::get_if<AttachThread>(&options.target)) {
    layout.tids = {thread->tid};
  } else if (const auto* system = std::get_if<WholeSystem>(&options.target)) {
    layout.tids = {-1};
    if (!system->cgroup.empty()) {
      layout.cgroup = open_cgroup(find_cgroup(system->cgroup));
    }
  } else {
    layout.tids = {started};
  }
  if (layout.per_cpu) layout.cpus = traced_cpus(options);
  return layout;
}

Rings open_rings(EventPlan& plan, const RingLayout& layout,
                 const CaptureOptions& options,
                 std::vector<std::string>& notes) {
  RingSizes sizes;
  sizes.data_bytes =
      options.data_size_bytes
          ? round_size("--data-size", *options.data_size_bytes, notes)
          : kDefaultDataSize;
  sizes.aux_bytes =
      options.aux_size_bytes
          ? round_size("--aux-size", *options.aux_size_bytes, notes)
      : options.snapshot_bytes
          ? round_size("--snapshot", *options.snapshot_bytes, notes)
          : kDefaultAuxSize;
  if (options.snapshot) sizes.aux_access = bindings::Access::kOverwrite;
  std::string left_out;
  fit_sideband_to_kernel(plan.sideband,
                         target_of(layout, layout.tids.front(),
                                   layout.per_cpu ? layout.cpus.front() : -1),
                         left_out);
  if (!left_out.empty()) {
    notes.push_back("this kernel or user has no records of " + left_out);
  }
  const uint64_t wanted = sizes.aux_bytes;
  for (;;) {
    try {
      Rings rings = open_with(plan, layout, sizes);
      if (sizes.aux_bytes < wanted) {
        notes.push_back("AUX area of " + in_kib(sizes.aux_bytes) +
                        " only: no more memory may be locked");
      }
      return rings;
    } catch (const bindings::PerfError& error) {
      const bool locked = error.code().value() == EPERM;
      if (!locked || !reduce(sizes, options)) throw;
    }
  }
}

}  // namespace ptcap::capture
