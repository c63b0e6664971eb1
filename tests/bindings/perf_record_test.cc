// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What `perf record` writes, parsed here and by perf: every kernel record says
// the same, word for word.

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "formats/ptz/trace_reader.h"
#include "tests/bindings/linux_support.h"
#include "tests/bindings/perf_command.h"
#include "tests/bindings/perf_dump.h"

namespace ptcap::bindings {
namespace {

using abi::SampleType;
using formats::Bytes;
using formats::Sample;

// The blocks of `perf script -D`, by offset of their record.
std::map<uint64_t, std::string> blocks_of_perf(const std::string& path) {
  // Without the bytes, and without what perf adds to a record.
  auto text =
      output_of("perf script -D -i " + path +
                " 2>/dev/null | grep -avE '^[.] |^ ?[.]{3,6} (thread|dso):' | "
                "sed -E 's/(PERF_RECORD_READ: [0-9]+ [0-9]+) [^ ]+/\\1/'");
  std::map<uint64_t, std::string> blocks;
  std::string* block = nullptr;
  for (const std::string& line : lines_of(text.value_or(""))) {
    const size_t at = line.find("]: PERF_RECORD_");
    if (at != line.npos) {
      const size_t hex = line.rfind("0x", line.rfind(" [0x", at));
      block = &blocks[std::stoull(line.substr(hex), nullptr, 16)];
      *block = line + '\n';
    } else if (block && !line.empty() &&
               (line[0] == '.' || line.starts_with(" .") || line[0] == '\t')) {
      *block += line + '\n';
    } else {
      block = nullptr;
    }
  }
  return blocks;
}

class Complaints : public formats::Reporter {
 public:
  void warn(const std::string& message) override { ADD_FAILURE() << message; }
};

class PerfRecord : public testing::Test {
 protected:
  void SetUp() override { SKIP_WITHOUT_PERF(); }

  // Records WORK with OPTIONS, and compares every record. Samples have their
  // period (-P): where they have none, perf shows that of the event. False:
  // perf cannot.
  bool record(const std::string& options,
              const std::string& work = KNOWN_WORK " 200") {
    const std::string command = "perf record -q -P -o " + file_.path() + ' ' +
                                options + " -- " + work + " >/dev/null";
    auto output = output_of(command + " 2>&1");
    if (!output) {
      refused_ = command;
      return false;
    }
    compare();
    return true;
  }

  // Each record of the file with what perf says of it.
  void compare() {
    auto expected = blocks_of_perf(file_.path());
    Complaints complaints;
    formats::TraceReader reader(file_.path(), complaints);
    formats::EventFormats formats;
    reader.for_each_record([&](Bytes bytes, uint64_t offset) {
      const formats::RecordFormat& format = formats.of_record(bytes);
      auto record = formats::parse_record(bytes, format, offset);
      EXPECT_FALSE(std::holds_alternative<formats::UnknownRecord>(record.body))
          << record.header.type;
      if (auto* attr = std::get_if<formats::HeaderAttrRecord>(&record.body))
        formats.add(attr->attr, attr->ids);
      if (!record.is_kernel_record()) return;
      // Of a record that the kernel made too long perf takes the stale end for
      // the sample_id; the words of the record itself are equal.
      const bool stale = !record.extra.empty();
      EXPECT_TRUE(
          !stale ||
          std::holds_alternative<formats::BpfEventRecord>(record.body) ||
          std::holds_alternative<formats::KsymbolRecord>(record.body))
          << expected[offset];
      const std::string ours = perf_dump(record, format);
      const size_t from = stale ? expected[offset].find(": ") : 0;
      EXPECT_EQ(ours.substr(stale ? ours.find(": ") : 0),
                expected[offset].substr(from));
      const std::string kind(formats::record_type_name(record.header.type));
      if (!ours.empty()) ++compared_[kind.substr(12)];
      if (auto* sample = std::get_if<Sample>(&record.body))
        fields_ |= sample->present;
    });
  }

  TemporaryFile file_;
  std::string refused_;
  std::map<std::string, int> compared_;  // records by kind
  uint64_t fields_ = 0;                  // of the samples
};

#define RECORD_OR_SKIP(...) \
  if (!record(__VA_ARGS__)) GTEST_SKIP() << "refused: " << refused_

#define EXPECT_FIELDS(wanted) \
  EXPECT_EQ(abi::flag_names<SampleType>(bits(wanted) & ~fields_), "0")

TEST_F(PerfRecord, EveryFieldOfAFault) {
  RECORD_OR_SKIP(
      "-e page-faults:u -c 1 -d -W -T --sample-cpu --data-page-size "
      "--code-page-size --intr-regs=ip,sp,ax --user-regs=ip,sp,bp "
      "--call-graph dwarf,512 --running-time");
  EXPECT_GE(compared_["SAMPLE"], 200);
  EXPECT_FIELDS(SampleType::kIp | SampleType::kTid | SampleType::kTime |
                SampleType::kAddr | SampleType::kCpu | SampleType::kPeriod |
                SampleType::kCallchain | SampleType::kRegsUser |
                SampleType::kStackUser | SampleType::kWeightStruct |
                SampleType::kDataSrc | SampleType::kRegsIntr |
                SampleType::kDataPageSize | SampleType::kCodePageSize);
}

TEST_F(PerfRecord, PhysicalAddressesAndCgroups) {
  RECORD_OR_SKIP("-e page-faults -c 1 --phys-data --all-cgroups --transaction");
  EXPECT_GE(compared_["SAMPLE"], 200);
  EXPECT_GE(compared_["CGROUP"], 1);
  EXPECT_FIELDS(SampleType::kPhysAddr | SampleType::kCgroup |
                SampleType::kTransaction);
}

TEST_F(PerfRecord, GroupsReadInSamples) {
  RECORD_OR_SKIP("-e '{page-faults:u,minor-faults:u,task-clock:u}:S' -c 1");
  EXPECT_GE(compared_["SAMPLE"], 200);
  EXPECT_FIELDS(SampleType::kRead | SampleType::kId);
}

TEST_F(PerfRecord, CallChains) {
  RECORD_OR_SKIP("-e page-faults -c 1 -g");
  EXPECT_GE(compared_["SAMPLE"], 200);
  EXPECT_FIELDS(SampleType::kCallchain);
}

// Two events with fields of their own, told apart by the identifier.
TEST_F(PerfRecord, EventsWithDifferentFields) {
  RECORD_OR_SKIP(
      "-e page-faults/period=1,call-graph=no/u "
      "-e cpu-clock/period=100000,call-graph=fp/u",
      KNOWN_WORK " 200 20000");
  EXPECT_GE(compared_["SAMPLE"], 200);
  EXPECT_FIELDS(SampleType::kIdentifier);
}

TEST_F(PerfRecord, MappingsAndTasks) {
  RECORD_OR_SKIP("-e dummy:u --switch-events --namespaces",
                 "sh -c '" KNOWN_WORK " 1 1 5; " KNOWN_WORK " 1; true'");
  for (const char* kind : {"MMAP2", "COMM", "FORK", "EXIT", "NAMESPACES"})
    EXPECT_GE(compared_[kind], 2) << kind;
  EXPECT_GE(compared_["SWITCH"], 10);
}

TEST_F(PerfRecord, CountsOfThreadsThatEnd) {
  RECORD_OR_SKIP("-s -e page-faults:u -c 1",
                 "sh -c '" KNOWN_WORK " 1; " KNOWN_WORK " 2; true'");
  if (!compared_["READ"]) GTEST_SKIP() << "this kernel writes no READ";
}

// Another test of this program loads a BPF program.
TEST_F(PerfRecord, BpfProgramsAndTheirSymbols) {
  RECORD_OR_SKIP("-a -e dummy:u",
                 "/proc/" + std::to_string(::getpid()) +
                     "/exe --gtest_filter=Sideband.BpfProgramsAndTheirSymbols");
  if (!compared_["BPF_EVENT"]) GTEST_SKIP() << "perf asked for none";
  EXPECT_GE(compared_["KSYMBOL"], 1);
}

TEST_F(PerfRecord, MappingsByBuildId) {
  RECORD_OR_SKIP("-e dummy:u --buildid-mmap");
  EXPECT_GE(compared_["MMAP2"], 3);
}

TEST_F(PerfRecord, EverythingOnAllCpus) {
  RECORD_OR_SKIP("-a -e page-faults:u -c 1 --switch-events --sample-cpu");
  EXPECT_GE(compared_["SAMPLE"], 200);
  EXPECT_GE(compared_["SWITCH_CPU_WIDE"], 2);
}

TEST_F(PerfRecord, WhatAFullRingLost) {
  RECORD_OR_SKIP("-m 1 -e page-faults:u -c 1 -d", KNOWN_WORK " 20000");
  if (!compared_["LOST"]) GTEST_SKIP() << "perf was fast enough";
}

TEST_F(PerfRecord, IntelPt) {
  RECORD_OR_SKIP("-e intel_pt//u");
  EXPECT_GE(compared_["AUX"], 1);
  EXPECT_GE(compared_["ITRACE_START"], 1);
}

// Branch stacks as perf itself makes them of a trace.
TEST_F(PerfRecord, BranchStacks) {
  RECORD_OR_SKIP("-e intel_pt//u");
  compared_.clear();
  ASSERT_TRUE(output_of("perf inject --itrace=i500il16 -i " + file_.path() +
                        " -o " + file_.path() + ".new 2>/dev/null && mv " +
                        file_.path() + ".new " + file_.path()));
  compare();
  EXPECT_GE(compared_["SAMPLE"], 10);
  EXPECT_FIELDS(SampleType::kBranchStack);
}

// perf's -D has no raw data; its text of a tracepoint has.
TEST_F(PerfRecord, TracepointsWithRawData) {
  if (!mount_tracefs()) GTEST_SKIP() << "tracefs cannot be mounted";
  RECORD_OR_SKIP("-R -e sched:sched_process_fork",
                 "sh -c '" KNOWN_WORK " 1; " KNOWN_WORK " 2; true'");
  Tracepoint point("sched", "sched_process_fork");
  auto shown =
      output_of("perf script -F trace -i " + file_.path() + " 2>/dev/null");
  std::vector<std::string> ours;
  Complaints complaints;
  formats::TraceReader reader(file_.path(), complaints);
  formats::EventFormats formats;
  reader.for_each_record([&](Bytes bytes, uint64_t offset) {
    auto record =
        formats::parse_record(bytes, formats.of_record(bytes), offset);
    if (auto* attr = std::get_if<formats::HeaderAttrRecord>(&record.body))
      formats.add(attr->attr, attr->ids);
    auto* sample = std::get_if<Sample>(&record.body);
    if (!sample) return;
    auto text = [&](const char* field) {
      return std::string(point.field(field)->text(sample->raw).value_or("?"));
    };
    auto number = [&](const char* field) {
      return std::to_string(
          point.field(field)->number(sample->raw).value_or(0));
    };
    ours.push_back("comm=" + text("parent_comm") + " pid=" +
                   number("parent_pid") + " child_comm=" + text("child_comm") +
                   " child_pid=" + number("child_pid"));
  });
  EXPECT_GE(ours.size(), 2u);
  EXPECT_EQ(ours, lines_of(shown.value_or("")));
}

}  // namespace
}  // namespace ptcap::bindings
