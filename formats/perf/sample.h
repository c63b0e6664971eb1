// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// PERF_RECORD_SAMPLE and what other records share with it: the sample_id
// trailer and the values of counters.

#ifndef PTCAP_FORMATS_PERF_SAMPLE_H_
#define PTCAP_FORMATS_PERF_SAMPLE_H_

#include <bit>
#include <cstdint>
#include <optional>

#include "bindings/abi/attr_constants.h"
#include "bindings/abi/record_constants.h"
#include "bindings/abi/record_structs.h"
#include "formats/perf/array_view.h"

namespace ptcap::formats {

// Where and when a record was made. Of a field that is not there the value is
// the default.
struct SampleId {
  uint64_t present = 0;  // SampleType bits of the fields that are there
  uint32_t pid = ~0u, tid = ~0u;
  uint64_t time = 0;  // of the event's clock: perf's, or attr.clockid
  uint64_t id = 0;    // IDENTIFIER or ID
  uint64_t stream_id = 0;
  uint32_t cpu = ~0u;

  bool has(abi::SampleType field) const { return abi::has(present, field); }
};

struct CounterValue {
  uint64_t value = 0;
  std::optional<uint64_t> id;
  std::optional<uint64_t> lost;  // samples; Linux 6.0
};

// What read(2) on an event returns, also in READ records and samples: one
// counter, or (ReadFormat::kGroup) those of its group, leader first.
class ReadValues {
 public:
  ReadValues() = default;
  // One counter; `others` are its id and lost, as read_format says.
  static ReadValues single(uint64_t read_format, uint64_t value,
                           ArrayView<uint64_t> others);
  // Of as many counters as `words` holds: value, id, lost of each.
  static ReadValues group(uint64_t read_format, ArrayView<uint64_t> words);

  // ns that the event was enabled, and that it was on a counter.
  std::optional<uint64_t> time_enabled;
  std::optional<uint64_t> time_running;

  size_t size() const;
  // REQUIRES: i < size().
  CounterValue operator[](size_t i) const;

 private:
  uint64_t read_format_ = 0;
  std::optional<uint64_t> single_value_;
  ArrayView<uint64_t> words_;
};

// Takes the values from the front of `reader`. Throws FormatError if short.
ReadValues parse_read_values(ByteReader& reader, uint64_t read_format);

// User or interrupt registers, as many as the mask of the attr has bits.
struct SampleRegisters {
  abi::RegsAbi abi = abi::RegsAbi::kNone;
  uint64_t mask = 0;           // of abi::*Register; 0 with kNone
  ArrayView<uint64_t> values;  // in the order of the bits

  // The value of a register that is in the mask.
  template <typename Register>
  std::optional<uint64_t> operator[](Register which) const {
    uint64_t bit = uint64_t{1} << static_cast<unsigned>(which);
    if (!(mask & bit)) return std::nullopt;
    return values[std::popcount(mask & (bit - 1))];
  }
};

struct SampleBranches {
  std::optional<uint64_t> hw_index;           // with BranchSampleType::kHwIndex
  ArrayView<abi::perf_branch_entry> entries;  // youngest first
  ArrayView<uint64_t> counters;  // per entry, with BranchSampleType::kCounters
};

struct SampleStack {
  Bytes bytes;                // all that was copied
  uint64_t dynamic_size = 0;  // how many of those are of the stack
};

// Fields in the order of the record. Whether one is there: has().
struct Sample {
  uint64_t present = 0;  // SampleType bits
  uint64_t identifier = 0;
  uint64_t ip = 0;
  uint32_t pid = ~0u, tid = ~0u;
  uint64_t time = 0;
  uint64_t addr = 0;
  uint64_t id = 0;
  uint64_t stream_id = 0;
  uint32_t cpu = ~0u;
  uint64_t period = 0;
  ReadValues read;
  ArrayView<uint64_t> callchain;  // innermost first; abi::CallchainContext
  Bytes raw;                      // for tracepoints, the record of the format
  SampleBranches branches;
  SampleRegisters user_registers;
  SampleStack user_stack;
  abi::perf_sample_weight weight = {};  // kWeight: full; kWeightStruct: parts
  abi::perf_mem_data_src data_source = {};
  uint64_t transaction = 0;  // abi::Transaction, abort code above
  SampleRegisters interrupt_registers;
  uint64_t physical_address = 0;
  uint64_t cgroup = 0;
  uint64_t data_page_size = 0;
  uint64_t code_page_size = 0;
  Bytes aux;

  bool has(abi::SampleType field) const { return abi::has(present, field); }
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PERF_SAMPLE_H_
