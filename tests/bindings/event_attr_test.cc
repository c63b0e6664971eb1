// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/event_attr.h"

#include <gtest/gtest.h>

#include "bindings/tracepoint.h"
#include "tests/bindings/fake_kernel.h"

namespace ptcap::bindings {
namespace {

TEST(EventAttr, NamesAreThoseOfPerf) {
  EXPECT_EQ(EventAttr::hardware(abi::HardwareEvent::kCpuCycles).name(),
            "cpu-cycles");
  EXPECT_EQ(EventAttr::software(abi::SoftwareEvent::kPageFaultsMin).name(),
            "page-faults-min");
  EXPECT_EQ(EventAttr::cache(abi::CacheId::kL1d, abi::CacheOp::kRead,
                             abi::CacheResult::kMiss)
                .name(),
            "l1d-read-miss");
  EXPECT_EQ(EventAttr::raw(0x1a8).name(), "r1a8");
  EXPECT_EQ(EventAttr::breakpoint(abi::BreakpointType::kRw, 0x1000,
                                  abi::BreakpointLength::k4)
                .name(),
            "mem:0x1000:rw");
}

TEST(EventAttr, CacheConfigHasThreeBytes) {
  auto attr = EventAttr::cache(abi::CacheId::kDtlb, abi::CacheOp::kWrite,
                               abi::CacheResult::kMiss);
  EXPECT_EQ(attr.fields().type, 3u);
  EXPECT_EQ(attr.fields().config, 0x010103u);
  EXPECT_EQ(attr.on_pmu(4).fields().config, 0x4'00010103u);
}

TEST(EventAttr, ExecutionBreakpointIsAsLongAsALong) {
  auto attr = EventAttr::breakpoint(abi::BreakpointType::kX, 0x1000,
                                    abi::BreakpointLength::k1);
  EXPECT_EQ(attr.fields().bp_len, sizeof(long));
  EXPECT_EQ(attr.fields().bp_type, 4u);
}

TEST(EventAttr, SettersFillTheStruct) {
  auto attr = EventAttr::dummy()
                  .inherit_thread()
                  .frequency(99)
                  .sample_user_stack(1024)
                  .sample_callchain(10)
                  .wakeup_bytes(4096)
                  .clock(CLOCK_MONOTONIC)
                  .sigtrap(7);
  const auto& a = attr.fields();
  EXPECT_TRUE(a.inherit && a.inherit_thread && a.freq && a.watermark &&
              a.use_clockid && a.sigtrap && a.remove_on_exec && a.disabled);
  EXPECT_EQ(a.sample_freq, 99u);
  EXPECT_EQ(a.sample_type,
            bits(abi::SampleType::kStackUser | abi::SampleType::kCallchain));
  EXPECT_EQ(a.sig_data, 7u);
  EXPECT_EQ(attr.for_kernel().size, 128u);
  EXPECT_EQ(attr.period(5).fields().freq, 0u);
}

TEST(EventAttr, IntelPtHasWhatBranchesNeed) {
  FakeKernel kernel;
  kernel.add_intel_pt();
  auto attr = EventAttr::intel_pt("tsc,psb_period=2", kernel);
  EXPECT_EQ(attr.fields().type, 8u);
  EXPECT_EQ(attr.fields().config, 1u | 1u << 13 | 1u << 10 | uint64_t{2} << 24);
  EXPECT_TRUE(attr.fields().exclude_kernel);
  EXPECT_EQ(attr.name(), "intel_pt/tsc,psb_period=2/");
  kernel.files.erase("/sys/bus/event_source/devices/intel_pt/format/pt");
  EXPECT_EQ(EventAttr::intel_pt("tsc", kernel).fields().config,
            1u << 13 | 1u << 10);
}

TEST(EventAttr, ProbesPointToTheirText) {
  FakeKernel kernel;
  const std::string pmu = "/sys/bus/event_source/devices/uprobe/";
  kernel.files[pmu + "type"] = "9";
  kernel.files[pmu + "format/retprobe"] = "config:0";
  auto attr = EventAttr::uretprobe("/bin/bash", 0x1234, kernel);
  // Copies share the text; the first may go.
  auto copy = attr;
  attr = EventAttr::dummy();
  auto fields = copy.for_kernel();
  EXPECT_EQ(fields.type, 9u);
  EXPECT_EQ(fields.config, 1u);
  EXPECT_STREQ(reinterpret_cast<const char*>(fields.uprobe_path), "/bin/bash");
  EXPECT_EQ(fields.probe_offset, 0x1234u);
  EXPECT_EQ(fields.size, 72u);
  EXPECT_EQ(copy.name(), "uprobe_return:/bin/bash+0x1234");
  EXPECT_EQ(EventAttr::usdt("/bin/x", 1, 0x20, kernel).fields().config,
            uint64_t{0x20} << 32);
  EXPECT_THROW(EventAttr::kprobe("do_exit", 0, kernel), std::invalid_argument);
}

const char kFormat[] = R"(name: sched_switch
ID: 316
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:char prev_comm[16];	offset:8;	size:16;	signed:0;
	field:__data_loc char[] name;	offset:24;	size:4;	signed:0;
	field:void * ptr;	offset:32;	size:8;	signed:0;

print fmt: "prev_comm=%s", REC->prev_comm
)";

TEST(Tracepoint, IdAndFieldsComeFromTracefs) {
  FakeKernel kernel;
  const std::string folder = "/sys/kernel/tracing/events/sched/sched_switch/";
  kernel.files[folder + "id"] = "316";
  kernel.files[folder + "format"] = kFormat;
  auto attr = EventAttr::tracepoint("sched", "sched_switch", kernel);
  EXPECT_EQ(attr.fields().type, 2u);
  EXPECT_EQ(attr.fields().config, 316u);
  EXPECT_EQ(attr.name(), "sched:sched_switch");
  EXPECT_EQ(Tracepoint::list("", kernel),
            std::vector<std::string>{"sched:sched_switch"});
  EXPECT_THROW(EventAttr::tracepoint("sched", "nonsense", kernel),
               std::system_error);
}

TEST(TracepointField, ReadsNumbersAndText) {
  auto fields = parse_tracepoint_format(kFormat);
  ASSERT_EQ(fields.size(), 5u);
  EXPECT_EQ(fields[0].type, "unsigned short");
  EXPECT_EQ(fields[2].type, "char[16]");
  EXPECT_EQ(fields[2].name, "prev_comm");
  EXPECT_EQ(fields[3].type, "__data_loc char[]");
  EXPECT_EQ(fields[4].type, "void *");
  EXPECT_EQ(fields[4].name, "ptr");

  std::vector<uint8_t> raw(44);
  raw[0] = 0x3c;
  raw[1] = 1;
  int pid = -1;
  std::memcpy(&raw[4], &pid, 4);
  std::memcpy(&raw[8], "bash", 4);
  uint32_t location = 4 << 16 | 40;  // 4 bytes at 40
  std::memcpy(&raw[24], &location, 4);
  std::memcpy(&raw[40], "disk", 4);
  EXPECT_EQ(fields[0].number(raw), 316u);
  EXPECT_EQ(static_cast<int64_t>(*fields[1].number(raw)), -1);
  EXPECT_EQ(fields[2].text(raw), "bash");
  EXPECT_EQ(fields[2].number(raw), std::nullopt);
  EXPECT_EQ(fields[3].text(raw), "disk");
  raw.resize(43);
  EXPECT_EQ(fields[3].text(raw), std::nullopt);
  raw.resize(10);
  EXPECT_EQ(fields[4].number(raw), std::nullopt);
}

}  // namespace
}  // namespace ptcap::bindings
