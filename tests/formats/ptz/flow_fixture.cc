// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/formats/ptz/flow_fixture.h"

#include <sys/mman.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "formats/perf/auxtrace_info.h"
#include "formats/perf/header_feature.h"
#include "formats/perf/record_builder.h"
#include "formats/pt/flow_encoder.h"

// Code to trace: three rounds of a loop, a call, a jump through a register.
asm(R"(
.pushsection .text
.globl ptz_sample_begin, ptz_sample_loop, ptz_sample_jcc, ptz_sample_call
.globl ptz_sample_behind, ptz_sample_jmp, ptz_sample_syscall
.globl ptz_sample_callee
ptz_sample_begin:
  mov $3, %ecx
ptz_sample_loop:
  dec %ecx
ptz_sample_jcc:
  jnz ptz_sample_loop
ptz_sample_call:
  call ptz_sample_callee
ptz_sample_behind:
  nop
ptz_sample_jmp:
  jmp *%rax
ptz_sample_callee:
  ret
ptz_sample_syscall:
  syscall
.popsection
)");
extern "C" {
extern const char ptz_sample_begin[], ptz_sample_loop[], ptz_sample_jcc[],
    ptz_sample_call[], ptz_sample_behind[], ptz_sample_jmp[],
    ptz_sample_syscall[], ptz_sample_callee[];
}

namespace ptcap::formats::testing {

namespace {

constexpr uint32_t kTid = 4242;
constexpr uint64_t kPtId = 1, kSidebandId = 2;
constexpr uint32_t kPtType = 8;  // any dynamic PMU

uint64_t address(const char* label) {
  return reinterpret_cast<uint64_t>(label);
}

abi::perf_event_attr sideband_attr() {
  abi::perf_event_attr attr = {};
  attr.type = 1;    // software
  attr.config = 9;  // dummy
  attr.sample_id_all = 1;
  attr.exclude_kernel = 1;
  attr.mmap = attr.mmap2 = attr.comm = attr.task = 1;
  attr.sample_type = abi::bits(abi::SampleType::kTid | abi::SampleType::kTime |
                               abi::SampleType::kId | abi::SampleType::kCpu |
                               abi::SampleType::kIdentifier);
  return attr;
}

abi::perf_event_attr pt_attr() {
  abi::perf_event_attr attr = sideband_attr();
  attr.type = kPtType;
  attr.config = 1 << 10 | 1 << 13 | 1;  // tsc, branch, pt
  attr.mmap = attr.mmap2 = attr.comm = attr.task = 0;
  attr.sample_period = 1;
  return attr;
}

std::string row(uint64_t from, uint64_t to) {
  char text[64];
  snprintf(text, sizeof(text), "%" PRIx64 "=>%" PRIx64, from, to);
  return text;
}

// Each record on its own.
void add_all(TraceWriter& writer, const Buffer& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const size_t size = parse_record_header(Bytes(bytes).subspan(at)).size;
    writer.add_record(Bytes(bytes).subspan(at, size));
    at += size;
  }
}

}  // namespace

CommandResult run_command(const std::string& command) {
  CommandResult result;
  FILE* pipe = popen(("{ " + command + "; } 2>&1").c_str(), "r");
  std::array<char, 4096> part;
  while (size_t n = fread(part.data(), 1, part.size(), pipe)) {
    result.output.append(part.data(), n);
  }
  result.status = pclose(pipe);
  return result;
}

bool have_perf() { return run_command("command -v perf").status == 0; }

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

void FlowTest::write_flow(int passes) {
  write_head();
  write_own_mapping();
  add(ItraceStartRecord{.pid = kTid, .tid = kTid}, kPtId, 0);
  const Buffer bytes = encode(passes);
  add(AuxRecord{.aux_offset = 0, .aux_size = bytes.size(), .flags = 0}, kPtId,
      0);
  writer().add_aux({.idx = 0, .tid = kTid, .data1 = bytes});
}

std::vector<std::string> FlowTest::expected_branches() {
  const auto jcc = address(ptz_sample_jcc), loop = address(ptz_sample_loop);
  const auto callee = address(ptz_sample_callee);
  const auto end = address(ptz_sample_syscall);
  return {row(0, address(ptz_sample_begin)),
          row(jcc, loop),
          row(jcc, loop),
          row(address(ptz_sample_call), callee),
          row(callee, address(ptz_sample_behind)),
          row(address(ptz_sample_jmp), end),
          row(end, 0)};
}

std::vector<std::string> FlowTest::perf_branches(const std::string& feed,
                                                 const std::string& input) {
  return lines(run_command(feed + " perf script -i " + input +
                           " --itrace=b -F ip,addr 2>/dev/null | tr -d ' \t'")
                   .output);
}

void FlowTest::write_head() {
  Buffer head;
  append_header_attr(head, pt_attr(), std::array{kPtId});
  append_header_attr(head, sideband_attr(), std::array{kSidebandId});
  IntelPtInfo info;
  info.pmu_type = kPtType;
  append_auxtrace_info(head, info);
  RecordBuilder().append(head, TimeConvRecord{});
  append_id_index(
      head,
      std::array{IdIndexEntry{.id = kPtId, .idx = 0, .cpu = ~0ull, .tid = kTid},
                 IdIndexEntry{
                     .id = kSidebandId, .idx = 0, .cpu = ~0ull, .tid = kTid}});
  append_string_feature(head, HeaderFeature::kCpuId, "GenuineIntel,6,85,4");
  add_all(writer(), head);
  add(CommRecord{.pid = kTid, .tid = kTid, .comm = "sample"}, kSidebandId,
      record_misc(abi::CpuMode::kUser, abi::RecordMisc::kCommExec));
}

// The mapping of this program's code, which perf finds on disk.
void FlowTest::write_own_mapping() {
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line)) {
    uint64_t begin = 0, end = 0, offset = 0;
    char path[4096] = "";
    if (sscanf(line.c_str(),
               "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %*s %4095s", &begin,
               &end, &offset, path) < 4) {
      continue;
    }
    const uint64_t code = address(ptz_sample_begin);
    if (code < begin || code >= end) continue;
    add(Mmap2Record{.pid = kTid,
                    .tid = kTid,
                    .address = begin,
                    .length = end - begin,
                    .file_offset = offset,
                    .build_id = {},
                    .protection = PROT_READ | PROT_EXEC,
                    .flags = MAP_PRIVATE,
                    .filename = path},
        kSidebandId, record_misc(abi::CpuMode::kUser));
    return;
  }
  FAIL() << "own mapping not found";
}

void FlowTest::add(const RecordBody& body, uint64_t id, uint16_t misc) {
  const SampleId sample_id = {
      .pid = kTid, .tid = kTid, .time = 1000, .id = id, .cpu = 0};
  Buffer bytes;
  RecordBuilder(RecordFormat::of(sideband_attr()))
      .append(bytes, body, sample_id, misc);
  writer().add_record(bytes);
}

Buffer FlowTest::encode(int passes) {
  Buffer bytes(1 << 20);
  pt::FlowEncoder encoder({.psb_period_bytes = 2048});
  encoder.set_buffer(bytes.data(), bytes.data() + bytes.size());
  encoder.enable(address(ptz_sample_begin), 2000);
  for (int i = 0; i < passes; ++i) {
    encoder.cond(true);
    encoder.cond(true);
    encoder.cond(false);
    encoder.call(address(ptz_sample_behind));
    encoder.ret(address(ptz_sample_behind));
    const bool last = i + 1 == passes;
    encoder.indirect(address(last ? ptz_sample_syscall : ptz_sample_begin));
    if (encoder.due() && !last) {
      encoder.maintain(address(ptz_sample_begin),
                       2000 + static_cast<uint64_t>(i));
    }
  }
  encoder.disable();
  bytes.resize(encoder.buffered());
  return bytes;
}

}  // namespace ptcap::formats::testing
