// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/event_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bindings/counter_set.h"
#include "bindings/metric.h"
#include "bindings/pfm.h"
#include "tests/bindings/fake_kernel.h"
#if __has_include(<perfmon/pfmlib_perf_event.h>)
#include <perfmon/pfmlib_perf_event.h>
#endif

namespace ptcap::bindings {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

class EventNames : public testing::Test {
 protected:
  EventNames() {
    kernel_.add_intel_pt();
    const std::string event = "/sys/kernel/tracing/events/sched/sched_switch/";
    kernel_.files[event + "id"] = "316";
    kernel_.files[event + "format"] = "";
  }
  abi::perf_event_attr parse(std::string_view name) {
    EventAttr attr = parse_event(name, kernel_);
    EXPECT_EQ(attr.name(), name);
    return attr.fields();
  }
  std::string failure(std::string_view name) {
    try {
      parse(name);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  }
  FakeKernel kernel_;
};

TEST_F(EventNames, HardwareAndSoftware) {
  EXPECT_EQ(parse("cycles").config, 0u);
  EXPECT_EQ(parse("cpu-cycles").config, 0u);
  EXPECT_EQ(parse("branches").config, 4u);
  EXPECT_EQ(parse("ref-cycles").config, 9u);
  EXPECT_EQ(parse("cs").type, 1u);
  EXPECT_EQ(parse("minor-faults").config, 5u);
  EXPECT_EQ(parse("cgroup-switches").config, 11u);
}

TEST_F(EventNames, Caches) {
  EXPECT_EQ(parse("L1-dcache-load-misses").config, 0x010000u);
  EXPECT_EQ(parse("LLC-stores").config, 0x000102u);
  EXPECT_EQ(parse("branch-loads").config, 0x000005u);
  EXPECT_EQ(parse("branch-misses").type, 0u);
}

TEST_F(EventNames, RawAndBreakpoints) {
  EXPECT_EQ(parse("r01a8").config, 0x1a8u);
  EXPECT_EQ(parse("r01a8").type, 4u);
  auto memory = parse("mem:0x1000/8:w:u");
  EXPECT_EQ(memory.bp_addr, 0x1000u);
  EXPECT_EQ(memory.bp_len, 8u);
  EXPECT_EQ(memory.bp_type, 2u);
  EXPECT_TRUE(memory.exclude_kernel);
  EXPECT_EQ(parse("mem:4096").bp_type, 3u);
  EXPECT_EQ(parse("mem:0x1000::k").bp_type, 3u);
}

TEST_F(EventNames, PmusAndTracepoints) {
  EXPECT_EQ(parse("intel_pt/tsc,mtc_period=3/u").config, 1u << 10 | 3u << 14);
  EXPECT_TRUE(parse("intel_pt//u").exclude_kernel);
  EXPECT_EQ(parse("sched:sched_switch").config, 316u);
  EXPECT_TRUE(parse("sched:sched_switch:u").exclude_kernel);
}

TEST_F(EventNames, Modifiers) {
  auto attr = parse("cycles:u");
  EXPECT_TRUE(!attr.exclude_user && attr.exclude_kernel && attr.exclude_hv);
  attr = parse("cycles:uk");
  EXPECT_TRUE(!attr.exclude_user && !attr.exclude_kernel && attr.exclude_hv);
  attr = parse("cycles:ppG");
  EXPECT_TRUE(attr.precise_ip == 2 && attr.exclude_host && !attr.exclude_guest);
  attr = parse("cycles:DeI");
  EXPECT_TRUE(attr.pinned && attr.exclusive && attr.exclude_idle);
}

TEST_F(EventNames, WhatIsWrongIsNamed) {
  EXPECT_THAT(failure("cycels"), HasSubstr("event \"cycels\""));
  EXPECT_THAT(failure("cycles:x"), HasSubstr("modifier x"));
  EXPECT_THAT(failure("cycles:pppp"), HasSubstr("three"));
  EXPECT_THAT(failure("mem:zero"), HasSubstr("mem:ADDRESS"));
  EXPECT_THAT(failure("mem:1:q"), HasSubstr("r, w, rw or x"));
  EXPECT_THAT(failure("intel_pt/tsc"), HasSubstr("slash"));
  EXPECT_THAT(failure("intel_pt/tcs/"), HasSubstr("no term"));
  EXPECT_THAT(failure("rxyz"), HasSubstr("event"));
  EXPECT_THAT(failure(""), HasSubstr("event"));
}

TEST(Pfm, NamesOfItsOwn) {
  if (!pfm_available()) GTEST_SKIP() << "no libpfm.so.4 (Debian: libpfm4)";
  auto faults = pfm_event("perf::PAGE-FAULTS");
  ASSERT_TRUE(faults);
  EXPECT_EQ(faults->fields().type, 1u);
  EXPECT_EQ(faults->fields().config, 2u);
  auto user = pfm_event("perf::CYCLES:u");
  ASSERT_TRUE(user);
  EXPECT_TRUE(user->fields().exclude_kernel);
  EXPECT_FALSE(user->fields().exclude_user);
  EXPECT_FALSE(pfm_event("perf::NONSENSE"));
}

#if __has_include(<perfmon/pfmlib_perf_event.h>)
static_assert(offsetof(internal::PfmEncodeArgument, flags) ==
              offsetof(pfm_perf_encode_arg_t, flags));
static_assert(sizeof(internal::PfmEncodeArgument) ==
              sizeof(pfm_perf_encode_arg_t));
static_assert(internal::kPfmOsPerfEventExt == PFM_OS_PERF_EVENT_EXT);
static_assert(internal::kPfmUserAndKernel == (PFM_PLM0 | PFM_PLM3));
#endif

std::optional<double> value(const char* expression) {
  return Metric(expression)
      .evaluate([](const std::string& name) -> std::optional<double> {
        if (name == "a") return 6;
        if (name == "page-faults") return 2;
        if (name == "zero") return 0;
        return std::nullopt;
      });
}

TEST(Metric, Arithmetic) {
  EXPECT_THAT(value("1 + 2 * 3"), Optional(DoubleEq(7)));
  EXPECT_THAT(value("(1+2)*3"), Optional(DoubleEq(9)));
  EXPECT_THAT(value("10 - 4 - 3"), Optional(DoubleEq(3)));
  EXPECT_THAT(value("100*a/page-faults"), Optional(DoubleEq(300)));
  EXPECT_THAT(value("a - page-faults"), Optional(DoubleEq(4)));
  EXPECT_THAT(value("-a + .5e1"), Optional(DoubleEq(-1)));
  EXPECT_THAT(value("min(a, 3) + max(1, page-faults)"), Optional(DoubleEq(5)));
}

TEST(Metric, WhatCannotBeKnownIsNothing) {
  EXPECT_EQ(value("a / zero"), std::nullopt);
  EXPECT_EQ(value("a + other"), std::nullopt);
}

TEST(Metric, EventsAreNamedOnce) {
  Metric metric("a / (a + sched:sched_switch)");
  EXPECT_THAT(metric.events(), ElementsAre("a", "sched:sched_switch"));
}

TEST(Metric, BadExpressionsAreRefused) {
  for (const char* text : {"", "1 +", "(1", "1 2", "*", "min(1)", "a b", "1 $"})
    EXPECT_THROW(Metric{text}, std::invalid_argument) << text;
  EXPECT_THROW(Metric(std::string(100000, '(')), std::invalid_argument);
  EXPECT_THROW(Metric(std::string(100000, '-') + "1"), std::invalid_argument);
}

TEST(Metric, CommonOnesUseEventsThatAreKnown) {
  FakeKernel kernel;
  for (const NamedMetric& named : common_metrics()) {
    Metric metric(named.expression);
    for (const std::string& event : metric.events())
      EXPECT_NO_THROW(parse_event(event, kernel)) << named.name;
  }
}

TEST(CounterSet, MergesAndScales) {
  FakeKernel kernel;
  CounterSet set({"page-faults", "cs:u"}, Target::thread(7),
                 {.user_only = true}, kernel);
  set.start();
  auto& faults = kernel.events.begin()->second;
  EXPECT_TRUE(faults.attr.inherit && faults.attr.exclude_kernel);
  faults.words_to_read = {100, 50, 25};
  std::next(kernel.events.begin())->second.words_to_read = {0, 50, 0};
  auto results = set.read();
  EXPECT_THAT(results[0].value, Optional(DoubleEq(200)));
  EXPECT_EQ(results[1].value, std::nullopt);
  EXPECT_THAT(set.evaluate(Metric("page-faults / 4")), Optional(DoubleEq(50)));
  EXPECT_EQ(set.evaluate(Metric("page-faults / cs:u")), std::nullopt);
}

}  // namespace
}  // namespace ptcap::bindings
