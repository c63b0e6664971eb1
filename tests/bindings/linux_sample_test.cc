// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Sampling on the kernel that runs here: every field that needs no PMU, checked
// against what the test knows about itself.

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <x86intrin.h>

#include "bindings/abi/register_constants.h"
#include "tests/bindings/linux_support.h"

namespace ptcap::bindings {
namespace {

using abi::ReadFormat;
using abi::SampleType;
using abi::SoftwareEvent;
using abi::X86Register;
using formats::Sample;

constexpr size_t kPages = 32;

EventAttr every_fault() {
  return EventAttr::software(SoftwareEvent::kPageFaults).user_only().period(1);
}

constexpr uint64_t mask(X86Register r) { return uint64_t{1} << bits(r); }

// Samples page faults of `pages` with `attr`, those of other memory left out.
class FaultSamples {
 public:
  explicit FaultSamples(EventAttr attr, size_t ring_pages = 64)
      : event_(std::move(attr.sample(SampleType::kAddr))),
        ring_(event_, ring_pages * page_size()) {}

  void touch_all() {
    event_.enable();
    tsc_before_ = __rdtsc();
    pages_.touch(0, kPages);
    tsc_after_ = __rdtsc();
    event_.disable();
    records_.emplace(ring_);
    for (const Sample& sample : records_->of<Sample>())
      if (sample.addr >= pages_.address(0) &&
          sample.addr < pages_.address(kPages))
        samples_.push_back(sample);
  }

  Event event_;
  DataRing ring_;
  FreshPages pages_{kPages};
  uint64_t tsc_before_ = 0, tsc_after_ = 0;
  std::optional<Records> records_;
  std::vector<Sample> samples_;
};

#define SAMPLE_OR_SKIP(faults, attr)        \
  MAKE_OR_SKIP(faults, FaultSamples(attr)); \
  faults.touch_all();                       \
  ASSERT_EQ(faults.samples_.size(), kPages)

TEST(Sampling, AddressOfEveryFault) {
  SAMPLE_OR_SKIP(faults, every_fault());
  for (size_t i = 0; i < kPages; ++i)
    EXPECT_EQ(faults.samples_[i].addr, faults.pages_.address(i));
}

TEST(Sampling, WhoWhenAndWhere) {
  SAMPLE_OR_SKIP(faults,
                 every_fault().sample(SampleType::kTid | SampleType::kTime |
                                      SampleType::kId | SampleType::kStreamId |
                                      SampleType::kCpu | SampleType::kPeriod |
                                      SampleType::kIdentifier));
  uint64_t last = 0;
  for (const Sample& s : faults.samples_) {
    EXPECT_EQ(s.pid, static_cast<uint32_t>(::getpid()));
    EXPECT_EQ(s.tid, static_cast<uint32_t>(::syscall(SYS_gettid)));
    EXPECT_GE(s.time, last);
    last = s.time;
    EXPECT_EQ(s.id, faults.event_.id());
    EXPECT_EQ(s.identifier, s.id);
    EXPECT_EQ(s.stream_id, s.id);
    EXPECT_LT(s.cpu, 4096u);
    EXPECT_EQ(s.period, 1u);
  }
}

TEST(Sampling, TimeIsThatOfTheTsc) {
  SAMPLE_OR_SKIP(faults, every_fault().sample(SampleType::kTime));
  auto clock = faults.ring_.clock();
  if (!clock) GTEST_SKIP() << "the kernel's clock is not the TSC here";
  for (const Sample& s : faults.samples_) {
    EXPECT_GE(s.time, clock->to_ns(faults.tsc_before_));
    EXPECT_LE(s.time, clock->to_ns(faults.tsc_after_));
  }
}

TEST(Sampling, TimeOfAnotherClock) {
  timespec before, after;
  ::clock_gettime(CLOCK_MONOTONIC, &before);
  SAMPLE_OR_SKIP(
      faults, every_fault().sample(SampleType::kTime).clock(CLOCK_MONOTONIC));
  ::clock_gettime(CLOCK_MONOTONIC, &after);
  auto ns = [](timespec t) {
    return static_cast<uint64_t>(t.tv_sec) * 1000000000 + t.tv_nsec;
  };
  for (const Sample& s : faults.samples_) {
    EXPECT_GE(s.time, ns(before));
    EXPECT_LE(s.time, ns(after));
  }
}

TEST(Sampling, CounterInTheSample) {
  SAMPLE_OR_SKIP(faults, every_fault()
                             .sample(SampleType::kRead)
                             .read_format(ReadFormat::kId | ReadFormat::kLost |
                                          ReadFormat::kTotalTimeEnabled));
  uint64_t last = 0;
  for (const Sample& s : faults.samples_) {
    ASSERT_EQ(s.read.size(), 1u);
    EXPECT_GT(s.read[0].value, last);
    last = s.read[0].value;
    EXPECT_EQ(s.read[0].id, faults.event_.id());
    EXPECT_EQ(s.read[0].lost, 0u);
    EXPECT_GT(*s.read.time_enabled, 0u);
  }
}

TEST(Sampling, UserRegistersAndStack) {
  constexpr uint32_t kStack = 512;
  SAMPLE_OR_SKIP(faults, every_fault()
                             .sample(SampleType::kIp)
                             .sample_user_registers(mask(X86Register::kIp) |
                                                    mask(X86Register::kSp))
                             .sample_user_stack(kStack));
  int marker = 0;
  const auto here = reinterpret_cast<uint64_t>(&marker);
  for (const Sample& s : faults.samples_) {
    EXPECT_EQ(s.user_registers.abi, abi::RegsAbi::k64);
    EXPECT_EQ(s.user_registers[X86Register::kIp], s.ip);
    uint64_t sp = *s.user_registers[X86Register::kSp];
    EXPECT_LT(sp, here);
    EXPECT_GT(sp, here - 65536);
    EXPECT_EQ(s.user_registers[X86Register::kAx], std::nullopt);
    EXPECT_EQ(s.user_stack.bytes.size(), kStack);
    EXPECT_EQ(s.user_stack.dynamic_size, kStack);
  }
  // One instruction touches all pages.
  EXPECT_EQ(faults.samples_.front().ip, faults.samples_.back().ip);
}

TEST(Sampling, InterruptRegisters) {
  SAMPLE_OR_SKIP(faults,
                 every_fault()
                     .sample(SampleType::kIp)
                     .sample_interrupt_registers(mask(X86Register::kIp)));
  for (const Sample& s : faults.samples_)
    EXPECT_EQ(s.interrupt_registers[X86Register::kIp], s.ip);
}

TEST(Sampling, CallChainStartsAtTheFault) {
  SAMPLE_OR_SKIP(faults,
                 every_fault().sample(SampleType::kIp).sample_callchain());
  for (const Sample& s : faults.samples_) {
    ASSERT_GE(s.callchain.size(), 2u);
    EXPECT_EQ(s.callchain[0], bits(abi::CallchainContext::kUser));
    EXPECT_EQ(s.callchain[1], s.ip);
  }
}

TEST(Sampling, PageSizes) {
  SAMPLE_OR_SKIP(faults, every_fault().sample(SampleType::kDataPageSize |
                                              SampleType::kCodePageSize));
  for (const Sample& s : faults.samples_)
    EXPECT_EQ(s.code_page_size, page_size());
}

TEST(Sampling, CgroupIsTheInodeOfItsDirectory) {
  SAMPLE_OR_SKIP(faults, every_fault().sample(SampleType::kCgroup));
  uint64_t cgroup = faults.samples_[0].cgroup;
  EXPECT_NE(cgroup, 0u);
  for (const Sample& s : faults.samples_) EXPECT_EQ(s.cgroup, cgroup);
}

// Every field in one sample: only the right order puts each in its place.
TEST(Sampling, AllFieldsTogether) {
  uint64_t all = 0;
  for (const auto& entry : abi::entries<SampleType>()) all |= bits(entry.value);
  all &= ~bits(SampleType::kBranchStack | SampleType::kAux |
               SampleType::kWeightStruct);
  if (!is_root()) all &= ~bits(SampleType::kPhysAddr);
  SAMPLE_OR_SKIP(faults, every_fault()
                             .sample(static_cast<SampleType>(all))
                             .read_format(ReadFormat::kId)
                             .sample_user_registers(mask(X86Register::kIp))
                             .sample_interrupt_registers(mask(X86Register::kIp))
                             .sample_user_stack(64));
  for (const Sample& s : faults.samples_) {
    EXPECT_EQ(s.tid, static_cast<uint32_t>(::syscall(SYS_gettid)));
    EXPECT_EQ(s.period, 1u);
    EXPECT_EQ(s.read[0].id, s.identifier);
    EXPECT_EQ(s.callchain[1], s.ip);
    EXPECT_EQ(s.user_registers[X86Register::kIp], s.ip);
    EXPECT_EQ(s.user_stack.bytes.size(), 64u);
    EXPECT_EQ(s.interrupt_registers[X86Register::kIp], s.ip);
    EXPECT_NE(s.cgroup, 0u);
    EXPECT_EQ(s.code_page_size, page_size());
  }
  for (const auto& record : faults.records_->all())
    EXPECT_TRUE(record.extra.empty());
}

TEST(Sampling, PeriodIsChangedWhileItRuns) {
  OPEN_OR_SKIP(event, every_fault(), Target::self());
  DataRing ring(event, 16 * page_size());
  FreshPages pages(300);
  event.enable();
  event.set_period(10);
  pages.touch(0, 300);
  event.disable();
  size_t count = Records(ring).of<Sample>().size();
  EXPECT_GE(count, 29u);
  EXPECT_LE(count, 40u);
}

TEST(Sampling, RefreshStopsAfterSoManyOverflows) {
  OPEN_OR_SKIP(event, every_fault(), Target::self());
  DataRing ring(event, 16 * page_size());
  FreshPages pages(100);
  event.refresh(3);
  pages.touch(0, 100);
  EXPECT_EQ(Records(ring).of<Sample>().size(), 3u);
  event.refresh(2);
  FreshPages more(100);
  more.touch(0, 100);
  EXPECT_EQ(Records(ring).of<Sample>().size(), 2u);
}

// Samples that found no room are counted: none is forgotten.
TEST(Sampling, FullRingCountsWhatItLost) {
  OPEN_OR_SKIP(event,
               every_fault()
                   .sample(SampleType::kIp | SampleType::kTid)
                   .read_format(ReadFormat::kLost),
               Target::self());
  DataRing ring(event, page_size());
  FreshPages pages(1000);
  event.enable();
  pages.touch(0, 1000);
  event.disable();
  size_t written = Records(ring).of<Sample>().size();
  Count count = event.read();
  EXPECT_LT(written, 200u);
  EXPECT_EQ(written + *count.lost, count.value);
  // The LOST record comes with the next record that has room.
  event.enable();
  FreshPages more(10);
  more.touch(0, 10);
  event.disable();
  auto lost = Records(ring).of<formats::LostRecord>();
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0].lost, *count.lost);
}

TEST(Rings, BackwardAndOverwrittenGivesTheNewest) {
  OPEN_OR_SKIP(event, every_fault().sample(SampleType::kAddr).write_backward(),
               Target::self());
  DataRing ring(event, page_size(), Access::kOverwrite);
  FreshPages pages(2000);
  event.enable();
  pages.touch(0, 2000);
  event.disable();
  std::vector<uint64_t> addresses;
  auto format = formats::RecordFormat::of(event.attr().fields());
  std::vector<uint8_t> scratch;
  ring.visit_snapshot([&](const RingRecord& record) {
    auto parsed = formats::parse_record(record.contiguous(scratch), format);
    if (auto* sample = std::get_if<Sample>(&parsed.body))
      addresses.push_back(sample->addr);
  });
  // A sample has 16 bytes; faults of other memory are few.
  ASSERT_GE(addresses.size(), page_size() / 16 - 8);
  size_t of_pages = 0;
  uint64_t expected = pages.address(1999);
  for (uint64_t address : addresses) {
    if (address < pages.address(0) || address > pages.address(1999)) continue;
    EXPECT_EQ(address, expected);
    expected -= page_size();
    ++of_pages;
  }
  EXPECT_GE(of_pages, page_size() / 16 - 64) << "a sanitizer faults, too";
}

TEST(Rings, PausedOutputWritesNothing) {
  OPEN_OR_SKIP(event, every_fault(), Target::self());
  EXPECT_THROW(event.pause_output(), PerfError) << "there is no ring yet";
  DataRing ring(event, 16 * page_size());
  FreshPages pages(100);
  event.enable();
  event.pause_output();
  pages.touch(0, 50);
  EXPECT_EQ(Records(ring).of<Sample>().size(), 0u);
  event.resume_output();
  pages.touch(50, 50);
  event.disable();
  EXPECT_GE(Records(ring).of<Sample>().size(), 50u);
}

TEST(Rings, OutputOfTwoEventsInOne) {
  EventAttr attr = every_fault().sample(SampleType::kIdentifier);
  OPEN_OR_SKIP(first, attr, Target::self());
  DataRing ring(first, 16 * page_size());
  Event second(attr);
  second.set_output(first);
  FreshPages pages(20);
  second.enable();
  pages.touch(0, 20);
  second.disable();
  size_t of_second = 0;
  for (const Sample& sample : Records(ring).of<Sample>())
    of_second += sample.identifier == second.id();
  EXPECT_GE(of_second, 20u);
  second.detach_output();
  EXPECT_THROW(first.set_output(first), PerfError);
}

TEST(Rings, WaitReturnsWhenTheWatermarkIsReached) {
  OPEN_OR_SKIP(event, every_fault().wakeup_events(1), Target::self());
  DataRing ring(event, 16 * page_size());
  EXPECT_FALSE(ring.wait(1));
  FreshPages pages(5);
  event.enable();
  pages.touch(0, 5);
  EXPECT_TRUE(ring.wait(1000));
}

TEST(Rings, LargerThanTheBudgetIsExplained) {
  if (!is_root()) GTEST_SKIP() << "needs root, to become an ordinary user";
  OPEN_OR_SKIP(probe, every_fault(), Target::self());
  Child child([] {
    if (::setgid(65534) || ::setuid(65534)) return 1;
    std::error_code ec;
    auto event = Event::open(every_fault(), Target::self(), {}, ec);
    if (!event) return 77;
    try {
      DataRing ring(*event, size_t{256} << 20);
      return 2;
    } catch (const PerfError& error) {
      std::string text = error.what();
      return text.find("perf_event_mlock_kb") == text.npos ? 3 : 0;
    }
  });
  int status = child.finish();
  if (status == 77) GTEST_SKIP() << "ordinary users may not use perf here";
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace ptcap::bindings
