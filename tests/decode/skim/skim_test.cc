// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Skimming finds what is where, whether it reads all of a trace or little.

#include "decode/skim/skim.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "bindings/abi/attr_constants.h"
#include "formats/perf/auxtrace_info.h"
#include "formats/perf/record_builder.h"
#include "formats/pt/flow_encoder.h"
#include "formats/ptz/trace_writer.h"
#include "tests/decode/threads/cpu_trace.h"

namespace ptcap::decode {
namespace {

constexpr uint32_t kPid = 10;

class Problems : public formats::Reporter {
 public:
  void warn(const std::string& message) override { text += message + "\n"; }
  std::string text;
};

// Threads that run from `begin` to `end` at one address each, a TIP and a TSC
// for each step of time.
class TraceFile {
 public:
  explicit TraceFile(const std::string& path)
      : writer_(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600), path,
                {.frame_size_bytes = 1 << 14}) {
    std::vector<uint8_t> out;
    formats::IntelPtInfo info;
    info.pmu_type = 8;
    abi::perf_event_attr attr = {};
    attr.type = 8;
    attr.config = info.tsc_bit;
    formats::append_header_attr(out, attr, std::array{uint64_t{1}});
    formats::append_auxtrace_info(out, info);
    formats::RecordBuilder builder;
    builder.append(out, formats::TimeConvRecord{.time_mult = 1});
    for (const uint32_t tid : {10u, 11u}) {
      builder.append(out, formats::ItraceStartRecord{kPid, tid});
    }
    add(out);
  }

  void map(uint64_t address, const std::string& name) {
    formats::RecordBuilder builder;
    std::vector<uint8_t> out;
    formats::Mmap2Record record;
    record.pid = kPid;
    record.tid = kPid;
    record.address = address;
    record.length = 0x1000;
    record.protection = 4;
    record.filename = name;
    builder.append(out, record);
    add(out);
  }

  void run(uint32_t tid, uint64_t begin, uint64_t end, uint64_t ip) {
    Stream& stream = streams_[tid];
    std::vector<uint8_t> buffer(8 << 20);
    stream.encoder.set_buffer(buffer.data(), buffer.data() + buffer.size());
    stream.encoder.enable(ip, begin);
    for (uint64_t time = begin; time < end; ++time) {
      stream.encoder.indirect(ip);
      if (stream.encoder.due()) stream.encoder.maintain(ip, time);
    }
    stream.encoder.async_disable(ip);
    formats::AuxChunk chunk;
    chunk.idx = tid;
    chunk.tid = tid;
    chunk.offset =
        stream.skipped + stream.encoder.position() - stream.encoder.buffered();
    chunk.data1 = {buffer.data(), stream.encoder.buffered()};
    writer_.add_aux(chunk);
    stream.bytes += chunk.data1.size();
  }

  void lose(uint32_t tid, uint64_t bytes, uint64_t time) {
    formats::Loss loss;
    loss.cause = formats::LossCause::kAuxTruncated;
    loss.idx = tid;
    loss.tid = tid;
    loss.bytes = bytes;
    loss.begin_ns = loss.end_ns = time;
    writer_.add_loss(loss);
    streams_[tid].skipped += bytes;
  }

  uint64_t bytes(uint32_t tid) { return streams_[tid].bytes; }
  void finish() { writer_.finish(); }

 private:
  struct Stream {
    pt::FlowEncoder encoder{{.psb_period_bytes = 1 << 11}};
    uint64_t bytes = 0;
    uint64_t skipped = 0;
  };

  void add(const std::vector<uint8_t>& out) {
    formats::Bytes rest = out;
    while (!rest.empty()) {
      const auto size = formats::parse_record_header(rest).size;
      writer_.add_record(rest.first(size));
      rest = rest.subspan(size);
    }
  }

  formats::TraceWriter writer_;
  std::map<uint32_t, Stream> streams_;
};

class SkimTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() /
            ("skim_test." + std::to_string(getpid()) + ".ptz");
  }
  void TearDown() override { std::filesystem::remove(path_); }

  const Skim& look(const SkimOptions& options) {
    trace_ = std::make_unique<Trace>(path_, TraceOptions(), problems_);
    names_ = std::make_unique<Names>(*trace_, SymbolOptions(), problems_);
    std::vector<const TraceStream*> streams;
    for (const TraceStream& stream : trace_->streams()) {
      streams.push_back(&stream);
    }
    result_ = skim(
        *trace_, streams, [](const TraceStream&) { return true; }, *names_,
        seen_, options);
    return result_;
  }

  const SkimThread& thread(uint32_t tid) const {
    for (const SkimThread& thread : result_.threads) {
      if (thread.tid == tid) return thread;
    }
    throw std::runtime_error("no thread " + std::to_string(tid));
  }

  // "....aabb": the module with most bytes in each bucket, ' ' without bytes,
  // '.' with bytes that nothing is known of.
  std::string picture(uint32_t tid) const {
    std::string text;
    for (const SkimCell& cell : thread(tid).cells) {
      char shown = cell.bytes == 0 ? ' ' : '.';
      uint64_t most = 0;
      for (const auto& [function, bytes] : cell.functions) {
        if (bytes <= most) continue;
        most = bytes;
        shown = seen_.functions()[function].module[0];
      }
      text += shown;
    }
    return text;
  }

  static uint64_t sum(const SkimThread& thread) {
    uint64_t bytes = 0;
    for (const SkimCell& cell : thread.cells) bytes += cell.bytes;
    return bytes;
  }

  std::string path_;
  Problems problems_;
  std::unique_ptr<Trace> trace_;
  std::unique_ptr<Names> names_;
  SeenFunctions seen_;
  Skim result_;
};

TEST_F(SkimTest, ThreadsAndModulesAreWhereTheyRan) {
  TraceFile file(path_);
  file.map(0x10000, "/a");
  file.map(0x20000, "/b");
  file.run(10, 1'000'000, 1'400'000, 0x10010);
  file.run(10, 1'400'000, 2'000'000, 0x20010);
  file.run(11, 1'200'000, 1'480'000, 0x20010);
  file.finish();

  // Little of it or all: the same picture.
  for (const uint64_t limit : {uint64_t{1} << 12, uint64_t{1} << 30}) {
    const Skim& all = look(
        {.buckets = 10, .read_limit_bytes = limit, .open_limit_bytes = limit});
    EXPECT_EQ(picture(10), "aaaabbbbbb");
    EXPECT_EQ(picture(11), "  bbb     ");
    EXPECT_EQ(sum(thread(10)), file.bytes(10));
    EXPECT_EQ(sum(thread(11)), file.bytes(11));
    EXPECT_EQ(all.bytes, file.bytes(10) + file.bytes(11));
    if (limit > all.bytes) {
      EXPECT_GT(all.seen_bytes, all.bytes * 95 / 100);
    } else {
      EXPECT_LT(all.seen_bytes, all.bytes / 2);
    }
    EXPECT_LE(all.seen_bytes, all.bytes);
  }
  EXPECT_EQ(problems_.text, "");
}

TEST_F(SkimTest, ATimeRangeIsAllThereIs) {
  TraceFile file(path_);
  file.map(0x10000, "/a");
  file.map(0x20000, "/b");
  file.run(10, 1'000'000, 1'400'000, 0x10010);
  file.run(10, 1'400'000, 2'000'000, 0x20010);
  file.finish();
  const Skim& part =
      look({.buckets = 8, .begin_ns = 1'300'000, .end_ns = 1'500'000});
  EXPECT_EQ(picture(10), "aaaabbbb");
  EXPECT_NEAR(static_cast<double>(part.bytes),
              static_cast<double>(file.bytes(10)) / 5,
              static_cast<double>(file.bytes(10)) / 100);
}

TEST_F(SkimTest, LossesAreWhereTheyHappened) {
  TraceFile file(path_);
  file.run(10, 1'000'000, 1'300'000, 0x10010);
  file.lose(10, 4096, 1'350'000);
  file.run(10, 1'500'000, 2'000'000, 0x10010);
  file.finish();
  look({.buckets = 10});
  const SkimThread& thread = this->thread(10);
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(thread.cells[i].losses, i == 3 ? 1u : 0u) << i;
    EXPECT_EQ(thread.cells[i].lost_bytes, i == 3 ? 4096u : 0u) << i;
  }
}

TEST_F(SkimTest, ATracePerCpuIsOneOfThreads) {
  const CpuTrace truth = write_cpu_trace(path_, {});
  const Skim& all = look({.buckets = 50});
  uint64_t bytes = 0;
  for (const formats::AuxStream& stream : trace_->reader().aux_streams()) {
    for (const formats::AuxPiece& piece : stream.pieces) bytes += piece.size;
  }
  EXPECT_EQ(all.bytes, bytes);
  for (const auto& [tid, rows] : truth.rows) {
    EXPECT_GT(sum(thread(tid)), 0u) << tid;
  }
  for (const SkimThread& thread : all.threads) {
    EXPECT_EQ(sum(thread), thread.bytes);
    EXPECT_TRUE(thread.tid && truth.rows.contains(*thread.tid))
        << thread.tid.value_or(~0u) << ": " << thread.bytes;
  }
}

}  // namespace
}  // namespace ptcap::decode
