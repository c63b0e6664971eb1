// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Which thread a CPU ran when: what makes a stream per CPU one of threads.

#ifndef PTCAP_DECODE_CPU_TIMELINE_H_
#define PTCAP_DECODE_CPU_TIMELINE_H_

#include <cstdint>
#include <span>
#include <vector>

namespace ptcap::decode {

// A thread comes to a CPU, or leaves it: PERF_RECORD_SWITCH, SWITCH_CPU_WIDE,
// ITRACE_START, the tracepoint sched:sched_switch.
struct SwitchEvent {
  uint64_t time_ns = 0;
  uint32_t pid = ~0u;
  uint32_t tid = ~0u;
  bool in = false;
};

// The AUX bytes up to `end` were made by this thread: an AUX record of an event
// that follows a task.
struct AuxOwner {
  uint64_t end = 0;  // in the stream
  uint32_t pid = ~0u;
  uint32_t tid = ~0u;
  uint64_t time_ns = 0;  // of the record: the thread leaves; 0 unknown
  uint32_t visit = 0;    // of the thread to this CPU: number_visits()
};

// From here to the next slice the CPU ran this thread; ~0u: not known.
struct CpuSlice {
  uint64_t begin = 0;
  uint32_t pid = ~0u;
  uint32_t tid = ~0u;
  // By offset, of streams without time: when the thread left, which orders its
  // slices on all CPUs.
  uint64_t time_ns = 0;
  uint32_t visit = 0;
};

// Sorted; the first slice begins at 0. `begin` is a time in ns, or an offset
// in the stream where no record of a switch says more.
struct CpuTimeline {
  bool by_offset = false;
  std::vector<CpuSlice> slices;
};

// A thread is taken to run from when the one before it left: the kernel writes
// its record after the tracing of the next thread has begun.
CpuTimeline timeline_of_switches(std::vector<SwitchEvent> events);
CpuTimeline timeline_of_owners(std::vector<AuxOwner> owners);

// Tells the stays of a thread on a CPU apart where it ran on another one of
// them meanwhile.
void number_visits(std::span<std::vector<AuxOwner>* const> cpus);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CPU_TIMELINE_H_
