// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The AUX area with what a PMU "intel_pt" writes: of the hardware, or of the
// module that imitates it in the guests.

#include <gmock/gmock.h>

#include <map>

#include "bindings/features.h"
#include "formats/pt/scanner.h"
#include "tests/bindings/linux_support.h"

namespace ptcap::bindings {
namespace {

using abi::AuxFlag;
using formats::AuxRecord;
using pt::PacketType;
using testing::AllOf;
using testing::HasSubstr;

const EventAttr kSoftware =
    EventAttr::software(abi::SoftwareEvent::kPageFaults).user_only();

[[gnu::noinline]] int branch_often(int times) {
  int odd = 0;
  for (int i = 0; i < times; ++i)
    if (__builtin_parity(i)) ++odd;
  asm volatile("" : "+r"(odd));
  return odd;
}

[[gnu::noinline, gnu::used]] int never_called() { return branch_often(1); }

// This thread, traced into rings of its own.
class SelfTrace {
 public:
  SelfTrace(EventAttr attr, size_t area_pages, Access access = Access::kConsume)
      : event_(std::move(attr)),
        ring_(event_, 16 * page_size()),
        area_(ring_, area_pages * page_size(), access) {}

  // The AUX records of `times` loops, in order.
  std::vector<AuxRecord> trace(int times) {
    event_.enable();
    branch_often(times);
    event_.disable();
    records_.emplace_back(ring_);
    return records_.back().of<AuxRecord>();
  }
  std::vector<uint8_t> copy(uint64_t offset, size_t size) const {
    std::vector<uint8_t> bytes(size);
    area_.bytes(offset, size).copy_to(bytes.data());
    return bytes;
  }

  Event event_;
  DataRing ring_;
  AuxArea area_;
  std::vector<Records> records_;
};

// How many packets of each type; from the first PSB on.
std::map<PacketType, int> packets_of(const std::vector<uint8_t>& bytes) {
  std::map<PacketType, int> counts;
  auto psb = pt::find_psb(bytes, 0);
  if (!psb) return counts;
  pt::PacketScanner scanner(bytes, *psb);
  for (pt::Packet packet; scanner.next(packet);) ++counts[packet.type];
  return counts;
}

TEST(Aux, RecordsTileTheArea) {
  MAKE_OR_SKIP(self, SelfTrace(EventAttr::intel_pt(), 64));
  uint64_t end = 0;
  for (int i = 0; i < 3; ++i) {
    const uint64_t begin = end;
    auto records = self.trace(500);
    ASSERT_FALSE(records.empty());
    for (const AuxRecord& record : records) {
      EXPECT_EQ(record.aux_offset, end);
      EXPECT_EQ(record.flags, 0u);
      end += record.aux_size;
    }
    EXPECT_GT(end, begin);
  }
  EXPECT_EQ(self.area_.head(), end);
  auto counts = packets_of(self.copy(0, end));
  EXPECT_GE(counts[PacketType::kPsb], 1);
  EXPECT_GE(counts[PacketType::kTnt8], 3 * 500 / 6);
  EXPECT_EQ(counts[PacketType::kUnknown], 0);
  auto starts = self.records_[0].of<formats::ItraceStartRecord>();
  ASSERT_EQ(starts.size(), 1u);
  EXPECT_EQ(starts[0].tid, static_cast<uint32_t>(::syscall(SYS_gettid)));
}

// Nothing is lost or torn where data goes on at the start of the area.
TEST(Aux, WrappedDataIsOneStream) {
  // Pieces that do not end where the area does.
  const auto watermark = static_cast<uint32_t>(page_size() / 4 * 3);
  MAKE_OR_SKIP(self,
               SelfTrace(EventAttr::intel_pt().aux_watermark(watermark), 1));
  std::vector<uint8_t> stream;
  bool wrapped = false;
  while (stream.size() < 3 * self.area_.size()) {
    for (const AuxRecord& record : self.trace(300)) {
      ASSERT_EQ(record.flags, 0u);
      ASSERT_EQ(record.aux_offset, stream.size());
      wrapped |= self.area_.bytes(record.aux_offset, record.aux_size).wrapped();
      auto bytes = self.copy(record.aux_offset, record.aux_size);
      stream.insert(stream.end(), bytes.begin(), bytes.end());
    }
    self.area_.release(stream.size());
    EXPECT_EQ(self.area_.tail(), stream.size());
  }
  EXPECT_TRUE(wrapped);
  auto counts = packets_of(stream);
  EXPECT_EQ(counts[PacketType::kUnknown], 0);
  EXPECT_EQ(counts[PacketType::kTruncated], 0);
}

TEST(Aux, FullAreaIsFlaggedAndGoesOnOnceReleased) {
  MAKE_OR_SKIP(self, SelfTrace(EventAttr::intel_pt(), 1));
  bool truncated = false;
  uint64_t end = 0;
  for (const AuxRecord& record : self.trace(40000)) {
    truncated |= has(record.flags, AuxFlag::kTruncated);
    end = record.aux_offset + record.aux_size;
  }
  EXPECT_TRUE(truncated);
  EXPECT_LE(end, self.area_.size());
  self.area_.release(end);
  // The kernel disables an event whose data was truncated a bit later: that may
  // hit the next enable.
  auto more = self.trace(100);
  for (int i = 0; more.empty() && i < 10; ++i) more = self.trace(100);
  ASSERT_FALSE(more.empty());
  EXPECT_EQ(more[0].aux_offset, end);
  EXPECT_GT(more[0].aux_size, 0u);
}

TEST(Aux, OverwrittenAreaHoldsTheNewest) {
  MAKE_OR_SKIP(self, SelfTrace(EventAttr::intel_pt("tsc,psb_period=0"), 4,
                               Access::kOverwrite));
  auto records = self.trace(200000);
  ASSERT_FALSE(records.empty());
  for (const AuxRecord& record : records)
    EXPECT_TRUE(has(record.flags, AuxFlag::kOverwrite));
  // From where the newest data ends, once around.
  auto counts = packets_of(self.copy(self.area_.head(), self.area_.size()));
  EXPECT_GE(counts[PacketType::kPsb], 2);
  EXPECT_GE(counts[PacketType::kTnt8], 1000);
  EXPECT_EQ(counts[PacketType::kUnknown], 0);
  EXPECT_EQ(counts[PacketType::kTruncated], 0);
}

TEST(Aux, WatermarkMakesPieces) {
  const auto watermark = static_cast<uint32_t>(page_size());
  MAKE_OR_SKIP(self,
               SelfTrace(EventAttr::intel_pt().aux_watermark(watermark), 8));
  auto records = self.trace(60000);
  EXPECT_GE(records.size(), 3u);
  EXPECT_TRUE(self.event_.poll(0) & POLLIN);
}

TEST(Aux, FilterKeepsToTheFunction) {
  MAKE_OR_SKIP(self, SelfTrace(EventAttr::intel_pt(), 16));
  // The filter names the file, not the link to it.
  char program[4096] = {};
  ASSERT_GT(::readlink("/proc/self/exe", program, sizeof(program) - 1), 0);
  auto filter_to = [&](auto* function) {
    char range[50];
    std::snprintf(range, sizeof(range), "filter 0x%jx/0x40@",
                  uintmax_t{file_offset(function)});
    self.event_.set_filter(range + std::string(program));
  };
  auto size_traced = [&] {
    uint64_t size = 0;
    for (const AuxRecord& record : self.trace(1000)) size += record.aux_size;
    return size;
  };
  const uint64_t unfiltered = size_traced();
  filter_to(branch_often);
  EXPECT_GT(size_traced(), unfiltered / 2);
  filter_to(never_called);
  EXPECT_LT(size_traced(), unfiltered / 2);

  try {
    self.event_.set_filter("filter nonsense");
    FAIL();
  } catch (const PerfError& error) {
    EXPECT_THAT(error.what(), HasSubstr("the filter is not understood"));
  }
}

TEST(Aux, OneTracerAtATime) {
  MAKE_OR_SKIP(attr, EventAttr::intel_pt());
  OPEN_OR_SKIP(first, attr, Target::all_threads_on(0));
  for (const Target& target : {Target::all_threads_on(0), Target::self()}) {
    try {
      Event second(attr, target);
      FAIL() << to_string(target);
    } catch (const PerfError& error) {
      EXPECT_EQ(error.code(), std::errc::device_or_resource_busy);
      EXPECT_THAT(error.what(), HasSubstr("another tracer"));
    }
  }
}

TEST(Aux, OnlyOfPmusThatHaveOne) {
  OPEN_OR_SKIP(event, kSoftware, Target::self());
  DataRing ring(event, 4 * page_size());
  try {
    AuxArea area(ring, 4 * page_size());
    FAIL();
  } catch (const PerfError& error) {
    EXPECT_EQ(error.code(), std::errc::operation_not_supported);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("AUX area of page-faults"),
                                    HasSubstr("intel_pt")));
  }
}

// How many branches a trace says were taken or not.
uint64_t branches_in(const std::vector<uint8_t>& bytes) {
  uint64_t count = 0;
  auto psb = pt::find_psb(bytes, 0);
  if (!psb) return 0;
  pt::PacketScanner scanner(bytes, *psb);
  for (pt::Packet packet; scanner.next(packet);)
    if (packet.type == PacketType::kTnt8 || packet.type == PacketType::kTnt64)
      count += packet.detail;
  return count;
}

// The trace runs from a page fault to a system call, not before or after.
TEST(Aux, OtherEventsResumeAndPauseIt) {
  if (!mount_tracefs()) GTEST_SKIP() << "tracefs cannot be mounted";
  MAKE_OR_SKIP(pt, EventAttr::intel_pt());
  uint64_t expected = 0;
  {
    SelfTrace self(pt, 64);
    for (const AuxRecord& record : self.trace(1000))
      expected += branches_in(self.copy(record.aux_offset, record.aux_size));
  }
  MAKE_OR_SKIP(
      group,
      Group({pt.aux_start_paused(), EventAttr(kSoftware).period(1).aux_resume(),
             EventAttr::tracepoint("syscalls", "sys_enter_getppid")
                 .period(1)
                 .aux_pause()},
            Target::self()));
  DataRing ring(group.leader(), 16 * page_size());
  AuxArea area(ring, 64 * page_size());
  FreshPages pages(1);
  group.enable();
  branch_often(1000);
  pages.touch(0, 1);
  branch_often(1000);
  call_getppid(1);
  branch_often(1000);
  group.disable();
  std::vector<uint8_t> bytes(area.head());
  area.bytes(0, bytes.size()).copy_to(bytes.data());
  // Some are of enabling and disabling.
  EXPECT_GE(expected, 1000u);
  EXPECT_GE(branches_in(bytes), expected - 100);
  EXPECT_LE(branches_in(bytes), expected + 100);
}

// By kernels before 6.13 (and their stable releases) with the version, by
// others for want of a PMU that can.
TEST(Aux, PausingIsRefusedWithTheReason) {
  OPEN_OR_SKIP(probe, kSoftware, Target::self());
  EventAttr attr = kSoftware;
  try {
    Event event(attr.aux_start_paused());
    FAIL();
  } catch (const PerfError& error) {
    const bool is_known = error.code() == std::errc::operation_not_supported;
    EXPECT_THAT(error.what(),
                HasSubstr(is_known ? "the PMU cannot"
                                   : "aux_start_paused needs Linux 6.13"));
    const abi::KernelVersion since = {6, 13};
    EXPECT_TRUE(is_known || *running_kernel(Kernel::real()) < since);
  }
}

}  // namespace
}  // namespace ptcap::bindings
