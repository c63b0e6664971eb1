// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Times between two packets that say the time.

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "decode/time_interpolator.h"

namespace ptcap::decode {
namespace {

// Gives what it was given, a few items at a time.
class FakeEngine : public FlowEngine {
 public:
  FakeEngine(std::vector<FlowItem> items, size_t step)
      : items_(std::move(items)), step_(step) {}
  bool next(FlowBatch& batch) override {
    const size_t end = std::min(at_ + step_, items_.size());
    batch.assign(items_.begin() + static_cast<long>(at_),
                 items_.begin() + static_cast<long>(end));
    at_ = end;
    return !batch.empty();
  }

 private:
  std::vector<FlowItem> items_;
  size_t step_;
  size_t at_ = 0;
};

std::vector<FlowItem> all_of(FlowEngine& engine) {
  std::vector<FlowItem> all;
  FlowBatch batch;
  batch.reserve(64);
  while (engine.next(batch)) all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

FlowItem block(uint64_t time, uint32_t ninsn) {
  FlowItem item;
  item.time = time;
  item.ninsn = ninsn;
  return item;
}
FlowItem event(FlowKind kind, uint64_t time) {
  FlowItem item;
  item.kind = kind;
  item.time = time;
  return item;
}

// The times, whatever the sizes of batches.
std::string times(const std::vector<FlowItem>& items) {
  std::string first;
  for (const size_t step : {1, 2, 3, 100}) {
    TimeInterpolator engine(std::make_unique<FakeEngine>(items, step));
    std::string text;
    for (const FlowItem& item : all_of(engine)) {
      text += std::to_string(item.time) + " ";
    }
    if (first.empty()) first = text;
    EXPECT_EQ(text, first) << step;
  }
  return first;
}

TEST(TimeInterpolator, TimesGoUpWithTheInstructions) {
  EXPECT_EQ(times({event(FlowKind::kOn, 1000), block(1000, 10), block(1000, 20),
                   block(1000, 10), block(1100, 10), block(1100, 5)}),
            "1000 1020 1060 1080 1100 1100 ");
}

TEST(TimeInterpolator, WhileTracingIsOffTheyStayThoseOfThePacket) {
  EXPECT_EQ(times({event(FlowKind::kOn, 1000), block(1000, 10),
                   event(FlowKind::kOff, 1000), event(FlowKind::kOn, 9000),
                   block(9000, 10), block(9000, 10), block(9050, 5)}),
            "1000 1000 1000 9000 9020 9040 9050 ");
  EXPECT_EQ(times({block(1000, 10), event(FlowKind::kGap, 1000),
                   block(1000, 10), block(2000, 10)}),
            "1000 1000 1000 2000 ");
}

TEST(TimeInterpolator, ATimeInFrontOfTheEndOfTracingCounts) {
  EXPECT_EQ(times({event(FlowKind::kOn, 1000), block(1000, 10), block(1000, 10),
                   event(FlowKind::kOff, 1100), event(FlowKind::kOn, 5000)}),
            "1000 1050 1099 1100 5000 ");
}

TEST(TimeInterpolator, WithoutTimeThereIsNone) {
  EXPECT_EQ(times({block(0, 10), block(0, 10), block(1000, 10)}), "0 0 1000 ");
  EXPECT_EQ(times({block(1000, 10), block(1000, 10)}), "1000 1000 ");
  EXPECT_EQ(times({}), "");
}

TEST(TimeInterpolator, PacketsTooFarApartAreNotWaitedFor) {
  std::vector<FlowItem> items(3 * TimeInterpolator::kMaxWaiting,
                              block(1000, 1));
  items.push_back(block(2000, 1));
  items.push_back(block(2000, 1));
  items.push_back(block(2002, 1));
  TimeInterpolator engine(std::make_unique<FakeEngine>(items, 1000));
  FlowBatch batch;
  batch.reserve(1000);
  size_t count = 0;
  std::vector<uint64_t> last;
  while (engine.next(batch)) {
    EXPECT_LE(batch.size(), TimeInterpolator::kMaxWaiting + 1000);
    count += batch.size();
    for (const FlowItem& item : batch) last.push_back(item.time);
  }
  EXPECT_EQ(count, items.size());
  EXPECT_EQ(last[items.size() - 4], 1000u);
  EXPECT_EQ(last[items.size() - 2], 2001u);
}

// Nothing but times changes, and those never go back nor beyond the next one.
TEST(TimeInterpolator, RandomFlowKeepsItsItems) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<FlowItem> items;
    uint64_t time = random() % 2 * 1000;
    for (size_t i = 0; i < random() % 500; ++i) {
      if (random() % 10 == 0) time += random() % 100;
      const unsigned kind = random() % 20;
      items.push_back(kind == 0   ? event(FlowKind::kOff, time)
                      : kind == 1 ? event(FlowKind::kOn, time)
                      : kind == 2 ? event(FlowKind::kGap, time)
                                  : block(time, random() % 9));
      items.back().offset = i;
    }
    TimeInterpolator engine(
        std::make_unique<FakeEngine>(items, 1 + random() % 50));
    const auto got = all_of(engine);
    ASSERT_EQ(got.size(), items.size());
    uint64_t last = 0;
    for (size_t i = 0; i < items.size(); ++i) {
      EXPECT_EQ(got[i].offset, items[i].offset);
      EXPECT_EQ(got[i].kind, items[i].kind);
      EXPECT_GE(got[i].time, items[i].time);
      EXPECT_GE(got[i].time, last);
      last = got[i].time;
      const auto later = std::find_if(
          items.begin() + static_cast<long>(i), items.end(),
          [&](const FlowItem& item) { return item.time > items[i].time; });
      if (later != items.end()) {
        EXPECT_LT(got[i].time, later->time);
      }
    }
  }
}

}  // namespace
}  // namespace ptcap::decode
