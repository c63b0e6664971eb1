// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/pmu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bindings/fake_kernel.h"

namespace ptcap::bindings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kCpu = "/sys/bus/event_source/devices/cpu/";

class Sysfs : public testing::Test {
 protected:
  Sysfs() {
    kernel_.add_intel_pt();
    kernel_.files[kCpu + "type"] = "4";
    kernel_.files[kCpu + "format/event"] = "config:0-7,32-35";
    kernel_.files[kCpu + "format/umask"] = "config:8-15";
    kernel_.files[kCpu + "format/ldlat"] = "config1:0-15";
    kernel_.files[kCpu + "events/cycles"] = "event=0x3c";
    kernel_.files[kCpu + "events/mem-loads"] = "event=0xcd,umask=0x1,ldlat=3";
    kernel_.files[kCpu + "events/energy"] = "event=0x02";
    kernel_.files[kCpu + "events/energy.scale"] =
        "2.3283064365386962890625e-10";
    kernel_.files[kCpu + "events/energy.unit"] = "Joules";
  }

  abi::perf_event_attr apply(std::string_view pmu, std::string_view terms) {
    abi::perf_event_attr attr = {};
    unit_ = Pmu(pmu, kernel_).apply(terms, attr);
    return attr;
  }
  std::string failure(std::string_view pmu, std::string_view terms) {
    try {
      apply(pmu, terms);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  }

  FakeKernel kernel_;
  Pmu::Unit unit_;
};

TEST_F(Sysfs, TermsGoIntoTheirBits) {
  auto attr = apply("intel_pt", "pt,branch,mtc_period=3,psb_period=0x2");
  EXPECT_EQ(attr.type, 8u);
  EXPECT_EQ(attr.config, 1u | 1 << 13 | 3 << 14 | 2 << 24);
}

TEST_F(Sysfs, TermOfSeveralRanges) {
  auto attr = apply("cpu", "event=0x5ab");
  EXPECT_EQ(attr.config, 0xabu | uint64_t{5} << 32);
  EXPECT_EQ(Pmu("cpu", kernel_).format()[0].get(attr), 0x5abu);
}

TEST_F(Sysfs, EventIsAListOfTerms) {
  auto attr = apply("cpu", "mem-loads,ldlat=30");
  EXPECT_EQ(attr.config, 0x1cdu);
  EXPECT_EQ(attr.config1, 30u);
}

TEST_F(Sysfs, EventWithScaleAndUnit) {
  apply("cpu", "energy");
  EXPECT_EQ(unit_.unit, "Joules");
  EXPECT_DOUBLE_EQ(unit_.scale, 2.3283064365386962890625e-10);
  EXPECT_THAT(Pmu("cpu", kernel_).events(),
              ElementsAre("cycles", "energy", "mem-loads"));
}

TEST_F(Sysfs, WholeWordsAndPeriod) {
  auto attr = apply("cpu", "config=0x1,config2=7,period=1000");
  EXPECT_EQ(attr.config, 1u);
  EXPECT_EQ(attr.config2, 7u);
  EXPECT_EQ(attr.sample_period, 1000u);
  attr = apply("cpu", "freq=99");
  EXPECT_EQ(attr.freq, 1u);
  EXPECT_EQ(attr.sample_freq, 99u);
}

TEST_F(Sysfs, WhatIsWrongIsNamed) {
  EXPECT_THAT(failure("cpu", "evnt=1"),
              AllOf(HasSubstr("cpu has no term \"evnt=1\""),
                    HasSubstr("terms: event, ldlat, umask"),
                    HasSubstr("events: cycles, energy, mem-loads")));
  EXPECT_EQ(failure("cpu", "umask=256"), "umask=256 is too large: at most 255");
  EXPECT_EQ(failure("cpu", "umask=x"),
            "cpu/umask=x/: the value is not a number");
  EXPECT_EQ(failure("gpu", ""), "no PMU gpu; there are: cpu, intel_pt");
  EXPECT_THAT(failure("cpu", "../type"), HasSubstr("no term"));
}

TEST_F(Sysfs, Capabilities) {
  Pmu pt("intel_pt", kernel_);
  EXPECT_EQ(pt.capability("ip_filtering"), "1");
  EXPECT_EQ(pt.capability_number("nr_addr_filters"), 2u);
  EXPECT_EQ(pt.capability("nonsense"), std::nullopt);
}

TEST(FormatTerm, BadTextIsRefused) {
  for (const char* text : {"", "config", "config:", "config:x", "config:5-2",
                           "config:64", "confog:1", "config:0-"})
    EXPECT_THROW(FormatTerm::parse("t", text), std::invalid_argument) << text;
}

TEST(FormatTerm, WholeWord) {
  FormatTerm term = FormatTerm::parse("t", "config1:0-63");
  EXPECT_EQ(term.width(), 64u);
  abi::perf_event_attr attr = {};
  term.set(attr, ~uint64_t{0});
  EXPECT_EQ(attr.config1, ~uint64_t{0});
  EXPECT_EQ(term.get(attr), ~uint64_t{0});
}

TEST(CpuList, Ranges) {
  EXPECT_THAT(parse_cpu_list("0-2,5\n"), ElementsAre(0, 1, 2, 5));
  EXPECT_THAT(parse_cpu_list(""), ElementsAre());
  for (const char* text : {"x", "3-1", "1-", "0-99999999"})
    EXPECT_THROW(parse_cpu_list(text), std::invalid_argument) << text;
}

}  // namespace
}  // namespace ptcap::bindings
