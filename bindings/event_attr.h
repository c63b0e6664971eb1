// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What to ask perf for: a perf_event_attr with a name, made by kind of event
// and refined by setters.

#ifndef PTCAP_BINDINGS_EVENT_ATTR_H_
#define PTCAP_BINDINGS_EVENT_ATTR_H_

#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bindings/abi/attr_constants.h"
#include "bindings/abi/perf_event_attr.h"
#include "bindings/kernel.h"

namespace ptcap::bindings {

// A value. Made disabled, counting the target's user and kernel side, without
// sampling; setters return *this to be chained:
//
//   EventAttr::software(abi::SoftwareEvent::kPageFaults).user_only().inherit()
//
// Fields without setter: fields(). Makers that read sysfs or tracefs throw
// std::system_error (cannot be read) or std::invalid_argument (no such event or
// term), naming it and what there is.
class EventAttr {
 public:
  static EventAttr hardware(abi::HardwareEvent event);
  static EventAttr software(abi::SoftwareEvent event);
  static EventAttr cache(abi::CacheId id, abi::CacheOp op,
                         abi::CacheResult result);
  static EventAttr raw(uint64_t config);
  // Of hybrid CPUs: the same events of one kind of core only, by the number in
  // /sys/bus/event_source/devices/cpu_core/type. Linux 5.13.
  EventAttr& on_pmu(uint32_t pmu_type);

  // `length`: 1, 2, 4 or 8; executions take sizeof(long) whatever it says.
  static EventAttr breakpoint(abi::BreakpointType type, uint64_t address,
                              abi::BreakpointLength length);
  // Counts nothing and carries the records about the process (Linux 3.12).
  // Samples are never written; sideband() asks for the usual records.
  static EventAttr dummy();

  // tracepoint("sched", "sched_switch"): by its id in tracefs.
  static EventAttr tracepoint(std::string_view system, std::string_view name,
                              Kernel& kernel = Kernel::real());

  // Function + offset in the kernel (PMU kprobe, Linux 4.17).
  static EventAttr kprobe(std::string_view function, uint64_t offset = 0,
                          Kernel& kernel = Kernel::real());
  static EventAttr kretprobe(std::string_view function,
                             Kernel& kernel = Kernel::real());
  // Offset in the file, not address (PMU uprobe, Linux 4.17).
  static EventAttr uprobe(std::string_view path, uint64_t file_offset,
                          Kernel& kernel = Kernel::real());
  static EventAttr uretprobe(std::string_view path, uint64_t file_offset,
                             Kernel& kernel = Kernel::real());
  // A uprobe at a USDT probe's site; usdt.h finds those. `reference_offset` is
  // the semaphore's in the file, 0 for none (Linux 4.20).
  static EventAttr usdt(std::string_view path, uint64_t file_offset,
                        uint64_t reference_offset,
                        Kernel& kernel = Kernel::real());

  // Any PMU of sysfs, with the terms that perf takes between the slashes:
  // pmu("intel_pt", "cyc,mtc_period=3"), pmu("cpu", "cpu-cycles,inv"). A term
  // is one of format/ (alone: all its bits set, or 1), one of events/, or
  // config, config1, config2, config3, period, freq, name.
  static EventAttr pmu(std::string_view name, std::string_view terms,
                       Kernel& kernel = Kernel::real());
  // With `pt` and `branch`, without which there are no branches; user only.
  static EventAttr intel_pt(std::string_view terms = "tsc",
                            Kernel& kernel = Kernel::real());
  static EventAttr intel_bts(Kernel& kernel = Kernel::real());

  // For attrs that come from elsewhere (libpfm4, a perf.data file).
  EventAttr(std::string name, const abi::perf_event_attr& fields);

  // When it counts.
  EventAttr& enabled_at_once(bool on = true) {
    return set([&](auto& a) { a.disabled = !on; });
  }
  EventAttr& enable_on_exec(bool on = true) {
    return set([&](auto& a) { a.enable_on_exec = on; });
  }
  EventAttr& remove_on_exec(bool on = true) {
    return set([&](auto& a) { a.remove_on_exec = on; });
  }
  EventAttr& pinned(bool on = true) {
    return set([&](auto& a) { a.pinned = on; });
  }
  EventAttr& exclusive(bool on = true) {
    return set([&](auto& a) { a.exclusive = on; });
  }

  // Whom it counts.
  EventAttr& inherit(bool on = true) {
    return set([&](auto& a) { a.inherit = on; });
  }
  // Threads, not processes (with inherit; Linux 5.13).
  EventAttr& inherit_thread(bool on = true) {
    return set([&](auto& a) { a.inherit_thread = a.inherit = on; });
  }
  EventAttr& inherit_stat(bool on = true) {
    return set([&](auto& a) { a.inherit_stat = on; });
  }
  EventAttr& exclude_user(bool on = true) {
    return set([&](auto& a) { a.exclude_user = on; });
  }
  EventAttr& exclude_kernel(bool on = true) {
    return set([&](auto& a) { a.exclude_kernel = on; });
  }
  EventAttr& exclude_hv(bool on = true) {
    return set([&](auto& a) { a.exclude_hv = on; });
  }
  EventAttr& exclude_idle(bool on = true) {
    return set([&](auto& a) { a.exclude_idle = on; });
  }
  EventAttr& exclude_host(bool on = true) {
    return set([&](auto& a) { a.exclude_host = on; });
  }
  EventAttr& exclude_guest(bool on = true) {
    return set([&](auto& a) { a.exclude_guest = on; });
  }
  // What perf's modifier `u` does; all that an ordinary user may ask for.
  EventAttr& user_only() { return exclude_kernel().exclude_hv(); }

  // When it samples, and what a sample holds.
  EventAttr& period(uint64_t events) {
    return set([&](auto& a) { a.freq = 0, a.sample_period = events; });
  }
  EventAttr& frequency(uint64_t hz) {
    return set([&](auto& a) { a.freq = 1, a.sample_freq = hz; });
  }
  EventAttr& sample(abi::SampleType fields) {  // adds
    return set([&](auto& a) { a.sample_type |= abi::bits(fields); });
  }
  EventAttr& read_format(abi::ReadFormat fields) {  // adds
    return set([&](auto& a) { a.read_format |= abi::bits(fields); });
  }
  EventAttr& precise_ip(unsigned level) {
    return set([&](auto& a) { a.precise_ip = level; });
  }
  EventAttr& sample_branches(abi::BranchSampleType which) {
    sample(abi::SampleType::kBranchStack);
    return set([&](auto& a) { a.branch_sample_type |= abi::bits(which); });
  }
  EventAttr& sample_user_registers(uint64_t mask) {
    sample(abi::SampleType::kRegsUser);
    return set([&](auto& a) { a.sample_regs_user = mask; });
  }
  EventAttr& sample_interrupt_registers(uint64_t mask) {
    sample(abi::SampleType::kRegsIntr);
    return set([&](auto& a) { a.sample_regs_intr = mask; });
  }
  EventAttr& sample_user_stack(uint32_t size_bytes) {  // a multiple of 8
    sample(abi::SampleType::kStackUser);
    return set([&](auto& a) { a.sample_stack_user = size_bytes; });
  }
  EventAttr& sample_callchain(uint16_t max_frames = 0) {
    sample(abi::SampleType::kCallchain);
    return set([&](auto& a) { a.sample_max_stack = max_frames; });
  }
  EventAttr& exclude_callchain_kernel(bool on = true) {
    return set([&](auto& a) { a.exclude_callchain_kernel = on; });
  }
  EventAttr& exclude_callchain_user(bool on = true) {
    return set([&](auto& a) { a.exclude_callchain_user = on; });
  }
  // User part later, as CALLCHAIN_DEFERRED (Linux 6.19).
  EventAttr& defer_callchain(bool on = true) {
    return set([&](auto& a) { a.defer_callchain = a.defer_output = on; });
  }
  EventAttr& sample_aux(uint32_t size_bytes) {
    sample(abi::SampleType::kAux);
    return set([&](auto& a) { a.aux_sample_size = size_bytes; });
  }
  EventAttr& clock(clockid_t clock) {  // of times; default: perf's own
    return set([&](auto& a) { a.use_clockid = 1, a.clockid = clock; });
  }
  // Raises SIGTRAP in the thread that overflows, with this in si_perf_data
  // (Linux 5.13). perf demands remove_on_exec with it.
  EventAttr& sigtrap(uint64_t data) {
    return set([&](auto& a) {
      a.sigtrap = 1, a.remove_on_exec = 1, a.sig_data = data;
    });
  }

  // Which records about processes it writes.
  EventAttr& mmap_records(bool on = true) {
    return set([&](auto& a) { a.mmap = a.mmap2 = on; });
  }
  EventAttr& mmap_data(bool on = true) {
    return set([&](auto& a) { a.mmap_data = on; });
  }
  EventAttr& build_ids(bool on = true) {
    return set([&](auto& a) { a.build_id = on; });
  }
  EventAttr& comm_records(bool on = true) {
    return set([&](auto& a) { a.comm = a.comm_exec = on; });
  }
  EventAttr& task_records(bool on = true) {
    return set([&](auto& a) { a.task = on; });
  }
  EventAttr& switch_records(bool on = true) {
    return set([&](auto& a) { a.context_switch = on; });
  }
  EventAttr& namespace_records(bool on = true) {
    return set([&](auto& a) { a.namespaces = on; });
  }
  EventAttr& ksymbol_records(bool on = true) {
    return set([&](auto& a) { a.ksymbol = on; });
  }
  EventAttr& bpf_records(bool on = true) {
    return set([&](auto& a) { a.bpf_event = on; });
  }
  EventAttr& cgroup_records(bool on = true) {
    return set([&](auto& a) { a.cgroup = on; });
  }
  EventAttr& text_poke_records(bool on = true) {
    return set([&](auto& a) { a.text_poke = on; });
  }
  EventAttr& sample_id_all(bool on = true) {
    return set([&](auto& a) { a.sample_id_all = on; });
  }
  // mmap, comm and task records that each say TID, TIME, CPU and identifier.
  EventAttr& sideband();

  // The ring and the AUX area.
  EventAttr& wakeup_events(uint32_t count) {
    return set([&](auto& a) { a.watermark = 0, a.wakeup_events = count; });
  }
  EventAttr& wakeup_bytes(uint32_t size) {
    return set([&](auto& a) { a.watermark = 1, a.wakeup_watermark = size; });
  }
  EventAttr& write_backward(bool on = true) {
    return set([&](auto& a) { a.write_backward = on; });
  }
  EventAttr& aux_watermark(uint32_t size_bytes) {
    return set([&](auto& a) { a.aux_watermark = size_bytes; });
  }
  EventAttr& aux_output(bool on = true) {
    return set([&](auto& a) { a.aux_output = on; });
  }
  EventAttr& aux_start_paused(bool on = true) {  // of the AUX event; Linux 6.13
    return set([&](auto& a) { a.aux_start_paused = on; });
  }
  EventAttr& aux_pause(bool on = true) {  // of a member of its group
    return set([&](auto& a) { a.aux_pause = on; });
  }
  EventAttr& aux_resume(bool on = true) {
    return set([&](auto& a) { a.aux_resume = on; });
  }

  // For messages: as perf's -e would have it.
  const std::string& name() const { return name_; }
  EventAttr& named(std::string name) {
    name_ = std::move(name);
    return *this;
  }
  abi::perf_event_attr& fields() { return fields_; }
  const abi::perf_event_attr& fields() const { return fields_; }
  // With size set for the kernel; points into this object's strings.
  abi::perf_event_attr for_kernel() const;

  // Whether it is a kprobe, uprobe or USDT probe.
  bool is_probe() const { return probe_text_ != nullptr; }

  // What one count means, where sysfs says so: "2.3e-10", "Joules".
  double scale() const { return scale_; }
  const std::string& unit() const { return unit_; }
  EventAttr& unit(double scale, std::string unit) {
    scale_ = scale;
    unit_ = std::move(unit);
    return *this;
  }

 private:
  template <typename Change>
  EventAttr& set(Change&& change) {
    change(fields_);
    return *this;
  }
  static EventAttr probe(const std::string& pmu, bool is_return,
                         std::string text, uint64_t offset,
                         uint64_t reference_offset, Kernel& kernel);

  abi::perf_event_attr fields_;
  std::string name_;
  // What config1 points to: a function or a path. Shared by copies.
  std::shared_ptr<const std::string> probe_text_;
  double scale_ = 1;
  std::string unit_;
};

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_EVENT_ATTR_H_
