// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// One record of every kind, to be built, parsed, cut and lied about.

#ifndef PTCAP_TESTS_FORMATS_PERF_SAMPLE_RECORDS_H_
#define PTCAP_TESTS_FORMATS_PERF_SAMPLE_RECORDS_H_

#include <string>
#include <vector>

#include "formats/perf/record_builder.h"

namespace ptcap::formats {

inline constexpr uint8_t kSomeBytes[24] = {
    0xde, 0xad, 0xbe, 0xef, 1,  2,  3,  4,  5,  6,  7,  8,
    9,    10,   11,   12,   13, 14, 15, 16, 17, 18, 19, 20};
inline constexpr uint64_t kSomeWords[3] = {0x401000, 0xffffffffffffff80,
                                           0x7f0000001234};
inline constexpr abi::perf_branch_entry kSomeBranches[2] = {
    {.from = 0x401005, .to = 0x401000, .predicted = 1, .cycles = 7, .type = 1},
    {.from = 0x401100, .to = 0x401200, .mispred = 1, .priv = 1}};
inline constexpr abi::perf_ns_link_info kSomeLinks[2] = {{4, 4026531840},
                                                         {4, 4026531838}};

// Every bit of sample_type but WEIGHT, which excludes WEIGHT_STRUCT.
inline constexpr uint64_t kAllSampleTypes =
    ((uint64_t{1} << 25) - 1) & ~bits(abi::SampleType::kWeight);

inline RecordFormat full_format() {
  RecordFormat format;
  format.sample_type = kAllSampleTypes;
  format.read_format = 0x1f;
  format.branch_sample_type =
      bits(abi::BranchSampleType::kAny | abi::BranchSampleType::kHwIndex |
           abi::BranchSampleType::kCounters);
  format.sample_regs_user = 0b1011;
  format.sample_regs_intr = uint64_t{1} << 63 | 1;
  format.sample_id_all = true;
  format.update();
  return format;
}

inline const SampleId kSomeId = {.present = kAllSampleTypes,
                                 .pid = 10,
                                 .tid = 11,
                                 .time = 1234567890123,
                                 .id = 42,
                                 .stream_id = 43,
                                 .cpu = 3};

inline ReadValues some_group() {
  static constexpr uint64_t kCounters[6] = {100, 1, 0, 200, 2, 9};
  ReadValues values =
      ReadValues::group(0x1f, std::span<const uint64_t>(kCounters));
  values.time_enabled = 5000;
  values.time_running = 4000;
  return values;
}

inline Sample full_sample() {
  std::span<const uint64_t> words = kSomeWords;
  Sample s;
  s.present = kAllSampleTypes;
  s.identifier = s.id = 42;
  s.ip = 0x401005;
  s.pid = 10;
  s.tid = 11;
  s.time = 1234567890123;
  s.addr = 0x7fff0010;
  s.stream_id = 43;
  s.cpu = 3;
  s.period = 4000;
  s.read = some_group();
  s.callchain = words;
  s.raw = Bytes(kSomeBytes, 20);
  s.branches.hw_index = 17;
  s.branches.entries = std::span<const abi::perf_branch_entry>(kSomeBranches);
  s.branches.counters = words.first(2);
  s.user_registers = {abi::RegsAbi::k64, 0b1011, words};
  s.user_stack = {kSomeBytes, 16};
  s.weight.parts = {1000, 20, 30};
  s.data_source.val = 0x68100142;
  s.transaction = 0x500000003;
  s.interrupt_registers = {abi::RegsAbi::k64, uint64_t{1} << 63 | 1,
                           words.first(2)};
  s.physical_address = 0x123456000;
  s.cgroup = 99;
  s.data_page_size = 4096;
  s.code_page_size = 2 << 20;
  s.aux = kSomeBytes;
  return s;
}

struct NamedBody {
  std::string name;
  RecordBody body;
};

inline std::vector<NamedBody> kernel_bodies() {
  std::span<const uint64_t> words = kSomeWords;
  Mmap2Record by_inode{1,  2, 0x400000, 0x1000, 0x2000,         {}, 8, 1,
                       77, 5, 5,        2,      "/usr/bin/true"};
  Mmap2Record by_build_id = by_inode;
  by_build_id.build_id = Bytes(kSomeBytes, 20);
  by_build_id.device_major = by_build_id.device_minor = 0;
  by_build_id.inode = by_build_id.inode_generation = 0;
  return {
      {"MMAP", MmapRecord{1, 2, 0x400000, 0x1000, 0x2000, "/bin/cat"}},
      {"LOST", LostRecord{42, 7}},
      {"COMM", CommRecord{1, 2, "a thread name"}},
      {"EXIT", ExitRecord{{1, 2, 3, 4, 5}}},
      {"THROTTLE", ThrottleRecord{{1, 2, 3}}},
      {"UNTHROTTLE", UnthrottleRecord{{1, 2, 3}}},
      {"FORK", ForkRecord{{1, 2, 3, 4, 5}}},
      {"READ", ReadRecord{1, 2, some_group()}},
      {"SAMPLE", full_sample()},
      {"MMAP2", by_inode},
      {"MMAP2 with build-id", by_build_id},
      {"AUX", AuxRecord{0x10000, 0x400, 1}},
      {"ITRACE_START", ItraceStartRecord{1, 2}},
      {"LOST_SAMPLES", LostSamplesRecord{9}},
      {"SWITCH", SwitchRecord{}},
      {"SWITCH_CPU_WIDE", SwitchCpuWideRecord{5, 6}},
      {"NAMESPACES",
       NamespacesRecord{1, 2,
                        std::span<const abi::perf_ns_link_info>(kSomeLinks)}},
      {"KSYMBOL", KsymbolRecord{0xffffffffc0000000, 64, 1, 0, "bpf_prog_x"}},
      {"BPF_EVENT", BpfEventRecord{1, 0, 33, {1, 2, 3, 4, 5, 6, 7, 8}}},
      {"CGROUP", CgroupRecord{99, "/user.slice"}},
      {"TEXT_POKE", TextPokeRecord{0xffffffff81000000, Bytes(kSomeBytes, 5),
                                   Bytes(kSomeBytes + 5, 5)}},
      {"AUX_OUTPUT_HW_ID", AuxOutputHwIdRecord{6}},
      {"CALLCHAIN_DEFERRED", CallchainDeferredRecord{0xc00c1e, words}},
  };
}

inline std::vector<NamedBody> user_bodies() {
  static constexpr IdIndexEntry kIndex[2] = {{1, 0, ~0ull, 10},
                                             {2, 1, 0, ~0ull}};
  static constexpr GuestIdIndexEntry kGuests[2] = {{7, 0}, {7, 1}};
  static constexpr StatConfigEntry kConfig[1] = {{1, 2}};
  static const ThreadMapEntry kThreads[1] = {
      {10, {'w', 'o', 'r', 'k', 'e', 'r'}}};
  abi::perf_event_attr attr = {};
  attr.type = 8;
  attr.config = 0x2401;
  attr.aux_watermark = 4096;
  attr.size = abi::required_size(attr);
  std::span<const uint64_t> words = kSomeWords;
  return {
      {"HEADER_ATTR", HeaderAttrRecord{attr, words}},
      {"HEADER_TRACING_DATA", TracingDataRecord{100}},
      {"HEADER_BUILD_ID", BuildIdRecord{~0u, Bytes(kSomeBytes, 16), "/lib/x"}},
      {"FINISHED_ROUND", FinishedRoundRecord{}},
      {"ID_INDEX", IdIndexRecord{std::span<const IdIndexEntry>(kIndex), {}}},
      {"ID_INDEX with guests",
       IdIndexRecord{std::span<const IdIndexEntry>(kIndex),
                     std::span<const GuestIdIndexEntry>(kGuests)}},
      {"AUXTRACE_INFO", AuxtraceInfoRecord{AuxtraceType::kIntelPt, words}},
      {"AUXTRACE", AuxtraceRecord{4096, 8192, 5, 1, 10, ~0u}},
      {"AUXTRACE_ERROR",
       AuxtraceErrorRecord{1, 2, 3, 4, 5, 2, 0x401000, 99, "overflow", 7, 1}},
      {"THREAD_MAP",
       ThreadMapRecord{std::span<const ThreadMapEntry>(kThreads)}},
      {"CPU_MAP", CpuMapRecord{CpuMapType::kCpus, Bytes(kSomeBytes, 6)}},
      {"STAT_CONFIG",
       StatConfigRecord{std::span<const StatConfigEntry>(kConfig)}},
      {"STAT", StatRecord{1, 2, 3, 4, 5, 6}},
      {"STAT_ROUND", StatRoundRecord{0, 77}},
      {"EVENT_UPDATE", EventUpdateRecord{0, 42, Bytes(kSomeBytes, 8)}},
      {"TIME_CONV", TimeConvRecord{10, 500, 99, 7, ~0ull, true, true}},
      {"HEADER_FEATURE",
       HeaderFeatureRecord{HeaderFeature::kHostname, Bytes(kSomeBytes, 8)}},
      {"COMPRESSED", CompressedRecord{Bytes(kSomeBytes, 24)}},
      {"FINISHED_INIT", FinishedInitRecord{}},
      {"COMPRESSED2", Compressed2Record{Bytes(kSomeBytes, 19)}},
  };
}

inline std::vector<uint8_t> built(const RecordBody& body,
                                  const RecordFormat& format,
                                  uint16_t misc = 0) {
  std::vector<uint8_t> bytes;
  RecordBuilder(format).append(bytes, body, kSomeId, misc);
  return bytes;
}

}  // namespace ptcap::formats

#endif  // PTCAP_TESTS_FORMATS_PERF_SAMPLE_RECORDS_H_
