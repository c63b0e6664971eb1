// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bindings/abi/mem_constants.h"
#include "tests/formats/perf/sample_records.h"

namespace ptcap::formats {
namespace {

using abi::ReadFormat;
using abi::SampleType;
using testing::ElementsAreArray;

class ParsedSample : public testing::Test {
 protected:
  // A sample with only these fields, built and parsed.
  const Sample& parse(uint64_t sample_type) {
    format_.sample_type = sample_type;
    format_.update();
    bytes_ = built(full_sample(), format_);
    sample_ = std::get<Sample>(parse_record(bytes_, format_).body);
    return sample_;
  }
  const Sample& parse(SampleType field) { return parse(bits(field)); }

  RecordFormat format_ = full_format();
  std::vector<uint8_t> bytes_;
  Sample sample_;
};

TEST_F(ParsedSample, EveryFieldAtOnce) {
  const Sample& s = parse(kAllSampleTypes);
  EXPECT_EQ(s.identifier, 42u);
  EXPECT_EQ(s.ip, 0x401005u);
  EXPECT_EQ(s.pid, 10u);
  EXPECT_EQ(s.tid, 11u);
  EXPECT_EQ(s.time, 1234567890123u);
  EXPECT_EQ(s.addr, 0x7fff0010u);
  EXPECT_EQ(s.id, 42u);
  EXPECT_EQ(s.stream_id, 43u);
  EXPECT_EQ(s.cpu, 3u);
  EXPECT_EQ(s.period, 4000u);
  EXPECT_THAT(s.callchain.to_vector(), ElementsAreArray(kSomeWords));
  EXPECT_EQ(s.raw.size(), 20u);
  EXPECT_EQ(s.weight.parts.var1_dw, 1000u);
  EXPECT_EQ(s.weight.parts.var2_w, 20u);
  EXPECT_EQ(s.weight.parts.var3_w, 30u);
  EXPECT_EQ(s.data_source.val, 0x68100142u);
  EXPECT_EQ(s.transaction >> abi::kTransactionAbortShift, 5u);
  EXPECT_EQ(s.physical_address, 0x123456000u);
  EXPECT_EQ(s.cgroup, 99u);
  EXPECT_EQ(s.data_page_size, 4096u);
  EXPECT_EQ(s.code_page_size, 2u << 20);
  EXPECT_THAT(s.aux, ElementsAreArray(kSomeBytes));
}

// Each field alone: the record is its header and that field.
TEST_F(ParsedSample, EachFieldAlone) {
  for (const auto& entry : abi::entries<SampleType>()) {
    parse(entry.value);
    EXPECT_EQ(sample_.present, bits(entry.value)) << entry.name;
    EXPECT_EQ(built(sample_, format_), bytes_) << entry.name;
    EXPECT_GT(bytes_.size(), 8u) << entry.name;
  }
}

// Any two fields: their order is that of the list in the kernel's code.
TEST_F(ParsedSample, AnyTwoFields) {
  for (const auto& a : abi::entries<SampleType>()) {
    for (const auto& b : abi::entries<SampleType>()) {
      parse(bits(a.value | b.value));
      EXPECT_EQ(built(sample_, format_), bytes_) << a.name << b.name;
    }
  }
}

TEST_F(ParsedSample, GroupOfCounters) {
  const ReadValues& read = parse(SampleType::kRead).read;
  EXPECT_EQ(read.time_enabled, 5000u);
  EXPECT_EQ(read.time_running, 4000u);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].value, 100u);
  EXPECT_EQ(read[0].id, 1u);
  EXPECT_EQ(read[0].lost, 0u);
  EXPECT_EQ(read[1].value, 200u);
  EXPECT_EQ(read[1].id, 2u);
  EXPECT_EQ(read[1].lost, 9u);
}

// Every read_format, against the layout in the kernel's header.
TEST(ReadValues, EveryFormatOfASingleCounter) {
  const std::vector<uint64_t> words = {100, 11, 12, 13, 14};
  for (uint64_t format = 0; format < 32; ++format) {
    if (has(format, ReadFormat::kGroup)) continue;
    ByteReader reader(ArrayView<uint64_t>(words).bytes());
    ReadValues values = parse_read_values(reader, format);
    ASSERT_EQ(values.size(), 1u);
    uint64_t next = 11;
    EXPECT_EQ(values[0].value, 100u);
    if (has(format, ReadFormat::kTotalTimeEnabled)) {
      EXPECT_EQ(values.time_enabled, next++);
    }
    if (has(format, ReadFormat::kTotalTimeRunning)) {
      EXPECT_EQ(values.time_running, next++);
    }
    if (has(format, ReadFormat::kId)) {
      EXPECT_EQ(values[0].id, next++);
    }
    if (has(format, ReadFormat::kLost)) {
      EXPECT_EQ(values[0].lost, next++);
    }
    EXPECT_EQ(reader.offset(), 8 * (1 + next - 11));
  }
}

TEST(ReadValues, EveryFormatOfAGroup) {
  const std::vector<uint64_t> words = {2, 11, 12, 13, 14, 15, 16, 17, 18};
  for (uint64_t format = 0; format < 32; ++format) {
    if (!has(format, ReadFormat::kGroup)) continue;
    ByteReader reader(ArrayView<uint64_t>(words).bytes());
    ReadValues values = parse_read_values(reader, format);
    ASSERT_EQ(values.size(), 2u);
    uint64_t next = 11;
    if (has(format, ReadFormat::kTotalTimeEnabled)) {
      EXPECT_EQ(values.time_enabled, next++);
    }
    if (has(format, ReadFormat::kTotalTimeRunning)) {
      EXPECT_EQ(values.time_running, next++);
    }
    for (size_t i : {0, 1}) {
      EXPECT_EQ(values[i].value, next++);
      if (has(format, ReadFormat::kId)) {
        EXPECT_EQ(values[i].id, next++);
      }
      if (has(format, ReadFormat::kLost)) {
        EXPECT_EQ(values[i].lost, next++);
      }
    }
    EXPECT_EQ(reader.offset(), 8 * (1 + next - 11));
  }
}

TEST_F(ParsedSample, BranchesWithIndexAndCounters) {
  const SampleBranches& branches = parse(SampleType::kBranchStack).branches;
  EXPECT_EQ(branches.hw_index, 17u);
  ASSERT_EQ(branches.entries.size(), 2u);
  EXPECT_EQ(branches.entries[0].from, 0x401005u);
  EXPECT_EQ(branches.entries[0].to, 0x401000u);
  EXPECT_EQ(branches.entries[0].predicted, 1u);
  EXPECT_EQ(branches.entries[0].cycles, 7u);
  EXPECT_EQ(branches.entries[1].mispred, 1u);
  EXPECT_EQ(branches.entries[1].priv, 1u);
  ASSERT_EQ(branches.counters.size(), 2u);
  EXPECT_EQ(branches.counters[0], kSomeWords[0]);
}

TEST_F(ParsedSample, BranchesWithoutIndexAndCounters) {
  format_.branch_sample_type = bits(abi::BranchSampleType::kAny);
  const SampleBranches& branches = parse(SampleType::kBranchStack).branches;
  EXPECT_FALSE(branches.hw_index);
  EXPECT_EQ(branches.entries.size(), 2u);
  EXPECT_TRUE(branches.counters.empty());
}

TEST_F(ParsedSample, RegistersByTheirBit) {
  const SampleRegisters& user = parse(SampleType::kRegsUser).user_registers;
  EXPECT_EQ(user[0], kSomeWords[0]);
  EXPECT_EQ(user[1], kSomeWords[1]);
  EXPECT_EQ(user[2], std::nullopt);
  EXPECT_EQ(user[3], kSomeWords[2]);
  const SampleRegisters& intr =
      parse(SampleType::kRegsIntr).interrupt_registers;
  EXPECT_EQ(intr[0], kSomeWords[0]);
  EXPECT_EQ(intr[63], kSomeWords[1]);
}

// A kernel thread has no user registers: one word says so.
TEST_F(ParsedSample, NoRegistersAtAll) {
  format_.sample_type = bits(SampleType::kRegsUser | SampleType::kPhysAddr);
  Sample none;
  none.physical_address = 5;
  bytes_ = built(none, format_);
  EXPECT_EQ(bytes_.size(), 8u + 8 + 8);
  Sample s = std::get<Sample>(parse_record(bytes_, format_).body);
  EXPECT_EQ(s.user_registers.abi, abi::RegsAbi::kNone);
  EXPECT_EQ(s.user_registers[0], std::nullopt);
  EXPECT_EQ(s.physical_address, 5u);
}

TEST_F(ParsedSample, EmptyStackHasNoDynamicSize) {
  format_.sample_type = bits(SampleType::kStackUser | SampleType::kPhysAddr);
  Sample none;
  none.physical_address = 5;
  bytes_ = built(none, format_);
  EXPECT_EQ(bytes_.size(), 8u + 8 + 8);
  Sample s = std::get<Sample>(parse_record(bytes_, format_).body);
  EXPECT_TRUE(s.user_stack.bytes.empty());
  EXPECT_EQ(s.physical_address, 5u);
}

TEST_F(ParsedSample, DataSourceByItsFields) {
  abi::perf_mem_data_src source = parse(SampleType::kDataSrc).data_source;
  source.val = 0;
  source.fields.mem_lvl_num = bits(abi::MemLevelNum::kRam);
  EXPECT_EQ(source.val, uint64_t{0xd} << 33);
  source.val = 0;
  source.fields.mem_region = bits(abi::MemRegion::kMmio);
  EXPECT_EQ(source.val, uint64_t{7} << 46);
}

}  // namespace
}  // namespace ptcap::formats
