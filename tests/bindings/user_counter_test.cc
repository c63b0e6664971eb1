// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/user_counter.h"

#include <gtest/gtest.h>

#include <functional>

namespace ptcap::bindings {
namespace {

class FirstPage : public testing::Test {
 protected:
  FirstPage() {
    page_.cap_user_rdpmc = 1;
    page_.index = 3;
    page_.pmc_width = 48;
    page_.offset = 1000;
    page_.time_enabled = 500;
    page_.time_running = 400;
  }
  std::optional<Count> read() {
    return read_user_count(
        page_,
        [&](uint32_t counter) {
          EXPECT_EQ(counter, page_.index - 1);
          if (during_read_) during_read_();
          return pmc_;
        },
        [&] { return tsc_; });
  }

  abi::perf_event_mmap_page page_ = {};
  uint64_t pmc_ = 0, tsc_ = 0;
  std::function<void()> during_read_;
};

TEST_F(FirstPage, CountIsOffsetPlusCounter) {
  pmc_ = 234;
  EXPECT_EQ(read()->value, 1234u);
  EXPECT_EQ(read()->time_enabled_ns, 500u);
  EXPECT_EQ(read()->time_running_ns, 400u);
}

TEST_F(FirstPage, CounterHasASign) {
  pmc_ = (uint64_t{1} << 48) - 10;
  EXPECT_EQ(read()->value, 990u);
}

TEST_F(FirstPage, TimesGoOnSinceTheKernelWrote) {
  page_.cap_user_time = 1;
  page_.time_shift = 1;
  page_.time_mult = 3;
  page_.time_offset = 100;
  tsc_ = 20;  // 30 ns
  EXPECT_EQ(read()->time_enabled_ns, 500u + 130);
  EXPECT_EQ(read()->time_running_ns, 400u + 130);
}

TEST_F(FirstPage, NotOnACounter) {
  page_.index = 0;
  EXPECT_EQ(read(), std::nullopt);
}

TEST_F(FirstPage, NotAllowed) {
  page_.cap_user_rdpmc = 0;
  EXPECT_EQ(read(), std::nullopt);
}

// The kernel moves the event while it is read: the first result is dropped.
TEST_F(FirstPage, ReadAgainAfterAChange) {
  int reads = 0;
  during_read_ = [&] {
    if (++reads > 1) return;
    page_.lock += 2;
    page_.offset = 5000;
    page_.index = 1;
  };
  pmc_ = 7;
  EXPECT_EQ(read()->value, 5007u);
  EXPECT_EQ(reads, 2);
}

TEST(Clock, ThereAndBack) {
  // 2.5 GHz: 0.4 ns a tick.
  ClockConversion clock{31, 858993459, 1000000, 0, ~uint64_t{0}};
  for (uint64_t tsc :
       {uint64_t{0}, uint64_t{1000}, uint64_t{1} << 40, uint64_t{1} << 60}) {
    uint64_t ns = clock.to_ns(tsc);
    EXPECT_LE(clock.to_tsc(ns), tsc);
    EXPECT_EQ(clock.to_ns(clock.to_tsc(ns)), ns);
  }
  EXPECT_EQ(clock.to_ns(2500), 1000000u + 999);
}

TEST(Clock, ShortCounterWraps) {
  ClockConversion clock{0, 1, 0, 0x1fffffff0, 0xffffffff};
  EXPECT_EQ(clock.to_ns(0xfffffff8), 0x1fffffff8u);
  EXPECT_EQ(clock.to_ns(0x10), 0x200000010u);
}

TEST(Clock, OfAPageThatDoesNotSay) {
  abi::perf_event_mmap_page page = {};
  EXPECT_EQ(read_clock(page), std::nullopt);
  page.cap_user_time_zero = 1;
  page.time_mult = 5;
  EXPECT_EQ(read_clock(page)->mult, 5u);
}

}  // namespace
}  // namespace ptcap::bindings
