// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf/record_format.h"

#include <gtest/gtest.h>

#include "tests/formats/perf/sample_records.h"

namespace ptcap::formats {
namespace {

using abi::SampleType;

abi::perf_event_attr attr_with(SampleType sample_type) {
  abi::perf_event_attr attr = {};
  attr.sample_type = bits(sample_type);
  attr.sample_id_all = 1;
  return attr;
}

std::vector<uint8_t> comm_of(const RecordFormat& format, uint64_t id) {
  std::vector<uint8_t> bytes;
  RecordBuilder(format).append(bytes, CommRecord{1, 1, "x"}, {.id = id});
  return bytes;
}

TEST(RecordFormat, TrailerHasOneWordForEachPart) {
  EXPECT_EQ(RecordFormat().sample_id_size(), 0u);
  EXPECT_EQ(RecordFormat::of(attr_with(SampleType::kTid | SampleType::kTime))
                .sample_id_size(),
            16u);
  EXPECT_EQ(full_format().sample_id_size(), 48u);
}

TEST(EventFormats, RecordsBelongToTheEventOfTheirIdentifier) {
  auto pt = attr_with(SampleType::kIdentifier | SampleType::kTid);
  auto sideband = attr_with(SampleType::kIdentifier | SampleType::kTime);
  EventFormats formats;
  formats.add(pt, std::vector<uint64_t>{1});
  formats.add(sideband, std::vector<uint64_t>{2, 3});
  for (uint64_t id : {2, 3}) {
    auto bytes = comm_of(RecordFormat::of(sideband), id);
    EXPECT_EQ(formats.of_record(bytes).sample_type, sideband.sample_type);
  }
  auto bytes = comm_of(RecordFormat::of(pt), 1);
  EXPECT_EQ(formats.of_record(bytes).sample_type, pt.sample_type);
}

TEST(EventFormats, SamplesHaveTheIdentifierInFront) {
  auto a = attr_with(SampleType::kIdentifier | SampleType::kIp);
  auto b = attr_with(SampleType::kIdentifier | SampleType::kTime);
  EventFormats formats;
  formats.add(a, std::vector<uint64_t>{1});
  formats.add(b, std::vector<uint64_t>{2});
  Sample sample;
  sample.identifier = 2;
  auto bytes = built(sample, RecordFormat::of(b));
  EXPECT_EQ(formats.of_record(bytes).sample_type, b.sample_type);
}

TEST(EventFormats, UnknownIdIsTheFirstEvent) {
  auto a = attr_with(SampleType::kIdentifier | SampleType::kTid);
  EventFormats formats;
  formats.add(a, std::vector<uint64_t>{1});
  formats.add(attr_with(SampleType::kIdentifier), std::vector<uint64_t>{2});
  auto bytes = comm_of(RecordFormat::of(a), 0);
  EXPECT_EQ(formats.of_record(bytes).sample_type, a.sample_type);
  EXPECT_EQ(formats.of_record(Bytes(bytes).first(9)).sample_type,
            a.sample_type);
}

TEST(EventFormats, WithoutEventsThereIsNoTrailer) {
  auto bytes = comm_of(RecordFormat(), 0);
  EXPECT_EQ(EventFormats().of_record(bytes).sample_id_size(), 0u);
}

}  // namespace
}  // namespace ptcap::formats
