// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The kernel's code is every process's, from the trace's mappings that name
// none; it outlives an exec, and it changes.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "decode/cli/command.h"
#include "formats/perf/auxtrace_info.h"
#include "formats/perf/record_builder.h"
#include "formats/pt/packet_writer.h"
#include "formats/ptz/trace_writer.h"

namespace ptcap::decode {
namespace {

using Lines = std::vector<std::string>;

constexpr uint32_t kPmuType = 8;
constexpr uint64_t kTscBit = 1 << 10;
constexpr uint64_t kAddress = 0xffffffff81000000;
const std::vector<uint8_t> kThreeNops = {0x90, 0x90, 0x90, 0x90};
const std::vector<uint8_t> kOneNop = {0x0f, 0x1f, 0x00};

class KernelCodeTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("kernel_code." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    const int fd = ::open(path("t.ptz").c_str(),
                          O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    writer_.emplace(fd, path("t.ptz"), formats::TraceWriterOptions());
    format_.sample_type = kSampleType;
    format_.sample_id_all = true;
    format_.update();
    write_head();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* name) const { return folder_ / name; }

  void record(const formats::RecordBody& body, uint32_t pid, uint64_t time,
              uint16_t misc = 0) {
    formats::SampleId id;
    id.pid = id.tid = pid;
    id.time = time;
    id.id = 1;
    std::vector<uint8_t> bytes;
    formats::RecordBuilder(format_).append(bytes, body, id, misc);
    writer_->add_record(bytes);
  }

  void code(uint32_t pid, const std::vector<uint8_t>& bytes, uint64_t time) {
    formats::CodeMapping mapping;
    mapping.pid = pid;
    mapping.time_ns = time;
    mapping.address = kAddress;
    mapping.size = bytes.size();
    mapping.image = writer_->add_image(bytes);
    mapping.name = "[kernel.kallsyms]_text";
    writer_->add_code_mapping(mapping);
  }

  // A thread that runs the first three bytes of the kernel at each time.
  void thread(uint32_t idx, uint32_t pid, const std::vector<uint64_t>& times) {
    record(formats::CommRecord{pid, pid, "simulated"}, pid, 0);
    std::vector<uint8_t> bytes(1024);
    uint8_t* end = bytes.data();
    for (const uint64_t time : times) {
      uint64_t last_ip = 0;
      end = pt::put_psb(end);
      end = pt::put_tsc(end, time);
      end = pt::put_mode_exec(end, pt::kModeExec64);
      end = pt::put_psbend(end);
      end = pt::put_tip(end, pt::IpPacket::kTipPge, kAddress, last_ip);
      end = pt::put_tip(end, pt::IpPacket::kFup, kAddress + 3, last_ip);
      end = pt::put_ip(end, pt::IpPacket::kTipPgd,
                       pt::IpCompression::kSuppressed, 0);
    }
    formats::AuxChunk chunk;
    chunk.idx = idx;
    chunk.tid = pid;
    chunk.reference = 1;
    chunk.data1 = {bytes.data(), end};
    writer_->add_aux(chunk);
  }

  // "PID ADDRESS" of each instruction, or a message.
  Lines insns() {
    writer_->finish();
    EXPECT_EQ(ptdec_main({"insns", path("t.ptz"), "--no-text", "--format",
                          "tsv", "--force", "-o", path("rows")}),
              kExitOk);
    std::ifstream file(path("rows"));
    Lines lines;
    std::string line;
    std::getline(file, line);  // names of the columns
    while (std::getline(file, line)) {
      lines.push_back(line.substr(0, line.find('\t')) + " " +
                      line.substr(line.rfind('\t') + 1));
    }
    return lines;
  }

 private:
  static constexpr uint64_t kSampleType =
      abi::bits(abi::SampleType::kTid) | abi::bits(abi::SampleType::kTime) |
      abi::bits(abi::SampleType::kId) | abi::bits(abi::SampleType::kCpu) |
      abi::bits(abi::SampleType::kIdentifier);

  void add_records(formats::Bytes rest) {
    while (!rest.empty()) {
      const auto header = formats::parse_record_header(rest);
      writer_->add_record(rest.first(header.size));
      rest = rest.subspan(header.size);
    }
  }

  void write_head() {
    abi::perf_event_attr attr = {};
    attr.type = kPmuType;
    attr.config = 1 | kTscBit;
    attr.sample_type = kSampleType;
    attr.sample_id_all = 1;
    std::vector<uint8_t> head;
    formats::append_header_attr(head, attr, std::vector<uint64_t>{1});
    formats::IntelPtInfo info;
    info.pmu_type = kPmuType;
    info.tsc_bit = kTscBit;
    info.cap_user_time_zero = 1;
    info.time_mult = 1;
    formats::append_auxtrace_info(head, info);
    formats::TimeConvRecord clock;
    clock.time_mult = 1;
    formats::RecordBuilder().append(head, clock);
    formats::append_id_index(
        head, std::vector<formats::IdIndexEntry>{{1, 0, ~0ull, ~0ull}});
    add_records(head);
  }

  std::filesystem::path folder_;
  std::optional<formats::TraceWriter> writer_;
  formats::RecordFormat format_;
};

TEST_F(KernelCodeTest, IsThatOfEveryProcessAlsoBehindAnExec) {
  code(~0u, kThreeNops, 0);
  record(formats::CommRecord{101, 101, "other"}, 101, 5,
         formats::record_misc(abi::CpuMode::kUser, abi::RecordMisc::kCommExec));
  thread(0, 100, {10});
  thread(1, 101, {11});
  EXPECT_EQ(insns(), (Lines{"100 ffffffff81000000", "100 ffffffff81000001",
                            "100 ffffffff81000002", "101 ffffffff81000000",
                            "101 ffffffff81000001", "101 ffffffff81000002"}));
}

TEST_F(KernelCodeTest, OfAnotherProcessIsNot) {
  code(101, kThreeNops, 0);
  thread(0, 100, {10});
  EXPECT_EQ(insns(), Lines());
}

TEST_F(KernelCodeTest, ChangesForAllAtItsTime) {
  code(~0u, kThreeNops, 0);
  code(~0u, kOneNop, 20);
  thread(0, 100, {10, 30});
  thread(1, 101, {31});
  EXPECT_EQ(insns(), (Lines{"100 ffffffff81000000", "100 ffffffff81000001",
                            "100 ffffffff81000002", "100 ffffffff81000000",
                            "101 ffffffff81000000"}));
}

}  // namespace
}  // namespace ptcap::decode
