// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the records of a trace say, apart from AUX bytes and code images.

#ifndef PTCAP_DECODE_TRACE_FACTS_H_
#define PTCAP_DECODE_TRACE_FACTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "decode/cpu_timeline.h"
#include "decode/stream.h"
#include "formats/io/reporter.h"
#include "formats/perf/auxtrace_info.h"
#include "formats/perf/record.h"
#include "formats/ptz/trace_reader.h"

namespace ptcap::decode {

// A change in a process, in time.
struct ProcessEvent {
  enum class Kind : uint8_t { kMap, kFork, kExec, kExit };

  Kind kind = Kind::kMap;
  uint64_t time_ns = 0;  // 0: before the trace began
  uint32_t pid = 0;
  uint32_t tid = 0;
  uint32_t parent_pid = 0;  // of kFork
  // Of kMap: executable, with what the record says of the file.
  uint64_t address = 0;
  uint64_t size = 0;
  uint64_t file_offset = 0;
  bool kernel = false;
  std::vector<uint8_t> build_id;
  std::string name;
};

// The kernel changed its code.
struct TextPoke {
  uint64_t time_ns = 0;
  uint64_t address = 0;
  std::vector<uint8_t> old_bytes, new_bytes;
};

// A function that came into the kernel: a BPF program, a trampoline.
struct KernelSymbol {
  uint64_t time_ns = 0;
  uint64_t address = 0;
  uint64_t size = 0;
  std::string name;
};

struct ThreadFacts {
  uint32_t pid = ~0u;
  std::string comm;
};

// An AUX record that says that bytes were lost in front of its end.
struct AuxLoss {
  uint32_t tid = ~0u;
  uint32_t cpu = ~0u;
  uint64_t end = 0;  // in the stream
  uint64_t flags = 0;
};

// What says who ran on a CPU.
struct CpuFacts {
  std::vector<SwitchEvent> switches;
  std::vector<AuxOwner> owners;
};

struct TraceFacts {
  std::string hostname, os_release, arch, cpu_description, cpuid;
  std::vector<std::string> command_line;
  std::optional<formats::IntelPtInfo> pt;
  bool has_bts = false;
  std::optional<uint64_t> pmu_type;  // of the event that makes the packets
  // What wrote the packets: "intel_pt", "intel_bts", "emu", "step"; empty
  // unknown.
  std::string source;
  uint64_t pt_config = 0;       // attr.config of the PT event
  bool has_aux_output = false;  // another event writes into its stream
  std::optional<TimeConversion> clock;
  std::optional<uint64_t> first_ns, last_ns;  // of the records
  std::map<uint32_t, ThreadFacts> threads;  // by tid; the last one that had it
  std::vector<ProcessEvent> events;         // by time
  std::vector<TextPoke> text_pokes;         // by time
  std::vector<KernelSymbol> kernel_symbols;
  std::vector<AuxLoss> losses;
  std::map<uint32_t, CpuFacts> cpus;
  bool follows_tasks = false;  // that event is one of tasks, not of CPUs
  std::map<uint32_t, uint64_t> record_counts;  // by kind
  uint64_t lost_records = 0;                   // LOST and LOST_SAMPLES

  // Whether each packet stream has time.
  bool has_time() const;
  // Whether streams may hold PEBS records or event trace; of raw packets
  // nobody knows.
  bool has_foreign_packets() const;
};

// Reads all records once. Records that cannot be parsed are reported (with
// `path`, that of the trace), counted and stepped over.
TraceFacts read_facts(const formats::TraceReader& reader,
                      const std::string& path, formats::Reporter& reporter);

// "GenuineIntel,6,94,3" as perf's CPUID feature has it; nullopt for another
// vendor's CPU.
std::optional<CpuModel> parse_cpuid(const std::string& text);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_TRACE_FACTS_H_
