// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace ptcap::bindings {
namespace {

using testing::ElementsAre;

// A ring of 64 bytes whose kernel is the test.
class SmallRing : public testing::Test {
 protected:
  // A record whose words behind the header are all `value`.
  void write(uint16_t size, uint8_t value) {
    abi::perf_event_header header = {value, 0, size};
    std::vector<uint8_t> record(size, value);
    std::memcpy(record.data(), &header, sizeof(header));
    for (uint8_t byte : record) data_[head_++ % sizeof(data_)] = byte;
  }
  // As the kernel does with write_backward: the head goes down.
  void write_backward(uint16_t size, uint8_t value) {
    head_ -= size;
    uint64_t head = head_;
    write(size, value);
    head_ = head;
  }
  // The types of the records that are visited.
  std::vector<uint32_t> drain() {
    std::vector<uint32_t> types;
    drain_records(ring_, damaged_, [&](const RingRecord& record) {
      types.push_back(record.header.type);
      EXPECT_EQ(record.bytes.size(), record.header.size);
      std::vector<uint8_t> scratch;
      auto bytes = record.contiguous(scratch);
      for (size_t i = 8; i < bytes.size(); ++i)
        EXPECT_EQ(bytes[i], record.header.type);
      wrapped_ += record.bytes.wrapped();
    });
    return types;
  }
  std::vector<uint32_t> snapshot() {
    std::vector<uint32_t> types;
    visit_backward(ring_, [&](const RingRecord& record) {
      types.push_back(record.header.type);
      wrapped_ += record.bytes.wrapped();
    });
    return types;
  }

  uint8_t data_[64] = {};
  uint64_t head_ = 0, tail_ = 0, damaged_ = 0;
  int wrapped_ = 0;
  Ring ring_{data_, sizeof(data_), head_, tail_};
};

TEST_F(SmallRing, Empty) {
  EXPECT_THAT(drain(), ElementsAre());
  EXPECT_EQ(damaged_, 0u);
}

TEST_F(SmallRing, RecordsInOrderAndSpaceGivenBack) {
  write(16, 1);
  write(24, 2);
  EXPECT_THAT(drain(), ElementsAre(1, 2));
  EXPECT_EQ(tail_, 40u);
  EXPECT_THAT(drain(), ElementsAre());
}

TEST_F(SmallRing, RecordThatWrapsIsTwoSlices) {
  head_ = tail_ = 48;
  write(32, 7);
  EXPECT_THAT(drain(), ElementsAre(7));
  EXPECT_EQ(wrapped_, 1);
}

TEST_F(SmallRing, ExactlyFull) {
  head_ = tail_ = 8;
  write(40, 1);
  write(24, 2);
  EXPECT_THAT(drain(), ElementsAre(1, 2));
}

TEST_F(SmallRing, OffsetsMayOverflow) {
  head_ = tail_ = ~uint64_t{0} - 15;
  write(16, 1);
  write(16, 2);
  EXPECT_THAT(drain(), ElementsAre(1, 2));
  EXPECT_EQ(tail_, 16u);
}

TEST_F(SmallRing, SizeBelowTheHeaderIsDamage) {
  write(16, 1);
  write(16, 2);
  data_[16 + 6] = 4;  // of the second record
  EXPECT_THAT(drain(), ElementsAre(1));
  EXPECT_EQ(damaged_, 16u);
  write(8, 3);
  EXPECT_THAT(drain(), ElementsAre(3));
}

TEST_F(SmallRing, SizeBeyondTheHeadIsDamage) {
  write(16, 1);
  data_[6] = 24;
  EXPECT_THAT(drain(), ElementsAre());
  EXPECT_EQ(damaged_, 16u);
}

TEST_F(SmallRing, HeadBeyondTheRingIsDamage) {
  head_ = 72;
  EXPECT_THAT(drain(), ElementsAre());
  EXPECT_EQ(damaged_, 72u);
}

TEST_F(SmallRing, SnapshotOfAnUnfilledRing) {
  EXPECT_THAT(snapshot(), ElementsAre());
  write_backward(16, 1);
  write_backward(24, 2);
  EXPECT_THAT(snapshot(), ElementsAre(2, 1));
}

TEST_F(SmallRing, SnapshotLeavesOutWhatIsHalfOverwritten) {
  for (uint8_t value = 1; value <= 6; ++value) write_backward(24, value);
  // 64 bytes hold two of 24 bytes, and 16 bytes of a third.
  EXPECT_THAT(snapshot(), ElementsAre(6, 5));
  EXPECT_EQ(wrapped_, 1);
}

TEST_F(SmallRing, SnapshotOfAnExactlyFullRing) {
  for (uint8_t value = 1; value <= 9; ++value) write_backward(32, value);
  EXPECT_THAT(snapshot(), ElementsAre(9, 8));
}

// A producer and a consumer at full speed: nothing lost, nothing torn.
TEST(Ring, TwoThreads) {
  constexpr uint64_t kCount = 200000;
  alignas(8) static uint8_t data[4096];
  uint64_t head = 0, tail = 0, damaged = 0;
  Ring ring(data, sizeof(data), head, tail);
  std::thread producer([&] {
    uint64_t at = 0;
    for (uint64_t i = 0; i < kCount; ++i) {
      uint16_t size = static_cast<uint16_t>(16 + i % 3 * 8);
      while (at + size - std::atomic_ref(tail).load(std::memory_order_acquire) >
             sizeof(data))
        std::this_thread::yield();
      uint64_t words[4] = {uint64_t{size} << 48 | 9, i, i, i};
      for (int w = 0; w < size / 8; ++w)
        std::memcpy(data + (at + w * 8) % sizeof(data), &words[w], 8);
      at += size;
      std::atomic_ref(head).store(at, std::memory_order_release);
    }
  });
  uint64_t seen = 0;
  std::vector<uint8_t> scratch;
  while (seen < kCount) {
    size_t count = drain_records(ring, damaged, [&](const RingRecord& record) {
      uint64_t value;
      auto bytes = record.contiguous(scratch);
      std::memcpy(&value, bytes.data() + bytes.size() - 8, 8);
      ASSERT_EQ(value, seen++);
    });
    if (!count) std::this_thread::yield();
  }
  producer.join();
  EXPECT_EQ(damaged, 0u);
}

}  // namespace
}  // namespace ptcap::bindings
