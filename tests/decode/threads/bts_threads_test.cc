// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// BTS has no time: AUX records say whose the branches of a CPU are, and in
// which order a thread made them.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "decode/cli/command.h"
#include "formats/perf/auxtrace_info.h"
#include "formats/perf/record_builder.h"
#include "formats/ptz/trace_writer.h"

namespace ptcap::decode {
namespace {

constexpr uint32_t kPmuType = 9;
constexpr uint64_t kTraceId = 1;
constexpr uint64_t kCode = 0x401000;

// call 401010; call 401010; jmp 401000 ... ret
constexpr uint8_t kProgram[] = {0xe8, 0x0b, 0,    0,    0,    0xe8,
                                0x06, 0,    0,    0,    0xeb, 0xf4,
                                0x90, 0x90, 0x90, 0x90, 0x90, 0xc3};

class BtsThreads : public testing::Test {
 protected:
  BtsThreads()
      : folder_(std::filesystem::temp_directory_path() /
                ("bts_threads." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    format_.sample_type = abi::bits(abi::SampleType::kTid) |
                          abi::bits(abi::SampleType::kTime) |
                          abi::bits(abi::SampleType::kCpu) |
                          abi::bits(abi::SampleType::kIdentifier);
    format_.sample_id_all = true;
    format_.update();
  }
  ~BtsThreads() override { std::filesystem::remove_all(folder_); }

  struct Branch {
    uint64_t from = 0, to = 0, flags = 0;
  };

  // The thread made these on that CPU and left it then.
  void ran(uint32_t cpu, uint32_t tid, uint64_t until,
           const std::vector<Branch>& branches) {
    std::vector<uint8_t>& bytes = aux_[cpu];
    const uint64_t begin = bytes.size();
    bytes.resize(begin + branches.size() * sizeof(Branch));
    std::memcpy(bytes.data() + begin, branches.data(), bytes.size() - begin);
    formats::SampleId id;
    id.pid = tid;
    id.tid = tid;
    id.time = until;
    id.cpu = cpu;
    id.id = kTraceId;
    formats::RecordBuilder(format_).append(
        records_, formats::AuxRecord{begin, bytes.size() - begin, 0}, id, 0);
  }

  std::vector<std::string> rows(const char* command) {
    write();
    const std::string out = folder_ / "rows";
    EXPECT_EQ(
        ptdec_main({command, path(), "--format", "tsv", "--force", "-o", out}),
        kExitOk);
    std::ifstream file(out);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    lines.erase(lines.begin());
    return lines;
  }

 private:
  std::string path() const { return folder_ / "t.ptz"; }

  void write() {
    const int fd =
        ::open(path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    formats::TraceWriter writer(fd, path(), {});
    std::vector<uint8_t> head;
    abi::perf_event_attr attr = {};
    attr.type = kPmuType;
    attr.sample_type = format_.sample_type;
    attr.sample_id_all = 1;
    formats::append_header_attr(head, attr, std::vector<uint64_t>{kTraceId});
    formats::IntelBtsInfo info;
    info.pmu_type = kPmuType;
    formats::append_auxtrace_info(head, info);
    formats::append_id_index(
        head, std::vector<formats::IdIndexEntry>{{kTraceId, 0, ~0ull, 7}});
    for (formats::Bytes rest :
         {formats::Bytes(head), formats::Bytes(records_)}) {
      while (!rest.empty()) {
        const auto header = formats::parse_record_header(rest);
        writer.add_record(rest.first(header.size));
        rest = rest.subspan(header.size);
      }
    }
    for (const uint32_t pid : {7u, 8u}) {
      formats::CodeMapping mapping;
      mapping.pid = pid;
      mapping.address = kCode;
      mapping.size = sizeof(kProgram);
      mapping.image = writer.add_image(kProgram);
      mapping.name = "program";
      writer.add_code_mapping(mapping);
    }
    for (uint32_t cpu = 0; cpu < 2; ++cpu) {
      formats::AuxChunk chunk;
      chunk.idx = cpu;
      chunk.tid = ~0u;
      chunk.cpu = cpu;
      chunk.data1 = aux_[cpu];
      writer.add_aux(chunk);
    }
    writer.finish();
  }

  std::filesystem::path folder_;
  formats::RecordFormat format_;
  std::vector<uint8_t> records_;
  std::vector<uint8_t> aux_[2];
};

constexpr uint64_t kFunction = kCode + 0x10;

TEST_F(BtsThreads, RowsOfAThreadAreInTheOrderThatItRanIn) {
  ran(0, 7, 100, {{kCode, kFunction}});
  ran(1, 8, 150, {{kCode + 10, kCode}});
  ran(1, 7, 200, {{kFunction + 1, kCode + 5}, {kCode + 5, kFunction}});
  ran(0, 7, 300, {{kFunction + 1, kCode + 10}});
  EXPECT_EQ(
      rows("branches"),
      (std::vector<std::string>{
          "7\t7\t0\t\t\t401000\ton\t", "7\t7\t0\t\t401000\t401010\tcall\t",
          "7\t7\t0\t\t401010\t\toff\tswitch", "8\t8\t1\t\t\t40100a\ton\t",
          "8\t8\t1\t\t40100a\t401000\tjmp\t",
          "8\t8\t1\t\t401000\t\toff\tswitch", "7\t7\t1\t\t\t401011\ton\t",
          "7\t7\t1\t\t401011\t401005\tret\t",
          "7\t7\t1\t\t401005\t401010\tcall\t", "7\t7\t1\t\t401005\t\toff\tend",
          "7\t7\t0\t\t\t401011\ton\t", "7\t7\t0\t\t401011\t40100a\tret\t",
          "7\t7\t0\t\t401011\t\toff\tend"}));
}

TEST_F(BtsThreads, AThreadThatMovesKeepsItsStack) {
  ran(0, 7, 100, {{kCode, kFunction}});
  ran(1, 8, 150, {{kCode + 10, kCode}});
  ran(1, 7, 200, {{kFunction + 1, kCode + 5}, {kCode + 5, kFunction}});
  ran(0, 7, 300, {{kFunction + 1, kCode + 10}});
  size_t returned = 0;
  for (const std::string& row : rows("calls")) {
    returned += row.find("\tcall\treturn\t") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(returned, 2u);
}

}  // namespace
}  // namespace ptcap::decode
