// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/pt_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/error.h"
#include "tests/bindings/fake_kernel.h"

namespace ptcap::capture {
namespace {

using testing::HasSubstr;

class PtConfigTest : public testing::Test {
 protected:
  PtConfigTest() {
    file("type", "9");
    for (const auto& [name, bits] :
         std::initializer_list<std::pair<const char*, const char*>>{
             {"pt", "0"},
             {"cyc", "1"},
             {"mtc", "9"},
             {"tsc", "10"},
             {"noretcomp", "11"},
             {"ptw", "12"},
             {"branch", "13"},
             {"mtc_period", "14-17"},
             {"cyc_thresh", "19-22"},
             {"psb_period", "24-27"}}) {
      file(std::string("format/") + name, std::string("config:") + bits);
    }
    file("caps/psb_cyc", "1");
    file("caps/mtc", "1");
    file("caps/ptwrite", "0");
    file("caps/mtc_periods", "249");  // 0, 3, 6, 9
    file("caps/cycle_thresholds", "3fff");
    file("caps/psb_periods", "3f");
  }

  void file(const std::string& name, const std::string& text) {
    kernel_.files["/sys/bus/event_source/devices/intel_pt/" + name] = text;
  }

  PtConfig config(const PtTerms& terms) {
    return PtConfig(bindings::Pmu("intel_pt", kernel_), terms);
  }
  std::string error(const PtTerms& terms) {
    try {
      return "works: " + config(terms).text();
    } catch (const UsageError& error) {
      return error.what();
    }
  }

  bindings::FakeKernel kernel_;
};

TEST_F(PtConfigTest, DefaultsArePerfs) {
  // What `perf record -vv -e intel_pt//u` shows on such a CPU.
  EXPECT_EQ(config({}).fields().config, 0x300e601u);
  EXPECT_EQ(config({}).fields().type, 9u);
}

TEST_F(PtConfigTest, TermsAddUp) {
  const PtConfig c = config({{"cyc_thresh", 2}, {"noretcomp", 1}, {"tsc", 0}});
  EXPECT_TRUE(c.enabled("cyc"));
  EXPECT_TRUE(c.enabled("noretcomp"));
  EXPECT_FALSE(c.enabled("tsc"));
  EXPECT_THAT(c.text(), HasSubstr("cyc_thresh=2"));
}

TEST_F(PtConfigTest, ErrorsNameWhatThereIs) {
  EXPECT_THAT(error({{"foo", 1}}), HasSubstr("mtc_period"));
  EXPECT_THAT(error({{"mtc_period", 1}}), HasSubstr("has 0, 3, 6, 9"));
  EXPECT_THAT(error({{"psb_period", 6}}), HasSubstr("has 0, 1, 2, 3, 4, 5"));
  EXPECT_THAT(error({{"psb_period", 99}}), HasSubstr("largest value is 15"));
  EXPECT_THAT(error({{"ptw", 1}}), HasSubstr("no PTWRITE"));
}

TEST_F(PtConfigTest, AnOldCpuGetsWhatItHas) {
  file("caps/mtc", "0");
  file("caps/psb_cyc", "0");
  EXPECT_EQ(config({}).fields().config, 0x2401u);  // pt, tsc, branch
  EXPECT_THAT(error({{"mtc", 1}}), HasSubstr("no MTC"));
  EXPECT_THAT(error({{"cyc", 1}}), HasSubstr("PSB period"));
}

TEST_F(PtConfigTest, TheNearestPeriodIsTaken) {
  file("caps/mtc_periods", "1");  // 0 alone
  file("caps/psb_periods", "7");  // 0, 1, 2
  EXPECT_THAT(config({}).text(), HasSubstr("psb_period=2"));
  EXPECT_THAT(config({}).text(), testing::Not(HasSubstr("mtc_period")));
}

}  // namespace
}  // namespace ptcap::capture
