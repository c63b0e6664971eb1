// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Events at places in programs and in the kernel: breakpoints, probes,
// tracepoints, BPF programs. Their counts are exact.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include <fstream>

#include "bindings/tracepoint.h"
#include "bindings/usdt.h"
#include "tests/bindings/linux_bpf.h"
#include "tests/bindings/linux_support.h"

namespace ptcap::bindings {
namespace {

using abi::BreakpointLength;
using abi::BreakpointType;
using abi::SampleType;
using formats::Sample;
using testing::HasSubstr;

constexpr int kCalls = 1000;

volatile uint64_t watched = 0;

[[gnu::noinline]] int traced_function(int x) {
  asm volatile("");
  return x + 1;
}

void call_traced_function() {
  for (int i = 0; i < kCalls; ++i) {
    int result = traced_function(i);
    asm volatile("" : : "r"(result));
  }
}

EventAttr watch(BreakpointType type,
                BreakpointLength length = BreakpointLength::k8) {
  return EventAttr::breakpoint(type, reinterpret_cast<uint64_t>(&watched),
                               length)
      .user_only();
}

EventAttr break_at(int (*function)(int)) {
  return EventAttr::breakpoint(BreakpointType::kX,
                               reinterpret_cast<uint64_t>(function),
                               BreakpointLength::k8)
      .user_only();
}

TEST(Breakpoints, CountExecutions) {
  OPEN_OR_SKIP(event, break_at(traced_function), Target::self());
  event.enable();
  call_traced_function();
  event.disable();
  EXPECT_EQ(event.read().value, uint64_t{kCalls});
}

// Of 100 writes to `watched` and as many reads.
uint64_t count_accesses(Event& event) {
  event.enable();
  for (int i = 0; i < 100; ++i) {
    watched = i;
    uint64_t read = watched;
    asm volatile("" : : "r"(read));
  }
  event.disable();
  return event.read().value;
}

TEST(Breakpoints, CountWritesOnly) {
  OPEN_OR_SKIP(event, watch(BreakpointType::kW), Target::self());
  EXPECT_EQ(count_accesses(event), 100u);
}

TEST(Breakpoints, CountReadsAndWrites) {
  OPEN_OR_SKIP(event, watch(BreakpointType::kRw), Target::self());
  EXPECT_EQ(count_accesses(event), 200u);
}

TEST(Breakpoints, AreMovedWithoutClosing) {
  OPEN_OR_SKIP(event, watch(BreakpointType::kW), Target::self());
  event.enable();
  watched = 1;
  event.modify(break_at(traced_function).enabled_at_once());
  watched = 2;
  call_traced_function();
  EXPECT_EQ(event.read().value, 1u + kCalls);
  EXPECT_EQ(event.attr().fields().bp_type, bits(BreakpointType::kX));
  Event other(EventAttr::dummy().user_only());
  EXPECT_THROW(other.modify(watch(BreakpointType::kW)), PerfError);
}

TEST(Breakpoints, NoneIsLeft) {
  std::vector<Event> events;
  OPEN_OR_SKIP(probe, watch(BreakpointType::kW), Target::self());
  try {
    for (int i = 0; i < 5; ++i) events.emplace_back(watch(BreakpointType::kW));
    FAIL();
  } catch (const PerfError& error) {
    EXPECT_EQ(error.code(), std::errc::no_space_on_device);
    EXPECT_THAT(error.what(), HasSubstr("breakpoint register"));
  }
}

// What /proc says about the page of an address.
uint64_t frame_of(uintptr_t address) {
  int pagemap = ::open("/proc/self/pagemap", O_RDONLY);
  uint64_t entry = 0;
  EXPECT_EQ(::pread(pagemap, &entry, sizeof(entry),
                    static_cast<off_t>(address / page_size() * 8)),
            8);
  ::close(pagemap);
  return entry & ((uint64_t{1} << 55) - 1);
}

TEST(Breakpoints, SampleSaysWhereTheMemoryIs) {
  EventAttr attr = watch(BreakpointType::kW)
                       .period(1)
                       .sample(SampleType::kIp | SampleType::kAddr |
                               SampleType::kDataPageSize);
  if (is_root()) attr.sample(SampleType::kPhysAddr);
  OPEN_OR_SKIP(event, attr, Target::self());
  DataRing ring(event, 4 * page_size());
  event.enable();
  watched = 5;
  event.disable();
  Records records(ring);
  auto samples = records.of<Sample>();
  ASSERT_EQ(samples.size(), 1u);
  const auto address = reinterpret_cast<uintptr_t>(&watched);
  EXPECT_EQ(samples[0].addr, address);
  EXPECT_EQ(samples[0].data_page_size, page_size());
  if (is_root()) {
    EXPECT_EQ(samples[0].physical_address / page_size(), frame_of(address));
    EXPECT_NE(samples[0].physical_address, 0u);
  }
}

volatile uint64_t signal_data = 0;
volatile void* signal_address = nullptr;

void on_sigtrap(int, siginfo_t* info, void*) {
  signal_address = info->si_addr;
  // si_perf_data, which Debian 12's libc does not name: behind si_addr.
  std::memcpy(const_cast<uint64_t*>(&signal_data),
              reinterpret_cast<char*>(&info->si_addr) + sizeof(void*), 8);
}

TEST(Breakpoints, SigtrapHasTheDataOfTheEvent) {
  struct sigaction action = {}, old = {};
  action.sa_sigaction = on_sigtrap;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGTRAP, &action, &old);
  OPEN_OR_SKIP(event,
               watch(BreakpointType::kW)
                   .period(1)
                   .inherit_thread()
                   .sigtrap(0x1234567890abcdef),
               Target::self());
  event.enable();
  watched = 5;
  event.disable();
  ::sigaction(SIGTRAP, &old, nullptr);
  EXPECT_EQ(signal_data, 0x1234567890abcdefu);
  EXPECT_EQ(signal_address, &watched);
}

TEST(Uprobes, CountEntriesAndReturns) {
  const uint64_t offset = file_offset(traced_function);
  MAKE_OR_SKIP(at_entry, EventAttr::uprobe("/proc/self/exe", offset));
  MAKE_OR_SKIP(at_return, EventAttr::uretprobe("/proc/self/exe", offset));
  OPEN_OR_SKIP(entries, at_entry, Target::self());
  OPEN_OR_SKIP(returns, at_return, Target::self());
  entries.enable();
  returns.enable();
  call_traced_function();
  EXPECT_EQ(entries.read().value, uint64_t{kCalls});
  EXPECT_EQ(returns.read().value, uint64_t{kCalls});
}

TEST(Uprobes, OfAFileThatIsNotThere) {
  MAKE_OR_SKIP(attr, EventAttr::uprobe("/nonexistent", 0));
  EXPECT_THROW(Event{attr}, PerfError);
}

TEST(Kprobes, CountEntriesAndReturns) {
  MAKE_OR_SKIP(at_entry, EventAttr::kprobe(kGetppid));
  MAKE_OR_SKIP(at_return, EventAttr::kretprobe(kGetppid));
  OPEN_OR_SKIP(entries, at_entry, Target::self());
  OPEN_OR_SKIP(returns, at_return, Target::self());
  entries.enable();
  returns.enable();
  call_getppid(kCalls);
  EXPECT_EQ(entries.read().value, uint64_t{kCalls});
  EXPECT_EQ(returns.read().value, uint64_t{kCalls});
}

TEST(Kprobes, SampleIsInTheFunction) {
  MAKE_OR_SKIP(attr, EventAttr::kprobe(kGetppid));
  const uint64_t address = kernel_address(kGetppid);
  if (!address) GTEST_SKIP() << "/proc/kallsyms does not tell";
  OPEN_OR_SKIP(event, attr.period(1).sample(SampleType::kIp), Target::self());
  DataRing ring(event, 4 * page_size());
  event.enable();
  call_getppid(3);
  event.disable();
  Records records(ring);
  auto samples = records.of<Sample>();
  ASSERT_EQ(samples.size(), 3u);
  for (const Sample& sample : samples) {
    EXPECT_GE(sample.ip, address);
    EXPECT_LE(sample.ip, address + 16) << "an entry of ftrace, at most";
  }
}

TEST(Kprobes, OfAFunctionThatIsNotThere) {
  MAKE_OR_SKIP(attr, EventAttr::kprobe("ptcap_has_no_such_function"));
  EXPECT_THROW(Event{attr}, PerfError);
}

// A probe as sys/sdt.h makes it: a nop, a semaphore and a note.
asm(R"(
  .pushsection .probes,"aw","progbits"
  .balign 2
  .global test_semaphore
test_semaphore:
  .short 0
  .popsection
  .pushsection .stapsdt.base,"aG","progbits",.stapsdt.base,comdat
  .weak _.stapsdt.base
  .hidden _.stapsdt.base
_.stapsdt.base: .space 1
  .size _.stapsdt.base, 1
  .popsection
)");
extern "C" volatile uint16_t test_semaphore;

[[gnu::noinline]] void static_probe(int value) {
  asm volatile(R"(
990: nop
  .pushsection .note.stapsdt,"?","note"
  .balign 4
  .4byte 992f-991f, 994f-993f, 3
991: .asciz "stapsdt"
992: .balign 4
993: .8byte 990b
  .8byte _.stapsdt.base
  .8byte test_semaphore
  .asciz "ptcap_test"
  .asciz "tick"
  .asciz "-4@%%edi"
994: .balign 4
  .popsection
)"
               :
               : "D"(value));
}

TEST(Usdt, ProbeOfThisProgram) {
  auto probes = read_usdt_probes("/proc/self/exe");
  ASSERT_EQ(probes.size(), 1u);
  EXPECT_EQ(probes[0].provider, "ptcap_test");
  EXPECT_EQ(probes[0].name, "tick");
  EXPECT_EQ(probes[0].arguments, "-4@%edi");
  EXPECT_EQ(probes[0].semaphore_offset, file_offset(&test_semaphore));
}

TEST(Usdt, CountsAndSetsTheSemaphore) {
  MAKE_OR_SKIP(attrs, usdt_events("/proc/self/exe", "ptcap_test", "tick"));
  ASSERT_EQ(attrs.size(), 1u);
  EXPECT_EQ(test_semaphore, 0u);
  {
    OPEN_OR_SKIP(event, attrs[0], Target::self());
    event.enable();
    EXPECT_EQ(test_semaphore, 1u);
    for (int i = 0; i < 10; ++i) static_probe(i);
    EXPECT_EQ(event.read().value, 10u);
  }
  EXPECT_EQ(test_semaphore, 0u);
  EXPECT_THROW(usdt_events("/proc/self/exe", "ptcap_test", "tock"),
               std::invalid_argument);
}

TEST(Usdt, AnyDamageIsSurvived) {
  auto text = Kernel::real().read_file("/proc/self/exe");
  ASSERT_TRUE(text);
  std::vector<uint8_t> file(text->begin(), text->end());
  ASSERT_EQ(parse_usdt_probes(file).size(), 1u);
  for (size_t size = 0; size < 200; ++size)
    EXPECT_TRUE(parse_usdt_probes(std::span(file).first(size)).empty());
  // Every byte of the ELF header, set to its extremes.
  for (size_t at = 4; at < 64; ++at) {
    for (uint8_t value : {0x00, 0x7f, 0x80, 0xff}) {
      uint8_t saved = file[at];
      file[at] = value;
      EXPECT_LE(parse_usdt_probes(file).size(), 1u);
      file[at] = saved;
    }
  }
}

TEST(Tracepoints, CountAndFilter) {
  if (!mount_tracefs()) GTEST_SKIP() << "tracefs cannot be mounted";
  auto names = Tracepoint::list("syscalls");
  if (names.empty()) GTEST_SKIP() << "no syscall tracepoints in this kernel";
  EventAttr attr = EventAttr::tracepoint("syscalls", "sys_enter_getppid");
  OPEN_OR_SKIP(event, attr, Target::self());
  event.enable();
  call_getppid(100);
  EXPECT_EQ(event.read().value, 100u);
  event.set_filter("common_pid == 0");
  call_getppid(100);
  EXPECT_EQ(event.read().value, 100u) << "the filter lets none pass";
  EXPECT_THROW(event.set_filter("nonsense =="), PerfError);
}

TEST(Tracepoints, FieldsOfTheRawData) {
  if (!mount_tracefs()) GTEST_SKIP() << "tracefs cannot be mounted";
  Tracepoint point("sched", "sched_process_fork");
  OPEN_OR_SKIP(event,
               EventAttr::tracepoint("sched", "sched_process_fork")
                   .period(1)
                   .sample(SampleType::kRaw),
               Target::self());
  DataRing ring(event, 16 * page_size());
  event.enable();
  Child child([] { return 0; });
  event.disable();
  Records records(ring);
  auto samples = records.of<Sample>();
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(point.field("child_pid")->number(samples[0].raw), child.pid());
  EXPECT_EQ(point.field("parent_pid")->number(samples[0].raw),
            ::syscall(SYS_gettid));
  EXPECT_EQ(point.field("common_type")->number(samples[0].raw), point.id());
  std::string comm = *Kernel::real().read_file("/proc/thread-self/comm");
  EXPECT_EQ(point.field("parent_comm")->text(samples[0].raw), comm);
}

// A program that says 0 keeps the sample away.
TEST(Bpf, DecidesAboutSamples) {
  for (int keep : {0, 1}) {
    LOAD_BPF_OR_SKIP(program, BPF_PROG_TYPE_PERF_EVENT, keep);
    OPEN_OR_SKIP(event,
                 EventAttr::software(abi::SoftwareEvent::kPageFaults)
                     .user_only()
                     .period(1),
                 Target::self());
    DataRing ring(event, 16 * page_size());
    std::error_code ec;
    event.set_bpf(program.fd(), ec);
    if (ec) GTEST_SKIP() << "SET_BPF: " << ec.message();
    FreshPages pages(50);
    event.enable();
    pages.touch(0, 50);
    event.disable();
    EXPECT_EQ(Records(ring).of<Sample>().size() >= 50, keep == 1) << keep;
  }
}

TEST(Bpf, DecidesAboutHitsOfAUprobe) {
  for (int keep : {0, 1}) {
    LOAD_BPF_OR_SKIP(program, BPF_PROG_TYPE_KPROBE, keep);
    MAKE_OR_SKIP(attr, EventAttr::uprobe("/proc/self/exe",
                                         file_offset(traced_function)));
    OPEN_OR_SKIP(event, attr, Target::self());
    event.set_bpf(program.fd());
    event.enable();
    call_traced_function();
    EXPECT_EQ(event.read().value, keep ? uint64_t{kCalls} : 0) << keep;
  }
}

TEST(Bpf, ProgramsOfATracepointAreListed) {
  if (!mount_tracefs()) GTEST_SKIP() << "tracefs cannot be mounted";
  EventAttr attr = EventAttr::tracepoint("sched", "sched_switch");
  OPEN_OR_SKIP(event, attr, Target::self());
  EXPECT_TRUE(event.query_bpf().empty());
  LOAD_BPF_OR_SKIP(program, BPF_PROG_TYPE_TRACEPOINT, 1);
  event.set_bpf(program.fd());
  EXPECT_EQ(event.query_bpf(), std::vector<uint32_t>{program.info()->id});
  EXPECT_THROW(event.set_bpf(0), PerfError) << "stdin is no program";
}

}  // namespace
}  // namespace ptcap::bindings
