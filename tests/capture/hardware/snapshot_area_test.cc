// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/snapshot_area.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace ptcap::capture {
namespace {

formats::Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// "." is a zero, and "!" in front of the result says that it was overwritten.
std::string unrolled(std::string area, uint64_t start, uint64_t position,
                     uint64_t unit = 1) {
  for (char& c : area) c = c == '.' ? '\0' : c;
  const SnapshotBytes result = unroll(bytes_of(area), start, position, unit);
  std::string text(result.bytes.begin(), result.bytes.end());
  for (char& c : text) c = c == '\0' ? '.' : c;
  return (result.overwritten ? "!" : "") + text;
}

TEST(SnapshotArea, NothingCameIsEmpty) {
  EXPECT_EQ(unrolled("........", 0, 0), "");
  EXPECT_EQ(unrolled("........", 5, 5), "");
}

TEST(SnapshotArea, BeforeTheFirstTurnItBeginsAtTheStart) {
  EXPECT_EQ(unrolled("abc.....", 0, 3), "abc");
  EXPECT_EQ(unrolled("...abc..", 3, 6), "abc");
}

TEST(SnapshotArea, APieceAcrossTheEndIsNotOverwritten) {
  EXPECT_EQ(unrolled("cd....ab", 6, 2), "abcd");
}

TEST(SnapshotArea, AfterATurnItBeginsBehindThePosition) {
  EXPECT_EQ(unrolled("ijkdefgh", 0, 3), "!defghijk");
  EXPECT_EQ(unrolled("ijkdefgh", 6, 3), "!defghijk");
  EXPECT_EQ(unrolled("abcdefgh", 0, 0), "!abcdefgh");
  EXPECT_EQ(unrolled("abcdefgh", 4, 4), "!efghabcd");
}

TEST(SnapshotArea, OneByteTooManyIsOverwritten) {
  EXPECT_EQ(unrolled("hbcdefgx", 1, 1), "!bcdefgxh");
  EXPECT_EQ(unrolled("gx.abcde", 3, 2), "abcdegx");
}

TEST(SnapshotArea, PaddingInTheMiddleIsKept) {
  EXPECT_EQ(unrolled("a.b..c..", 0, 6), "a.b..c");
}

TEST(SnapshotArea, WhatDoesNotHoldAWholeRecordIsNoPartOfIt) {
  EXPECT_EQ(unrolled("eefccd..", 0, 3, 3), "!ccdeef");
  EXPECT_EQ(unrolled("aab...", 0, 3, 3), "aab");
}

class StopLogTest : public testing::Test {
 protected:
  static constexpr uint64_t kArea = 100;

  void stop(uint64_t position, uint32_t tid) {
    formats::SampleId id;
    id.tid = tid;
    id.time = ++time_;
    log_.add(position, id);
  }

  // "7:10 8:20": which thread has how many bytes
  std::string parts(uint64_t size, bool overwritten) {
    SnapshotBytes bytes;
    bytes.bytes.resize(size);
    bytes.overwritten = overwritten;
    const auto found = log_.parts(
        bytes,
        [&](uint64_t offset) -> std::optional<uint64_t> {
          const auto at = newest_before_.find(offset);
          return at == newest_before_.end() ? 0 : at->second;
        },
        gone_);
    std::string text;
    uint64_t end = found.empty() ? size : found.front().begin;
    for (const SnapshotPart& part : found) {
      EXPECT_EQ(part.begin, end);
      end += part.size;
      text += (text.empty() ? "" : " ") + std::to_string(part.id.tid) + ":" +
              std::to_string(part.size);
      EXPECT_EQ(part.cut, overwritten && part.begin == 0);
    }
    EXPECT_EQ(end, size);
    return text;
  }

  // "7@1-3": threads whose bytes are gone, and the times of their stops
  std::string gone() const {
    std::string text;
    for (const auto& [tid, span] : gone_) {
      text += (text.empty() ? "" : " ") + std::to_string(tid) + "@" +
              std::to_string(span.first_ns) + "-" +
              std::to_string(span.last_ns);
    }
    return text;
  }

  StopLog log_{kArea, 0};
  GoneSpans gone_;
  std::map<uint64_t, std::optional<uint64_t>> newest_before_;  // else 0

 private:
  uint64_t time_ = 0;
};

TEST_F(StopLogTest, BytesBelongToTheThreadThatStoppedBehindThem) {
  stop(10, 7);
  stop(30, 8);
  stop(35, 7);
  EXPECT_EQ(parts(35, false), "7:10 8:20 7:5");
}

TEST_F(StopLogTest, AStopWithoutBytesIsNoPart) {
  stop(10, 7);
  stop(10, 8);
  EXPECT_EQ(parts(10, false), "7:10");
}

TEST_F(StopLogTest, PositionsGoAroundTheArea) {
  stop(90, 7);
  stop(20, 8);
  EXPECT_EQ(parts(kArea, true), "7:70 8:30");
}

TEST_F(StopLogTest, StopsWhoseBytesAreGoneAreForgotten) {
  for (unsigned i = 1; i <= 1000; ++i) stop(i * 30 % kArea, i);
  EXPECT_LE(log_.size(), 4u);
  EXPECT_EQ(parts(kArea, true), "997:10 998:30 999:30 1000:30");
}

TEST_F(StopLogTest, WhoseBytesAreGoneIsKnownAfterwards) {
  stop(60, 7);
  stop(20, 8);
  stop(70, 9);
  stop(30, 8);
  EXPECT_EQ(parts(kArea, true), "9:40 8:60");
  EXPECT_EQ(gone(), "7@1-1 8@2-2");
}

TEST_F(StopLogTest, AThreadThatWentAllAroundHasEverything) {
  stop(50, 7);             // at time 1
  stop(60, 8);             // 10 bytes, or 110, or 210...
  newest_before_[90] = 2;  // what stands in front was written after that
  EXPECT_EQ(parts(kArea, true), "8:100");
  EXPECT_EQ(gone(), "7@1-1");
  gone_.clear();
  newest_before_[90] = 1;
  EXPECT_EQ(parts(kArea, true), "7:90 8:10");
  EXPECT_EQ(gone(), "");
}

TEST_F(StopLogTest, WhereNoPacketTellsTheTimeAThreadMayHaveGoneAround) {
  stop(50, 7);
  stop(60, 8);
  newest_before_[90] = std::nullopt;
  EXPECT_EQ(parts(kArea, true), "8:100");
}

TEST_F(StopLogTest, TheFirstThreadMayHaveGoneAround) {
  stop(50, 7);
  EXPECT_EQ(parts(kArea, true), "7:100");
}

TEST_F(StopLogTest, BehindALostRecordNobodyKnows) {
  stop(10, 7);
  log_.forget();
  stop(30, 8);
  stop(40, 9);
  EXPECT_EQ(parts(40, false), "9:10");
  EXPECT_EQ(gone(), "7@1-1 8@2-2");
}

}  // namespace
}  // namespace ptcap::capture
