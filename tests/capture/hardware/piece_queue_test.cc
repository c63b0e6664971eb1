// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/piece_queue.h"

#include <gtest/gtest.h>

namespace ptcap::capture {
namespace {

class PieceQueueTest : public testing::Test {
 protected:
  void add(size_t area, uint64_t offset, uint64_t size, uint64_t time) {
    formats::Record record;
    record.body = formats::AuxRecord{offset, size, 0};
    record.sample_id.time = time;
    record.sample_id.tid = 1;
    queue_.add(area, record);
  }

  // "A10 B20": areas and times as they are taken; "A?4": bytes of no record.
  std::string take(const std::vector<uint64_t>& heads1,
                   const std::vector<uint64_t>& heads2) {
    std::string taken;
    const auto name = [&](size_t area) {
      taken += taken.empty() ? "" : " ";
      taken += area == 0 ? "A" : "B";
    };
    queue_.take(
        heads1, heads2,
        [&](size_t area, const AuxPiece& piece) {
          name(area);
          taken += std::to_string(piece.sample_id.time);
        },
        [&](size_t area, uint64_t, uint64_t size) {
          name(area);
          taken += "?" + std::to_string(size);
        });
    return taken;
  }

  PieceQueue queue_{2};
};

TEST_F(PieceQueueTest, TakesInOrderOfTime) {
  add(0, 0, 5, 10);
  add(0, 5, 5, 30);
  add(1, 0, 5, 20);
  EXPECT_EQ(take({10, 5}, {10, 5}), "A10 B20 A30");
  EXPECT_EQ(queue_.position(0), 10u);
  EXPECT_EQ(queue_.position(1), 5u);
}

// A thread's older piece on the other CPU may not have been seen yet.
TEST_F(PieceQueueTest, KeepsWhatIsNewerThanTheFirstLook) {
  add(0, 0, 5, 10);
  add(1, 0, 5, 20);  // below the second heads only
  EXPECT_EQ(take({5, 0}, {5, 5}), "A10");
  EXPECT_TRUE(queue_.holds(1));
  add(0, 5, 5, 15);
  EXPECT_EQ(take({10, 5}, {10, 5}), "A15 B20");
  EXPECT_FALSE(queue_.holds(1));
}

TEST_F(PieceQueueTest, TakesOlderPiecesThatTheFirstLookMissed) {
  add(0, 0, 5, 10);
  add(1, 0, 5, 20);
  // B20 was there at the first look, A10 came to light at the second.
  EXPECT_EQ(take({0, 5}, {5, 5}), "A10 B20");
}

TEST_F(PieceQueueTest, LeavesPiecesBeyondTheHead) {
  add(0, 0, 5, 10);
  EXPECT_EQ(take({4, 0}, {4, 0}), "");
  EXPECT_EQ(queue_.position(0), 0u);
}

TEST_F(PieceQueueTest, TellsOfBytesWhoseRecordWasLost) {
  add(0, 4, 5, 10);
  EXPECT_EQ(take({9, 0}, {9, 0}), "A?4 A10");
}

}  // namespace
}  // namespace ptcap::capture
