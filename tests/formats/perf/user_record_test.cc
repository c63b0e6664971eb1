// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/perf/user_records.h"
#include "tests/formats/perf/sample_records.h"

namespace ptcap::formats {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

class EveryUserRecord : public testing::TestWithParam<NamedBody> {};

// User records have no sample_id, whatever the format.
TEST_P(EveryUserRecord, IsBuiltAgainFromWhatWasParsed) {
  std::vector<uint8_t> bytes = built(GetParam().body, full_format());
  Record record = parse_record(bytes, full_format());
  EXPECT_EQ(record.body.index(), GetParam().body.index());
  EXPECT_FALSE(record.is_kernel_record());
  EXPECT_FALSE(record_type_name(record.header.type).empty());
  EXPECT_EQ(built(record.body, full_format()), bytes);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryUserRecord,
                         testing::ValuesIn(user_bodies()),
                         [](const testing::TestParamInfo<NamedBody>& info) {
                           std::string name = info.param.name;
                           for (char& c : name)
                             if (c == ' ' || c == '-') c = '_';
                           return name;
                         });

TEST(HeaderAttr, IsAsShortAsItsFieldsAllow) {
  abi::perf_event_attr attr = {};
  attr.type = 8;
  attr.config = 0x400;
  std::vector<uint64_t> ids = {1, 2};
  std::vector<uint8_t> bytes;
  append_header_attr(bytes, attr, ids);
  EXPECT_EQ(bytes.size(), 8u + 64 + 16);

  Record record = parse_record(bytes, {});
  auto parsed = std::get<HeaderAttrRecord>(record.body);
  EXPECT_EQ(parsed.attr.size, 64u);
  EXPECT_EQ(parsed.attr.type, 8u);
  EXPECT_EQ(parsed.attr.config, 0x400u);
  EXPECT_THAT(parsed.ids.to_vector(), ElementsAre(1, 2));
}

TEST(HeaderAttr, LongerThanOursKeepsItsIds) {
  abi::perf_event_attr attr = {};
  attr.size = sizeof(attr) + 16;  // of some later kernel
  std::vector<uint64_t> ids = {7};
  std::vector<uint8_t> bytes;
  RecordBuilder().append(bytes, HeaderAttrRecord{attr, ids});
  Record record = parse_record(bytes, {});
  auto parsed = std::get<HeaderAttrRecord>(record.body);
  EXPECT_EQ(parsed.attr.size, sizeof(attr) + 16);
  EXPECT_THAT(parsed.ids.to_vector(), ElementsAre(7));
}

TEST(TimeConv, OfOldFilesHasThreeWords) {
  std::vector<uint64_t> words = {10, 500, 99};
  std::vector<uint8_t> bytes;
  RecordBuilder().append(bytes,
                         UnknownRecord{abi::bits(UserRecordType::kTimeConv),
                                       ArrayView<uint64_t>(words).bytes()});
  Record record = parse_record(bytes, {});
  auto conv = std::get<TimeConvRecord>(record.body);
  EXPECT_EQ(conv.time_shift, 10u);
  EXPECT_EQ(conv.time_mult, 500u);
  EXPECT_EQ(conv.time_zero, 99u);
  EXPECT_EQ(conv.time_mask, 0u);
}

TEST(AuxtraceError, OfOldFilesHasNoTime) {
  AuxtraceErrorRecord error{1, 2, 3, 4, 5, 0, 0x401000, 0, "bad", 0, 0};
  std::vector<uint8_t> bytes = built(error, {});
  Record record = parse_record(bytes, {});
  EXPECT_EQ(std::get<AuxtraceErrorRecord>(record.body).message, "bad");
}

TEST(Auxtrace, DataFollowsTheRecord) {
  std::vector<uint8_t> bytes = built(AuxtraceRecord{4096, 0, 0, 0, 1, ~0u}, {});
  EXPECT_EQ(bytes.size(), 48u);
  EXPECT_EQ(payload_size(parse_record(bytes, {})), 4096u);
  bytes = built(TracingDataRecord{13}, {});
  EXPECT_EQ(payload_size(parse_record(bytes, {})), 16u);
  bytes = built(FinishedRoundRecord{}, {});
  EXPECT_EQ(payload_size(parse_record(bytes, {})), 0u);
}

TEST(BuildIdRecord, OfOldFilesHasTwentyBytes) {
  std::vector<uint8_t> bytes =
      built(BuildIdRecord{1, Bytes(kSomeBytes, 16), "/lib/x"}, {});
  bytes[5] = 0;  // misc without the size bit
  Record record = parse_record(bytes, {});
  auto build_id = std::get<BuildIdRecord>(record.body);
  EXPECT_EQ(build_id.build_id.size(), 20u);
  EXPECT_THAT(build_id.build_id.first(16), ElementsAreArray(kSomeBytes, 16));
  EXPECT_EQ(build_id.filename, "/lib/x");
}

TEST(IdIndex, IsSplitWhereItExceedsARecord) {
  std::vector<IdIndexEntry> entries(5000);
  for (size_t i = 0; i < entries.size(); ++i) entries[i].id = i;
  std::vector<uint8_t> bytes;
  append_id_index(bytes, entries);
  Bytes rest = bytes;
  size_t count = 0;
  while (!rest.empty()) {
    Record record = parse_record(rest, {});
    auto index = std::get<IdIndexRecord>(record.body);
    for (IdIndexEntry entry : index.entries) EXPECT_EQ(entry.id, count++);
    EXPECT_TRUE(index.guests.empty());
    rest = rest.subspan(record.header.size);
  }
  EXPECT_EQ(count, entries.size());
}

TEST(PipeHeader, IsMagicAndSize) {
  std::vector<uint8_t> bytes;
  append_pipe_header(bytes);
  EXPECT_THAT(bytes, ElementsAre('P', 'E', 'R', 'F', 'I', 'L', 'E', '2', 16, 0,
                                 0, 0, 0, 0, 0, 0));
}

}  // namespace
}  // namespace ptcap::formats
