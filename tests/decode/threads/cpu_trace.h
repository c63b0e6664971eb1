// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Threads on a few CPUs, simulated: what each executed is known, and a trace
// per CPU says the same.

#ifndef PTCAP_TESTS_DECODE_THREADS_CPU_TRACE_H_
#define PTCAP_TESTS_DECODE_THREADS_CPU_TRACE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ptcap::decode {

// What says which thread ran when.
enum class SwitchSource : uint8_t {
  kCpuWide,     // SWITCH_CPU_WIDE: events of CPUs
  kTask,        // SWITCH: events of tasks; tracing begins before the record
  kTracepoint,  // sched:sched_switch, of perf before Linux 4.3
  kAuxRecords,  // none: AUX records of events of tasks
};

struct CpuTraceOptions {
  SwitchSource source = SwitchSource::kCpuWide;
  unsigned seed = 1;
  unsigned cpus = 2;
  unsigned steps = 2000;
  // The AUX bytes of CPU 0 from the middle on are lost for a while.
  bool lose_bytes = false;
};

// Three processes with other code at the same addresses, two threads in one,
// which wander between the CPUs. Writes a .ptz to `path`.
struct CpuTrace {
  // Of each thread, as "branches --format tsv" has it but for the time:
  // "pid\ttid\tcpu\tfrom\tto\tkind\tcause".
  std::map<uint32_t, std::vector<std::string>> rows;
  uint64_t first_ns = 0;
  uint64_t last_ns = 0;
};
CpuTrace write_cpu_trace(const std::string& path,
                         const CpuTraceOptions& options);

}  // namespace ptcap::decode

#endif  // PTCAP_TESTS_DECODE_THREADS_CPU_TRACE_H_
