// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/formats/perf/sample_records.h"

namespace ptcap::formats {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

// Builds, parses, and gives the body as T. The bytes live until the next call.
template <typename T>
T round_trip(const T& body, uint16_t misc = 0) {
  static std::vector<uint8_t> bytes;
  bytes = built(body, full_format(), misc);
  return std::get<T>(parse_record(bytes, full_format()).body);
}

class EveryKernelRecord : public testing::TestWithParam<NamedBody> {};

TEST_P(EveryKernelRecord, IsBuiltAgainFromWhatWasParsed) {
  std::vector<uint8_t> bytes = built(GetParam().body, full_format());
  EXPECT_EQ(bytes.size() % 8, 0u);
  Record record = parse_record(bytes, full_format(), 100);
  EXPECT_EQ(record.body.index(), GetParam().body.index());
  EXPECT_EQ(record.offset, 100u);
  EXPECT_TRUE(record.extra.empty());
  EXPECT_EQ(built(record.body, full_format()), bytes);
}

TEST_P(EveryKernelRecord, HasItsSampleId) {
  std::vector<uint8_t> bytes = built(GetParam().body, full_format());
  SampleId id = parse_record(bytes, full_format()).sample_id;
  EXPECT_EQ(id.present, kAllSampleTypes);
  EXPECT_EQ(id.pid, 10u);
  EXPECT_EQ(id.tid, 11u);
  EXPECT_EQ(id.time, 1234567890123u);
  EXPECT_EQ(id.id, 42u);
  EXPECT_EQ(id.stream_id, 43u);
  EXPECT_EQ(id.cpu, 3u);
}

TEST_P(EveryKernelRecord, NeedsNoSampleId) {
  if (GetParam().name == "SAMPLE" || GetParam().name == "READ") {
    return;  // their content depends on the format, tested above
  }
  std::vector<uint8_t> bytes = built(GetParam().body, RecordFormat());
  Record record = parse_record(bytes, RecordFormat());
  EXPECT_EQ(record.sample_id.present, 0u);
  EXPECT_EQ(built(record.body, RecordFormat()), bytes);
}

TEST_P(EveryKernelRecord, MayBeLongerThanWeKnow) {
  std::vector<uint8_t> bytes = built(GetParam().body, full_format());
  uint64_t id_size = std::holds_alternative<Sample>(GetParam().body)
                         ? 0
                         : full_format().sample_id_size();
  std::vector<uint8_t> more = {1, 2, 3, 4, 5, 6, 7, 8};
  bytes.insert(bytes.end() - id_size, more.begin(), more.end());
  bytes[6] += 8;  // header.size
  Record record = parse_record(bytes, full_format());
  EXPECT_EQ(record.body.index(), GetParam().body.index());
  EXPECT_EQ(record.sample_id.id, 42u);
}

// Linux writes the second of several events' records with a size that is too
// large by a sample_id; what stands there is left from the ring's last round.
TEST_P(EveryKernelRecord, StaleBytesBehindTheTrailerOfSomeKinds) {
  const RecordBody& body = GetParam().body;
  if (!std::holds_alternative<KsymbolRecord>(body) &&
      !std::holds_alternative<BpfEventRecord>(body) &&
      !std::holds_alternative<TextPokeRecord>(body))
    return;
  for (size_t events : {2, 3}) {
    std::vector<uint8_t> bytes = built(body, full_format());
    const size_t stale = (events - 1) * full_format().sample_id_size();
    bytes.insert(bytes.end(), stale, 0xa5);
    bytes[6] += static_cast<uint8_t>(stale);  // header.size
    Record record = parse_record(bytes, full_format());
    EXPECT_EQ(record.body.index(), body.index());
    EXPECT_EQ(record.sample_id.id, 42u);
    EXPECT_EQ(record.extra.size(), stale);
  }
}

std::string test_name(const testing::TestParamInfo<NamedBody>& info) {
  std::string name = info.param.name;
  for (char& c : name)
    if (c == ' ' || c == '-') c = '_';
  return name;
}
INSTANTIATE_TEST_SUITE_P(Kinds, EveryKernelRecord,
                         testing::ValuesIn(kernel_bodies()), test_name);

TEST(Record, Mmap2ByInode) {
  auto mmap = round_trip(std::get<Mmap2Record>(kernel_bodies()[9].body));
  EXPECT_EQ(mmap.pid, 1u);
  EXPECT_EQ(mmap.tid, 2u);
  EXPECT_EQ(mmap.address, 0x400000u);
  EXPECT_EQ(mmap.length, 0x1000u);
  EXPECT_EQ(mmap.file_offset, 0x2000u);
  EXPECT_FALSE(mmap.build_id);
  EXPECT_EQ(mmap.device_major, 8u);
  EXPECT_EQ(mmap.device_minor, 1u);
  EXPECT_EQ(mmap.inode, 77u);
  EXPECT_EQ(mmap.inode_generation, 5u);
  EXPECT_EQ(mmap.protection, 5u);
  EXPECT_EQ(mmap.flags, 2u);
  EXPECT_EQ(mmap.filename, "/usr/bin/true");
}

TEST(Record, Mmap2ByBuildId) {
  Mmap2Record body{.build_id = Bytes(kSomeBytes, 16), .filename = "x"};
  auto mmap = round_trip(body);
  ASSERT_TRUE(mmap.build_id);
  EXPECT_THAT(*mmap.build_id, ElementsAreArray(kSomeBytes, 16));
  EXPECT_EQ(mmap.inode, 0u);
}

// As perf_event.h lays it out, byte by byte.
TEST(Record, CommByteByByte) {
  const std::vector<uint8_t> bytes = {
      3,    0,    0,    0,    0, 0x20, 40, 0,   // COMM, exec, size
      7,    0,    0,    0,    8, 0,    0,  0,   // pid, tid
      't',  'r',  'u',  'e',  0, 0,    0,  0,   // comm
      7,    0,    0,    0,    8, 0,    0,  0,   // sample_id: pid, tid
      0x15, 0xcd, 0x5b, 0x07, 0, 0,    0,  0};  // time
  RecordFormat format;
  format.sample_type = bits(abi::SampleType::kTid | abi::SampleType::kTime);
  format.sample_id_all = true;
  format.update();
  Record record = parse_record(bytes, format);
  EXPECT_TRUE(record.has(abi::RecordMisc::kCommExec));
  auto comm = std::get<CommRecord>(record.body);
  EXPECT_EQ(comm.pid, 7u);
  EXPECT_EQ(comm.tid, 8u);
  EXPECT_EQ(comm.comm, "true");
  EXPECT_EQ(record.sample_id.time, 123456789u);
}

TEST(Record, ForkNamesParents) {
  auto fork = round_trip(ForkRecord{{11, 10, 12, 10, 99}});
  EXPECT_EQ(fork.pid, 11u);
  EXPECT_EQ(fork.parent_pid, 10u);
  EXPECT_EQ(fork.tid, 12u);
  EXPECT_EQ(fork.parent_tid, 10u);
  EXPECT_EQ(fork.time, 99u);
}

TEST(Record, TextPokeSplitsOldAndNew) {
  auto poke = round_trip(
      TextPokeRecord{1, Bytes(kSomeBytes, 3), Bytes(kSomeBytes + 3, 2)});
  EXPECT_THAT(poke.old_bytes, ElementsAre(0xde, 0xad, 0xbe));
  EXPECT_THAT(poke.new_bytes, ElementsAre(0xef, 1));
}

TEST(Record, CpuModeIsInMisc) {
  auto bytes =
      built(MmapRecord{}, RecordFormat(),
            record_misc(abi::CpuMode::kKernel, abi::RecordMisc::kMmapData));
  Record record = parse_record(bytes, RecordFormat());
  EXPECT_EQ(record.cpu_mode(), abi::CpuMode::kKernel);
  EXPECT_TRUE(record.has(abi::RecordMisc::kMmapData));
  EXPECT_FALSE(record.has(abi::RecordMisc::kExactIp));
}

TEST(Record, UnknownKindKeepsItsBytes) {
  for (uint32_t type : {0u, 23u, 63u, 84u, 0xffffffffu}) {
    std::vector<uint8_t> bytes =
        built(UnknownRecord{type, kSomeBytes}, RecordFormat());
    Record record = parse_record(bytes, full_format());
    auto unknown = std::get<UnknownRecord>(record.body);
    EXPECT_EQ(unknown.type, type);
    EXPECT_THAT(unknown.payload, ElementsAreArray(kSomeBytes));
  }
}

TEST(Record, BuilderRefusesWhatDoesNotFit) {
  std::string name(70000, 'x');
  std::vector<uint8_t> out = {1, 2, 3};
  EXPECT_THROW(RecordBuilder().append(out, CommRecord{1, 2, name}),
               std::length_error);
  EXPECT_THAT(out, ElementsAre(1, 2, 3));
}

TEST(Record, NamesOfKinds) {
  EXPECT_EQ(record_type_name(10), "PERF_RECORD_MMAP2");
  EXPECT_EQ(record_type_name(70), "PERF_RECORD_AUXTRACE_INFO");
  EXPECT_EQ(record_type_name(23), "");
  EXPECT_EQ(record_type_name(200), "");
}

}  // namespace
}  // namespace ptcap::formats
