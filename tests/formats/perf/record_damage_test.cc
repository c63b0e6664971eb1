// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Records that are cut, and sizes that lie: FormatError with the offset, or a
// record without what was cut; never a read outside of the record.

#include <gtest/gtest.h>

#include "formats/io/error.h"
#include "tests/formats/perf/sample_records.h"

namespace ptcap::formats {
namespace {

constexpr uint64_t kOffset = 1000;

std::vector<NamedBody> all_bodies() {
  std::vector<NamedBody> all = kernel_bodies();
  for (auto& body : user_bodies()) all.push_back(body);
  return all;
}

class DamagedRecord : public testing::TestWithParam<NamedBody> {
 protected:
  DamagedRecord() : bytes_(built(GetParam().body, full_format())) {}

  // In a buffer of its own, so that AddressSanitizer sees a read behind it.
  // True if it parsed, false if it threw a FormatError inside the record.
  static bool parses(Bytes input) {
    std::vector<uint8_t> exact(input.begin(), input.end());
    try {
      Record record = parse_record(exact, full_format(), kOffset);
      // Touch what was parsed.
      std::vector<uint8_t> again;
      RecordBuilder(full_format()).append(again, record.body);
      return true;
    } catch (const FormatError& error) {
      EXPECT_GE(error.offset(), kOffset);
      EXPECT_LE(error.offset(), kOffset + exact.size());
      return false;
    }
  }

  void set_size(uint16_t size) { std::memcpy(&bytes_[6], &size, 2); }

  std::vector<uint8_t> bytes_;
};

TEST_P(DamagedRecord, CutInputIsAnError) {
  for (size_t size = 0; size < bytes_.size(); ++size)
    EXPECT_FALSE(parses(Bytes(bytes_).first(size))) << size;
}

TEST_P(DamagedRecord, SizeBeyondTheInputIsAnError) {
  set_size(static_cast<uint16_t>(bytes_.size() + 1));
  EXPECT_FALSE(parses(bytes_));
  set_size(0xffff);
  EXPECT_FALSE(parses(bytes_));
}

TEST_P(DamagedRecord, SizeBelowTheHeaderIsAnError) {
  for (uint16_t size = 0; size < 8; ++size) {
    set_size(size);
    EXPECT_FALSE(parses(bytes_)) << size;
  }
}

// The record says that it is shorter than its fields. Strings and open arrays
// get shorter by it, everything else must be an error.
TEST_P(DamagedRecord, SmallerSizeNeverReadsBehind) {
  const size_t size = bytes_.size();
  for (size_t less = 8; less < size; ++less) {
    set_size(static_cast<uint16_t>(less));
    parses(Bytes(bytes_).first(less));
  }
}

// Every word of the record, one after the other, becomes a huge count.
TEST_P(DamagedRecord, HugeCountsNeverReadBehind) {
  for (uint64_t lie : {~uint64_t{0}, ~uint64_t{0} / 8, uint64_t{1} << 61,
                       uint64_t{1} << 32, uint64_t{0xffff}}) {
    for (size_t at = 8; at + 8 <= bytes_.size(); at += 4) {
      std::vector<uint8_t> saved = bytes_;
      std::memcpy(&bytes_[at], &lie, 8);
      parses(bytes_);
      bytes_ = saved;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, DamagedRecord, testing::ValuesIn(all_bodies()),
                         [](const testing::TestParamInfo<NamedBody>& info) {
                           std::string name = info.param.name;
                           for (char& c : name)
                             if (c == ' ' || c == '-') c = '_';
                           return name;
                         });

// Parses a record of `type` with exactly these words behind its header.
Record parse_words(abi::RecordType type, std::vector<uint64_t> words,
                   const RecordFormat& format) {
  static std::vector<uint8_t> bytes;
  bytes.clear();
  RecordBuilder().append(
      bytes, UnknownRecord{bits(type), ArrayView<uint64_t>(words).bytes()});
  return parse_record(bytes, format, kOffset);
}

RecordFormat sample_format(abi::SampleType type) {
  RecordFormat format;
  format.sample_type = bits(type);
  format.update();
  return format;
}

TEST(SizeLie, CallchainLongerThanTheRecord) {
  RecordFormat format = sample_format(abi::SampleType::kCallchain);
  EXPECT_NO_THROW(parse_words(abi::RecordType::kSample, {2, 1, 2}, format));
  EXPECT_THROW(parse_words(abi::RecordType::kSample, {3, 1, 2}, format),
               FormatError);
}

TEST(SizeLie, RawLongerThanTheRecord) {
  RecordFormat format = sample_format(abi::SampleType::kRaw);
  EXPECT_NO_THROW(parse_words(abi::RecordType::kSample, {12, 0}, format));
  EXPECT_THROW(parse_words(abi::RecordType::kSample, {13, 0}, format),
               FormatError);
}

TEST(SizeLie, GroupOfMoreCountersThanTheRecordHolds) {
  RecordFormat format = sample_format(abi::SampleType::kRead);
  format.read_format = bits(abi::ReadFormat::kGroup | abi::ReadFormat::kId);
  EXPECT_NO_THROW(parse_words(abi::RecordType::kSample, {1, 100, 42}, format));
  EXPECT_THROW(parse_words(abi::RecordType::kSample, {2, 100, 42}, format),
               FormatError);
}

TEST(SizeLie, BuildIdLongerThanItsField) {
  std::vector<uint8_t> bytes =
      built(Mmap2Record{.build_id = Bytes(kSomeBytes, 20), .filename = "x"},
            RecordFormat());
  bytes[8 + 4 + 4 + 8 + 8 + 8] = 21;
  try {
    parse_record(bytes, RecordFormat(), kOffset);
    FAIL();
  } catch (const FormatError& error) {
    EXPECT_EQ(error.offset(), kOffset + 40);
    EXPECT_STREQ(error.what(), "MMAP2: build-id of 21 bytes at offset 1040");
  }
}

TEST(SizeLie, RecordWithoutRoomForItsSampleId) {
  std::vector<uint8_t> bytes = built(SwitchRecord{}, RecordFormat());
  try {
    parse_record(bytes, full_format(), kOffset);
    FAIL();
  } catch (const FormatError& error) {
    EXPECT_STREQ(error.what(),
                 "PERF_RECORD_SWITCH of 8 bytes has no room for its sample_id "
                 "at offset 1000");
  }
}

TEST(SizeLie, AttrSmallerThanTheFirstPublished) {
  auto attr = std::get<HeaderAttrRecord>(user_bodies()[0].body);
  std::vector<uint8_t> bytes = built(attr, RecordFormat());
  for (uint32_t size : {0u, 32u, 63u, 65u, 4096u}) {
    std::memcpy(&bytes[8 + 4], &size, 4);
    EXPECT_THROW(parse_record(bytes, RecordFormat()), FormatError) << size;
  }
}

}  // namespace
}  // namespace ptcap::formats
