// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// PERF_RECORD_SAMPLE: kernel/events/core.c, perf_output_sample(), which is
// right about the order of the fields; the comment in perf_event.h is not in
// every version.

#include "formats/perf/parse.h"

namespace ptcap::formats {

using abi::BranchSampleType;
using abi::ReadFormat;
using abi::SampleType;

namespace {

// Words of each counter: value, id, lost.
size_t words_per_counter(uint64_t read_format) {
  return 1 + has(read_format, ReadFormat::kId) +
         has(read_format, ReadFormat::kLost);
}

}  // namespace

ReadValues ReadValues::single(uint64_t read_format, uint64_t value,
                              ArrayView<uint64_t> others) {
  ReadValues values;
  values.read_format_ = read_format;
  values.single_value_ = value;
  values.words_ = others;
  return values;
}

ReadValues ReadValues::group(uint64_t read_format, ArrayView<uint64_t> words) {
  ReadValues values;
  values.read_format_ = read_format;
  values.words_ = words;
  return values;
}

size_t ReadValues::size() const {
  return single_value_ ? 1 : words_.size() / words_per_counter(read_format_);
}

CounterValue ReadValues::operator[](size_t i) const {
  size_t at = single_value_ ? 0 : i * words_per_counter(read_format_);
  CounterValue counter;
  counter.value = single_value_ ? *single_value_ : words_[at++];
  if (has(read_format_, ReadFormat::kId)) counter.id = words_[at++];
  if (has(read_format_, ReadFormat::kLost)) counter.lost = words_[at++];
  return counter;
}

// The times stand in front of the counters of a group, but behind the value
// of a single one.
ReadValues parse_read_values(ByteReader& r, uint64_t read_format) {
  const uint64_t words = words_per_counter(read_format);
  const bool is_group = has(read_format, ReadFormat::kGroup);
  const uint64_t count_or_value = r.u64();
  std::optional<uint64_t> time_enabled, time_running;
  if (has(read_format, ReadFormat::kTotalTimeEnabled)) time_enabled = r.u64();
  if (has(read_format, ReadFormat::kTotalTimeRunning)) time_running = r.u64();

  ReadValues values;
  if (is_group) {
    if (count_or_value > r.remaining() / 8) r.skip(~uint64_t{0});
    values = ReadValues::group(read_format,
                               take_array<uint64_t>(r, count_or_value * words));
  } else {
    values = ReadValues::single(read_format, count_or_value,
                                take_array<uint64_t>(r, words - 1));
  }
  values.time_enabled = time_enabled;
  values.time_running = time_running;
  return values;
}

namespace internal {
namespace {

SampleRegisters parse_registers(ByteReader& r, uint64_t mask) {
  SampleRegisters registers;
  registers.abi = static_cast<abi::RegsAbi>(r.u64());
  if (registers.abi == abi::RegsAbi::kNone) return registers;
  registers.mask = mask;
  registers.values = take_array<uint64_t>(r, std::popcount(mask));
  return registers;
}

SampleBranches parse_branches(ByteReader& r, const RecordFormat& format) {
  SampleBranches branches;
  uint64_t count = r.u64();
  if (has(format.branch_sample_type, BranchSampleType::kHwIndex))
    branches.hw_index = r.u64();
  branches.entries = take_array<abi::perf_branch_entry>(r, count);
  if (has(format.branch_sample_type, BranchSampleType::kCounters))
    branches.counters = take_array<uint64_t>(r, count);
  return branches;
}

SampleStack parse_stack(ByteReader& r) {
  SampleStack stack;
  uint64_t size = r.u64();
  if (!size) return stack;  // and then there is no dynamic size
  stack.bytes = r.take(size);
  stack.dynamic_size = r.u64();
  return stack;
}

// Fields that say which event this is, and where and when it happened.
void parse_identity(ByteReader& r, Sample& s) {
  if (s.has(SampleType::kIdentifier)) s.identifier = r.u64();
  if (s.has(SampleType::kIp)) s.ip = r.u64();
  if (s.has(SampleType::kTid)) {
    s.pid = r.u32();
    s.tid = r.u32();
  }
  if (s.has(SampleType::kTime)) s.time = r.u64();
  if (s.has(SampleType::kAddr)) s.addr = r.u64();
  if (s.has(SampleType::kId)) s.id = r.u64();
  if (s.has(SampleType::kStreamId)) s.stream_id = r.u64();
  if (s.has(SampleType::kCpu)) {
    s.cpu = r.u32();
    r.skip(4);  // reserved
  }
  if (s.has(SampleType::kPeriod)) s.period = r.u64();
}

// Fields of varying length: counters, call chain, raw data, branches.
void parse_arrays(ByteReader& r, const RecordFormat& format, Sample& s) {
  if (s.has(SampleType::kRead))
    s.read = parse_read_values(r, format.read_format);
  if (s.has(SampleType::kCallchain)) {
    uint64_t count = r.u64();
    s.callchain = take_array<uint64_t>(r, count);
  }
  if (s.has(SampleType::kRaw)) {
    uint32_t size = r.u32();
    s.raw = r.take(size);
  }
  if (s.has(SampleType::kBranchStack)) s.branches = parse_branches(r, format);
}

// The state of the machine, and the memory access.
void parse_state(ByteReader& r, const RecordFormat& format, Sample& s) {
  if (s.has(SampleType::kRegsUser))
    s.user_registers = parse_registers(r, format.sample_regs_user);
  if (s.has(SampleType::kStackUser)) s.user_stack = parse_stack(r);
  if (s.has(SampleType::kWeight) || s.has(SampleType::kWeightStruct))
    s.weight.full = r.u64();
  if (s.has(SampleType::kDataSrc)) s.data_source.val = r.u64();
  if (s.has(SampleType::kTransaction)) s.transaction = r.u64();
  if (s.has(SampleType::kRegsIntr))
    s.interrupt_registers = parse_registers(r, format.sample_regs_intr);
  if (s.has(SampleType::kPhysAddr)) s.physical_address = r.u64();
  if (s.has(SampleType::kCgroup)) s.cgroup = r.u64();
  if (s.has(SampleType::kDataPageSize)) s.data_page_size = r.u64();
  if (s.has(SampleType::kCodePageSize)) s.code_page_size = r.u64();
  if (s.has(SampleType::kAux)) {
    uint64_t size = r.u64();
    s.aux = r.take(size);
  }
}

}  // namespace

void parse_sample(ByteReader& r, const RecordFormat& format, Sample& sample) {
  sample.present = format.sample_type;
  parse_identity(r, sample);
  parse_arrays(r, format, sample);
  parse_state(r, format, sample);
}

}  // namespace internal
}  // namespace ptcap::formats
