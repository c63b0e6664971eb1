// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf/header_feature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/io/error.h"
#include "formats/perf/record.h"

namespace ptcap::formats {
namespace {

using testing::ElementsAre;

class HeaderFeatures : public testing::Test {
 protected:
  HeaderFeatureRecord parsed() {
    return std::get<HeaderFeatureRecord>(parse_record(bytes_, {}).body);
  }
  std::vector<uint8_t> bytes_;
};

TEST_F(HeaderFeatures, String) {
  append_string_feature(bytes_, HeaderFeature::kCpuId, "GenuineIntel,6,85,4");
  EXPECT_EQ(bytes_.size(), 8u + 8 + 4 + 64 + 4);
  EXPECT_EQ(parsed().feature, HeaderFeature::kCpuId);
  EXPECT_EQ(parse_string_feature(parsed().data), "GenuineIntel,6,85,4");
}

TEST_F(HeaderFeatures, StringOfAnyLength) {
  for (size_t size : {0, 1, 63, 64, 65, 200}) {
    bytes_.clear();
    std::string text(size, 'x');
    append_string_feature(bytes_, HeaderFeature::kHostname, text);
    EXPECT_EQ(parse_string_feature(parsed().data), text);
  }
}

TEST_F(HeaderFeatures, Cmdline) {
  append_cmdline_feature(bytes_, {"ptcap", "--", "", "a b"});
  EXPECT_THAT(parse_cmdline_feature(parsed().data),
              ElementsAre("ptcap", "--", "", "a b"));
}

TEST_F(HeaderFeatures, CmdlineThatLiesAboutItsCount) {
  append_cmdline_feature(bytes_, {"ptcap"});
  bytes_[16] = 0xff;
  bytes_[19] = 0xff;
  EXPECT_THROW(parse_cmdline_feature(parsed().data), FormatError);
}

TEST_F(HeaderFeatures, Numbers) {
  append_cpu_counts_feature(bytes_, {8, 4});
  EXPECT_EQ(parse_cpu_counts_feature(parsed().data).available, 8u);
  EXPECT_EQ(parse_cpu_counts_feature(parsed().data).online, 4u);
  bytes_.clear();
  append_total_mem_feature(bytes_, 24 << 20);
  EXPECT_EQ(parse_total_mem_feature(parsed().data), 24u << 20);
  bytes_.clear();
  append_sample_times_feature(bytes_, {5, 9});
  EXPECT_EQ(parse_sample_times_feature(parsed().data).first, 5u);
  EXPECT_EQ(parse_sample_times_feature(parsed().data).last, 9u);
}

TEST_F(HeaderFeatures, ShortData) {
  EXPECT_THROW(parse_string_feature({}), FormatError);
  EXPECT_THROW(parse_cmdline_feature({}), FormatError);
  EXPECT_THROW(parse_cpu_counts_feature({}), FormatError);
  EXPECT_THROW(parse_total_mem_feature({}), FormatError);
}

}  // namespace
}  // namespace ptcap::formats
