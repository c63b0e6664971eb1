// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Counting on the kernel that runs here.

#include <gmock/gmock.h>
#include <sched.h>

#include <ctime>
#include <thread>

#include "bindings/features.h"
#include "bindings/user_counter.h"
#include "tests/bindings/linux_support.h"

namespace ptcap::bindings {
namespace {

using abi::ReadFormat;
using abi::SoftwareEvent;
using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;

constexpr size_t kPages = 1000;
// Faults of the test's own code and stack; sanitizers have shadow memory too.
constexpr uint64_t kSlack = 400;

EventAttr page_faults() {
  return EventAttr::software(SoftwareEvent::kPageFaults).user_only();
}

auto about(uint64_t count) { return AllOf(Ge(count), Le(count + kSlack)); }

TEST(Counting, PageFaultsOfThisThread) {
  OPEN_OR_SKIP(event, page_faults(), Target::self());
  FreshPages pages(3 * kPages);
  pages.touch(0, kPages);
  EXPECT_EQ(event.read().value, 0u) << "counts while disabled";
  event.enable();
  pages.touch(kPages, kPages);
  EXPECT_THAT(event.read().value, about(kPages));
  event.disable();
  uint64_t before = event.read().value;
  pages.touch(2 * kPages, kPages);
  EXPECT_EQ(event.read().value, before);
  event.reset();
  EXPECT_EQ(event.read().value, 0u);
}

TEST(Counting, TimesAndIdAndLost) {
  EventAttr attr = page_faults().read_format(
      ReadFormat::kTotalTimeEnabled | ReadFormat::kTotalTimeRunning |
      ReadFormat::kId | ReadFormat::kLost);
  OPEN_OR_SKIP(event, attr, Target::self());
  EXPECT_EQ(event.read().time_enabled_ns, 0u);
  event.enable();
  FreshPages pages(kPages);
  pages.touch(0, kPages);
  event.disable();
  Count count = event.read();
  EXPECT_GT(count.time_enabled_ns, 0u);
  EXPECT_EQ(count.time_running_ns, count.time_enabled_ns);
  EXPECT_EQ(count.scaled(), count.value);
  EXPECT_EQ(count.id, event.id());
  EXPECT_EQ(count.lost, 0u);
}

TEST(Counting, GroupIsReadTogether) {
  MAKE_OR_SKIP(
      group,
      Group({page_faults(),
             EventAttr::software(SoftwareEvent::kTaskClock).user_only(),
             EventAttr::software(SoftwareEvent::kPageFaultsMin).user_only(),
             EventAttr::software(SoftwareEvent::kPageFaultsMaj).user_only()},
            Target::self()));
  FreshPages pages(kPages);
  group.enable();
  pages.touch(0, kPages);
  group.disable();
  std::vector<Count> counts = group.read();
  ASSERT_EQ(counts.size(), 4u);
  EXPECT_THAT(counts[0].value, about(kPages));
  EXPECT_GT(counts[1].value, 0u);
  EXPECT_THAT(counts[2].value, about(kPages));
  EXPECT_EQ(counts[3].value, 0u);
  for (size_t i = 0; i < counts.size(); ++i)
    EXPECT_EQ(counts[i].id, group[i].id());
  EXPECT_EQ(group.read()[0].value, counts[0].value) << "still counts";
}

TEST(Counting, TaskClockIsTheCpuTime) {
  OPEN_OR_SKIP(event,
               EventAttr::software(SoftwareEvent::kTaskClock).user_only(),
               Target::self());
  auto cpu_time_ns = [] {
    timespec time;
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1000000000 + time.tv_nsec;
  };
  const int64_t before = cpu_time_ns();
  event.enable();
  const int64_t begin = cpu_time_ns();
  while (cpu_time_ns() - begin < 20000000) {
  }
  const int64_t end = cpu_time_ns();
  const auto counted = static_cast<double>(event.read().value);
  const int64_t after = cpu_time_ns();
  // Both clocks tick in the kernel's own steps.
  EXPECT_GT(counted, 0.9 * static_cast<double>(end - begin));
  EXPECT_LT(counted, 1.1 * static_cast<double>(after - before));
}

TEST(Counting, ContextSwitchesOfAnotherProcess) {
  Shared<uint64_t> switches;
  Child child([&] {
    *switches = sleep_often();
    return 0;
  });
  OPEN_OR_SKIP(event, EventAttr::software(SoftwareEvent::kContextSwitches),
               Target::thread(child.pid()));
  event.enable();
  child.finish();
  EXPECT_GE(*switches, 1u);
  EXPECT_GE(event.read().value, *switches);
  EXPECT_LE(event.read().value, *switches + 5) << "start and exit";
}

// Threads and children, by the two kinds of inheritance.
uint64_t inherited_faults(EventAttr attr) {
  Event event(std::move(attr));
  event.enable();
  std::thread([] {
    FreshPages pages(kPages);
    pages.touch(0, kPages);
  }).join();
  Child([] {
    FreshPages pages(5 * kPages);
    pages.touch(0, 5 * kPages);
    return 0;
  }).finish();
  return event.read().value;
}

TEST(Counting, InheritedByThreadsAndChildren) {
  OPEN_OR_SKIP(probe, page_faults().inherit_thread(), Target::self());
  EXPECT_LT(inherited_faults(page_faults()), 500u);
  uint64_t threads = inherited_faults(page_faults().inherit_thread());
  EXPECT_GE(threads, kPages);
  EXPECT_LT(threads, 3 * kPages);
  EXPECT_GE(inherited_faults(page_faults().inherit()), 6 * kPages);
}

// Execs `true`, after touching pages.
int touch_and_exec() {
  FreshPages pages(kPages);
  pages.touch(0, kPages);
  ::execl("/bin/true", "true", nullptr);
  return 98;
}

TEST(Counting, EnabledByExec) {
  Child child(touch_and_exec);
  OPEN_OR_SKIP(event, page_faults().enable_on_exec(),
               Target::thread(child.pid()));
  EXPECT_EQ(child.finish(), 0);
  uint64_t faults = event.read().value;
  EXPECT_GT(faults, 10u) << "those of true itself";
  EXPECT_LT(faults, kPages) << "those before exec";
}

TEST(Counting, RemovedByExec) {
  Child child(touch_and_exec);
  OPEN_OR_SKIP(event, page_faults().remove_on_exec().enabled_at_once(),
               Target::thread(child.pid()));
  EXPECT_EQ(child.finish(), 0);
  EXPECT_THAT(event.read().value, about(kPages));
}

TEST(Counting, AllThreadsOfACpu) {
  Child child([] {
    run_on_cpu_0();
    FreshPages pages(5 * kPages);
    pages.touch(0, 5 * kPages);
    return 0;
  });
  OPEN_OR_SKIP(event, page_faults(), Target::all_threads_on(0));
  event.enable();
  child.finish();
  EXPECT_GE(event.read().value, 5 * kPages);
}

TEST(Counting, UserCounterFallsBackWithoutPmu) {
  OPEN_OR_SKIP(event, page_faults(), Target::self());
  UserCounter counter(event);
  event.enable();
  EXPECT_EQ(counter.read_fast(), std::nullopt) << "a software event";
  FreshPages pages(kPages);
  pages.touch(0, kPages);
  EXPECT_THAT(counter.read().value, about(kPages));
}

// The size of the struct, and single fields, by asking this kernel.
TEST(Features, AgreeWithTheVersionOfThisKernel) {
  OPEN_OR_SKIP(probe, EventAttr::dummy().user_only(), Target::self());
  auto running = running_kernel(Kernel::real());
  ASSERT_TRUE(running);
  auto size = kernel_attr_size();
  ASSERT_TRUE(size);
  for (const auto& version : abi::kAttrSizes)
    EXPECT_TRUE(version.since > *running || *size >= version.size)
        << version.added;
  int known = 0;
  for (const abi::AttrField& field : abi::kAttrFields) {
    auto supported = supports(field.name);
    if (!supported) continue;
    ++known;
    // Backports may bring a field earlier, never later.
    EXPECT_TRUE(field.since > *running || *supported || !is_root())
        << field.name;
  }
  EXPECT_GE(known, 20);
  const abi::KernelVersion kLostSince{6, 0};
  EXPECT_EQ(supports("PERF_FORMAT_LOST"), *running >= kLostSince);
  EXPECT_EQ(supports("nonsense"), std::nullopt);
}

TEST(Errors, NameWhatThisKernelIsTooOldFor) {
  OPEN_OR_SKIP(probe, EventAttr::dummy().user_only(), Target::self());
  const abi::KernelVersion kNewest{6, 19};
  if (*running_kernel(Kernel::real()) >= kNewest)
    GTEST_SKIP() << "this kernel has all that is known";
  EventAttr attr = EventAttr::dummy().user_only();
  attr.fields().config4 = 1;
  try {
    Event event(attr);
    FAIL();
  } catch (const PerfError& error) {
    EXPECT_EQ(error.code(), std::errc::argument_list_too_long);
    EXPECT_THAT(error.what(), HasSubstr("config4 needs Linux 6.19"));
  }
}

TEST(Errors, HardwareEventsWithoutPmu) {
  EventAttr attr =
      EventAttr::hardware(abi::HardwareEvent::kCpuCycles).user_only();
  std::error_code ec;
  if (Event::open(attr, Target::self(), {}, ec))
    GTEST_SKIP() << "this machine has a PMU";
  if (ec != std::errc::no_such_file_or_directory)
    GTEST_SKIP() << "perf is refused: " << ec.message();
  try {
    Event event(attr);
    FAIL();
  } catch (const PerfError& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("perf_event_open(cpu-cycles, this thread)"),
                      HasSubstr("virtual machine"), HasSubstr("software")));
  }
}

TEST(Errors, OrdinaryUsersAreTold) {
  if (!is_root()) GTEST_SKIP() << "needs root, to become an ordinary user";
  auto paranoid =
      Kernel::real().read_file("/proc/sys/kernel/perf_event_paranoid");
  if (!paranoid || std::stoi(*paranoid) < 2)
    GTEST_SKIP() << "perf_event_paranoid lets everybody do everything";
  Child child([] {
    if (::setgid(65534) || ::setuid(65534)) return 1;
    if (std::stoi(*Kernel::real().read_file(
            "/proc/sys/kernel/perf_event_paranoid")) == 2) {
      Event allowed(page_faults());
      allowed.enable();
      FreshPages pages(kPages);
      pages.touch(0, kPages);
      if (allowed.read().value < kPages) return 2;
    }
    try {
      Event refused(EventAttr::software(SoftwareEvent::kPageFaults));
      return 3;
    } catch (const PerfError& error) {
      if (error.code() != std::errc::permission_denied) return 4;
      std::string text = error.what();
      if (text.find("perf_event_paranoid is ") == text.npos) return 5;
    }
    return 0;
  });
  EXPECT_EQ(child.finish(), 0);
}

}  // namespace
}  // namespace ptcap::bindings
