// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Events on a kernel in memory: what is asked for, what is released, and how
// failures are told.

#include "bindings/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "bindings/counter_set.h"
#include "bindings/cpu_rings.h"
#include "bindings/features.h"
#include "bindings/tracepoint.h"
#include "bindings/user_counter.h"
#include "tests/bindings/fake_kernel.h"

namespace ptcap::bindings {
namespace {

using abi::Ioctl;
using abi::ReadFormat;
using abi::SoftwareEvent;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;

class FakeEvents : public testing::Test {
 protected:
  ~FakeEvents() override {
    EXPECT_TRUE(kernel_.events.empty()) << "descriptors leak";
    EXPECT_EQ(kernel_.mappings, 0u) << "mappings leak";
  }

  Event open(EventAttr attr = EventAttr::software(SoftwareEvent::kPageFaults),
             const Target& target = Target::self()) {
    return {std::move(attr), target, Event::Options(), kernel_};
  }
  FakeKernel::FakeEvent& fake(const Event& event) {
    return kernel_.events.at(event.fd());
  }
  template <typename Call>
  std::string message(Call&& call) {
    try {
      call();
    } catch (const PerfError& error) {
      return error.what();
    }
    return "";
  }
  std::string open_failure(int error, EventAttr attr,
                           const Target& target = Target::self()) {
    kernel_.open_error = error;
    return message([&] { open(std::move(attr), target); });
  }

  // As the kernel does: a record of a header only.
  static void write_record(DataRing& ring, uint32_t type) {
    uint8_t* data = reinterpret_cast<uint8_t*>(&ring.page()) + page_size();
    abi::perf_event_header header = {type, 0, sizeof(header)};
    std::memcpy(data + ring.page().data_head, &header, sizeof(header));
    ring.page().data_head += sizeof(header);
  }

  FakeKernel kernel_;
};

TEST_F(FakeEvents, AreOpenedDisabledAndClosedOnExec) {
  Event event =
      open(EventAttr::software(SoftwareEvent::kTaskClock), Target{77, 3, -1});
  EXPECT_EQ(fake(event).attr.type, 1u);
  EXPECT_EQ(fake(event).attr.config, 1u);
  EXPECT_EQ(fake(event).attr.size, 64u);
  EXPECT_EQ(fake(event).attr.disabled, 1u);
  EXPECT_EQ(fake(event).pid, 77);
  EXPECT_EQ(fake(event).cpu, 3);
  EXPECT_EQ(fake(event).group_fd, -1);
  EXPECT_EQ(fake(event).flags, 8u);
}

TEST_F(FakeEvents, OfACgroup) {
  Event event = open(EventAttr::dummy(), Target::cgroup(5, 1));
  EXPECT_EQ(fake(event).pid, 5);
  EXPECT_EQ(fake(event).cpu, 1);
  EXPECT_EQ(fake(event).flags, 8u | 4u);
}

TEST_F(FakeEvents, MoveWithTheirDescriptor) {
  Event a = open();
  int fd = a.fd();
  Event b = std::move(a);
  EXPECT_EQ(b.fd(), fd);
  b = open();
  EXPECT_EQ(kernel_.events.size(), 1u);
}

TEST_F(FakeEvents, EveryOperationIsItsIoctl) {
  Event event = open(), other = open();
  event.enable();
  event.disable_group();
  event.reset();
  event.refresh(3);
  event.set_output(other);
  event.detach_output();
  event.pause_output();
  event.resume_output();
  event.set_bpf(9);
  EXPECT_EQ(event.id(), 1000u + event.fd());
  auto calls = fake(event).ioctls;
  calls.pop_back();  // ID: a pointer
  EXPECT_THAT(
      calls,
      ElementsAre(Pair(Ioctl::kEnable, 0), Pair(Ioctl::kDisable, 1),
                  Pair(Ioctl::kReset, 0), Pair(Ioctl::kRefresh, 3),
                  Pair(Ioctl::kSetOutput, other.fd()),
                  Pair(Ioctl::kSetOutput, ~0ul), Pair(Ioctl::kPauseOutput, 1),
                  Pair(Ioctl::kPauseOutput, 0), Pair(Ioctl::kSetBpf, 9)));
}

// The two forms of a call: that which throws, and that with an error_code.
struct BothForms {
  const char* name;
  std::function<void()> throwing;
  std::function<void(std::error_code&)> by_value;
};
#define BOTH(object, call, ...)                         \
  BothForms {                                           \
#object "." #call, [&] { object.call(__VA_ARGS__); }, \
        [&](std::error_code& ec) {                    \
          object.call(__VA_ARGS__ __VA_OPT__(, ) ec); \
        } \
  }

TEST_F(FakeEvents, EveryOperationFailsInBothWays) {
  kernel_.files["/sys/devices/system/cpu/online"] = "0-1";
  Event event = open(), other = open();
  EventAttr grouped = EventAttr::software(SoftwareEvent::kPageFaults);
  Group group({grouped, grouped}, Target::self(), kernel_);
  CounterSet set({"page-faults", "cs"}, Target::self(), {}, kernel_);
  CpuRings rings(grouped, -1, page_size(), kernel_);
  DataRing ring(event, page_size());
  UserCounter counter(other);
  const BothForms calls[] = {
      BOTH(event, enable),
      BOTH(event, disable),
      BOTH(event, reset),
      BOTH(event, enable_group),
      BOTH(event, disable_group),
      BOTH(event, reset_group),
      BOTH(event, refresh, 1),
      BOTH(event, set_period, 1),
      BOTH(event, read),
      BOTH(event, id),
      BOTH(event, set_output, other),
      BOTH(event, detach_output),
      BOTH(event, set_filter, "x"),
      BOTH(event, set_bpf, 9),
      BOTH(event, query_bpf),
      BOTH(event, pause_output),
      BOTH(event, resume_output),
      BOTH(event, modify, grouped),
      BOTH(event, poll, 0),
      BOTH(group, enable),
      BOTH(group, disable),
      BOTH(group, reset),
      BOTH(group, read),
      BOTH(set, start),
      BOTH(set, stop),
      BOTH(rings, wait, 0),
      BOTH(ring, wait, 0),
      BOTH(counter, read),
  };
  kernel_.ioctl_error = kernel_.read_error = kernel_.poll_error = EPERM;
  for (const BothForms& call : calls) {
    std::error_code ec;
    call.by_value(ec);
    EXPECT_EQ(ec, std::errc::operation_not_permitted) << call.name;
    EXPECT_THROW(call.throwing(), PerfError) << call.name;
  }
  EXPECT_THAT(message([&] { event.set_filter("x"); }),
              AllOf(StartsWith("ioctl(PERF_EVENT_IOC_SET_FILTER, page-faults, "
                               "this thread): Operation not permitted\n  "),
                    HasSubstr("CAP_PERFMON")));
  kernel_.ioctl_error = 0;
  std::error_code ec = std::make_error_code(std::errc::io_error);
  event.enable(ec);
  EXPECT_FALSE(ec);
}

TEST_F(FakeEvents, EveryMakerFailsInBothWays) {
  kernel_.files["/sys/devices/system/cpu/online"] = "0-1";
  const EventAttr attr = EventAttr::software(SoftwareEvent::kPageFaults);
  Event event = open();
  DataRing ring(event, page_size());
  std::error_code ec;

  kernel_.mmap_error = ENOMEM;
  EXPECT_FALSE(DataRing::map(event, page_size(), Access::kConsume, ec));
  EXPECT_EQ(ec, std::errc::not_enough_memory);
  EXPECT_FALSE(AuxArea::map(ring, page_size(), Access::kConsume, ec));
  EXPECT_EQ(ec, std::errc::not_enough_memory);
  EXPECT_FALSE(UserCounter::map(event, ec));
  EXPECT_EQ(ec, std::errc::not_enough_memory);
  EXPECT_FALSE(CpuRings::open(attr, -1, page_size(), ec, kernel_));
  EXPECT_EQ(ec, std::errc::not_enough_memory);

  kernel_.mmap_error = 0;
  EXPECT_TRUE(DataRing::map(event, page_size(), Access::kConsume, ec));
  EXPECT_FALSE(ec);
  kernel_.open_error = EMFILE;
  EXPECT_FALSE(Group::open({attr}, Target::self(), ec, kernel_));
  EXPECT_EQ(ec, std::errc::too_many_files_open);
  EXPECT_FALSE(CounterSet::open({"cs"}, Target::self(), {}, ec, kernel_));
  EXPECT_EQ(ec, std::errc::too_many_files_open);
  EXPECT_FALSE(Tracepoint::find("sched", "nonsense", ec, kernel_));
  EXPECT_EQ(ec, std::errc::no_such_file_or_directory);
}

TEST_F(FakeEvents, RingsOfAllCpus) {
  kernel_.files["/sys/devices/system/cpu/online"] = "0,2-3";
  CpuRings rings(EventAttr::software(SoftwareEvent::kPageFaults), 7,
                 page_size(), kernel_);
  ASSERT_EQ(rings.size(), 3u);
  EXPECT_EQ(rings[1].event().target().cpu, 2);
  EXPECT_EQ(rings[1].event().target().pid, 7);
  rings.enable();
  EXPECT_EQ(fake(rings[2].event()).ioctls.size(), 1u);
  EXPECT_FALSE(rings.wait(0));
  write_record(rings[0], 1);
  write_record(rings[2], 3);
  EXPECT_TRUE(rings.wait(0));
  std::vector<uint32_t> types;
  EXPECT_EQ(rings.drain([&](const RingRecord& record) {
    types.push_back(record.header.type);
  }),
            2u);
  EXPECT_THAT(types, ElementsAre(1, 3));
  EXPECT_FALSE(rings.wait(0));
  EXPECT_EQ(rings.damaged_bytes(), 0u);
}

TEST_F(FakeEvents, OldKernelsLackIoctls) {
  Event event = open();
  kernel_.ioctl_error = ENOTTY;
  EXPECT_THAT(message([&] { event.pause_output(); }),
              EndsWith("\n  needs Linux 4.7"));
}

TEST_F(FakeEvents, CountWithEveryReadFormat) {
  for (uint64_t format = 0; format < 32; ++format) {
    if (has(format, ReadFormat::kGroup)) continue;
    Event event = open(EventAttr::software(SoftwareEvent::kPageFaults)
                           .read_format(static_cast<ReadFormat>(format)));
    uint64_t next = 1;
    auto& words = fake(event).words_to_read = {100};
    for (int i = std::popcount(format); i > 0; --i) words.push_back(next++);
    Count count = event.read();
    EXPECT_EQ(count.value, 100u);
    next = 1;
    auto expect = [&](ReadFormat bit, std::optional<uint64_t> value) {
      EXPECT_EQ(value, has(format, bit) ? std::optional(next++) : std::nullopt)
          << format;
    };
    expect(ReadFormat::kTotalTimeEnabled, count.time_enabled_ns);
    expect(ReadFormat::kTotalTimeRunning, count.time_running_ns);
    expect(ReadFormat::kId, count.id);
    expect(ReadFormat::kLost, count.lost);
  }
}

TEST_F(FakeEvents, PinnedEventWithoutCounterReadsNothing) {
  Event event = open();
  std::error_code ec;
  event.read(ec);
  EXPECT_EQ(ec, std::errc::no_message_available);
  EXPECT_THAT(message([&] { event.read(); }), HasSubstr("pinned"));
}

TEST_F(FakeEvents, GroupIsReadAtOnce) {
  std::vector<EventAttr> attrs = {
      EventAttr::software(SoftwareEvent::kPageFaults),
      EventAttr::software(SoftwareEvent::kTaskClock)};
  Group group(attrs, Target::self(), kernel_);
  EXPECT_EQ(fake(group[1]).group_fd, group[0].fd());
  EXPECT_EQ(fake(group[0]).attr.disabled, 1u);
  EXPECT_EQ(fake(group[1]).attr.disabled, 0u);
  group.enable();
  EXPECT_THAT(fake(group[0]).ioctls, ElementsAre(Pair(Ioctl::kEnable, 1)));
  fake(group[0]).words_to_read = {2, 500, 250, 10, 1, 20, 2};
  auto counts = group.read();
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].value, 10u);
  EXPECT_EQ(counts[1].value, 20u);
  EXPECT_EQ(counts[1].id, 2u);
  EXPECT_EQ(counts[1].scaled(), 40u);
}

TEST_F(FakeEvents, GroupOfManyIsReadInTheEnd) {
  Event event = open(EventAttr::dummy().read_format(ReadFormat::kGroup));
  auto& words = fake(event).words_to_read = {300};
  for (uint64_t i = 0; i < 300; ++i) words.push_back(i);
  EXPECT_EQ(event.read_group().size(), 300u);
}

TEST(Count, ScaledByTheTimeOnACounter) {
  EXPECT_EQ((Count{100, {}, {}, {}, {}}.scaled()), 100u);
  EXPECT_EQ((Count{100, 50, 50, {}, {}}.scaled()), 100u);
  EXPECT_EQ((Count{100, 50, 25, {}, {}}.scaled()), 200u);
  EXPECT_EQ((Count{0, 50, 0, {}, {}}.scaled()), std::nullopt);
  EXPECT_EQ((Count{0, 0, 0, {}, {}}.scaled()), 0u);
  // Beyond 64 bits in between.
  const uint64_t large = uint64_t{1} << 62;
  EXPECT_EQ((Count{large, 3000000000000, 2000000000000, {}, {}}.scaled()),
            large + large / 2);
  EXPECT_DOUBLE_EQ((Count{1, 4, 1, {}, {}}.share()), 0.25);
}

TEST_F(FakeEvents, PermissionAdviceReadsTheSysctl) {
  kernel_.files["/proc/sys/kernel/perf_event_paranoid"] = "3";
  EXPECT_EQ(
      open_failure(EACCES,
                   EventAttr::software(SoftwareEvent::kPageFaults).user_only(),
                   Target::thread(7)),
      "perf_event_open(page-faults, tid 7): Permission denied\n"
      "  perf_event_paranoid is 3; 'sudo sysctl "
      "kernel.perf_event_paranoid=2' allows this, or CAP_PERFMON (Linux "
      "5.8)");
  kernel_.files["/proc/sys/kernel/perf_event_paranoid"] = "2";
  EXPECT_THAT(
      open_failure(EACCES, EventAttr::software(SoftwareEvent::kPageFaults)),
      HasSubstr("or excluding the kernel"));
  EXPECT_THAT(
      open_failure(EACCES, EventAttr::dummy(), Target::all_threads_on(1)),
      AllOf(HasSubstr("every thread, CPU 1"), HasSubstr("paranoid=0")));
}

TEST_F(FakeEvents, TooNewAFeatureNamesItsKernel) {
  kernel_.files["/proc/sys/kernel/osrelease"] = "5.10.0-30-amd64";
  EXPECT_THAT(open_failure(EINVAL, EventAttr::dummy().inherit_thread()),
              EndsWith("\n  inherit_thread needs Linux 5.13, this is 5.10"));
  EXPECT_THAT(
      open_failure(EINVAL,
                   EventAttr::dummy().sample(abi::SampleType::kWeightStruct)),
      EndsWith("\n  PERF_SAMPLE_WEIGHT_STRUCT needs Linux 5.12, this is "
               "5.10"));
}

// A kernel that took a feature out, or a PMU that has it not.
TEST_F(FakeEvents, RefusedFeatureIsFoundByLeavingItOut) {
  kernel_.files["/proc/sys/kernel/osrelease"] = "6.18.44";
  kernel_.open_errors = [](const abi::perf_event_attr& attr) {
    return attr.precise_ip ? EINVAL : 0;
  };
  EXPECT_THAT(
      message([&] { open(EventAttr::dummy().precise_ip(2).inherit()); }),
      EndsWith("\n  the kernel takes it without: precise_ip"));
}

TEST_F(FakeEvents, AttrThatIsTooLargeForTheKernel) {
  kernel_.open_errors = [](const abi::perf_event_attr& attr) {
    return attr.size > 136 ? E2BIG : 0;
  };
  EXPECT_EQ(kernel_attr_size(kernel_), 136u);
  EventAttr attr = EventAttr::dummy();
  attr.fields().config4 = 1;
  EXPECT_THAT(message([&] { open(attr); }),
              EndsWith("\n  config4 needs Linux 6.19: this one takes 136 "
                       "bytes"));
}

TEST_F(FakeEvents, OtherFailuresHaveAdvice) {
  kernel_.add_intel_pt();
  EventAttr cycles = EventAttr::hardware(abi::HardwareEvent::kCpuCycles);
  EXPECT_THAT(open_failure(ENOENT, cycles),
              AllOf(StartsWith("perf_event_open(cpu-cycles, this thread): No "
                               "such file or directory\n"),
                    HasSubstr("virtual machine"), HasSubstr("intel_pt")));
  EXPECT_THAT(open_failure(EMFILE, cycles), HasSubstr("ulimit -n"));
  EXPECT_THAT(open_failure(EBUSY, EventAttr::intel_pt("", kernel_)),
              AllOf(HasSubstr("intel_pt//"), HasSubstr("another tracer")));
  EXPECT_THAT(open_failure(ESRCH, cycles, Target::thread(7)),
              AllOf(HasSubstr("tid 7): No such process\n"),
                    EndsWith("may have ended")));
}

// Each errno that raw.h lists, on any event: a line of advice.
TEST_F(FakeEvents, EveryErrnoHasAdvice) {
  const EventAttr attr = EventAttr::software(SoftwareEvent::kPageFaults);
  kernel_.files["/proc/sys/kernel/perf_event_paranoid"] = "3";
  for (int error : {EACCES, EPERM, EBADF, EBUSY, EMFILE, ENFILE, ENODEV, ENOENT,
                    ENOMEM, ENOSPC, ENOSYS, EOPNOTSUPP, EOVERFLOW, ESRCH})
    EXPECT_THAT(open_failure(error, attr), HasSubstr("\n  "))
        << std::generic_category().message(error);
  kernel_.open_error = 0;
  Event event = open();
  kernel_.ioctl_error = EEXIST;
  EXPECT_THAT(message([&] { event.set_bpf(9); }),
              HasSubstr("attached already"));
  kernel_.ioctl_error = EOPNOTSUPP;
  EXPECT_THAT(message([&] { event.set_filter("x"); }),
              HasSubstr("nr_addr_filters"));
}

TEST_F(FakeEvents, OpenWithErrorCode) {
  kernel_.open_error = EACCES;
  std::error_code ec;
  EXPECT_FALSE(
      Event::open(EventAttr::dummy(), Target::self(), {}, ec, kernel_));
  EXPECT_EQ(ec, std::errc::permission_denied);
  kernel_.open_error = 0;
  EXPECT_TRUE(Event::open(EventAttr::dummy(), Target::self(), {}, ec, kernel_));
  EXPECT_FALSE(ec);
}

TEST_F(FakeEvents, MlockAdviceComputesTheBudget) {
  kernel_.files["/proc/sys/kernel/perf_event_mlock_kb"] = "516";
  kernel_.files["/sys/devices/system/cpu/online"] = "0-7";
  kernel_.mmap_error = EPERM;
  Event event = open();
  EXPECT_THAT(message([&] { DataRing ring(event, 8 << 20); }),
              AllOf(StartsWith("mmap(ring of page-faults, 8196 KiB): Operation "
                               "not permitted\n"),
                    HasSubstr("516 KiB (perf_event_mlock_kb) x 8 CPUs"),
                    HasSubstr("ulimit -l")));
}

TEST_F(FakeEvents, RingOfAnImpossibleSize) {
  Event event = open();
  for (size_t size : {size_t{0}, size_t{1000}, 3 * page_size()})
    EXPECT_THROW(DataRing(event, size), PerfError) << size;
}

TEST_F(FakeEvents, AuxAreaLiesBehindTheData) {
  Event event = open();
  DataRing ring(event, 4 * page_size());
  {
    AuxArea area(ring, 2 * page_size());
    EXPECT_EQ(ring.page().aux_offset, 5 * page_size());
    EXPECT_EQ(ring.page().aux_size, 2 * page_size());
    auto& memory = fake(event).memory.at(5 * page_size());
    std::memset(memory.data(), 0xab, 8);
    ring.page().aux_head = 2 * page_size() + 8;
    EXPECT_EQ(area.head(), 2 * page_size() + 8);
    EXPECT_EQ(area.bytes(2 * page_size(), 8).first[7], 0xab);
    area.release(area.head());
    EXPECT_EQ(ring.page().aux_tail, area.head());
  }
  EXPECT_EQ(kernel_.mappings, 1u);
  EXPECT_THROW(AuxArea(ring, 1000), PerfError);
}

TEST_F(FakeEvents, RingIsReadAndWaitedFor) {
  Event event = open();
  DataRing ring(event, page_size());
  EXPECT_FALSE(ring.wait(0));
  write_record(ring, 14);
  EXPECT_TRUE(ring.wait(0));
  int count = 0;
  ring.drain([&](const RingRecord& record) {
    EXPECT_EQ(record.header.type, 14u);
    ++count;
  });
  EXPECT_EQ(count, 1);
  EXPECT_EQ(ring.page().data_tail, 8u);
}

}  // namespace
}  // namespace ptcap::bindings
