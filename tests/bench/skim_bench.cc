// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// skim_bench [TRACE]: how fast ptdec skim looks over a trace, from opening the
// file on, against a copy of as many bytes in memory. Without TRACE it writes
// one whose packets do not compress.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "bindings/abi/attr_constants.h"
#include "decode/skim/skim.h"
#include "formats/perf/auxtrace_info.h"
#include "formats/perf/record_builder.h"
#include "formats/pt/flow_encoder.h"
#include "formats/ptz/trace_writer.h"

namespace {

using namespace ptcap;

constexpr uint64_t kBytes = uint64_t{512} << 20;
constexpr int kRounds = 3;
constexpr uint32_t kPid = 1000;

class Quiet : public formats::Reporter {
 public:
  void warn(const std::string& message) override {
    std::fprintf(stderr, "%s\n", message.c_str());
  }
};

void add_records(formats::TraceWriter& writer) {
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
  builder.append(out, formats::ItraceStartRecord{kPid, kPid});
  formats::Bytes rest = out;
  while (!rest.empty()) {
    const auto size = formats::parse_record_header(rest).size;
    writer.add_record(rest.first(size));
    rest = rest.subspan(size);
  }
}

// Three of ten branches are indirect, as in an interpreter.
void write_trace(int fd, const std::string& path) {
  formats::TraceWriter writer(fd, path, {});
  add_records(writer);
  std::vector<uint8_t> buffer(1 << 16);
  pt::FlowEncoder encoder({.psb_period_bytes = 1 << 14});
  encoder.set_buffer(buffer.data(), buffer.data() + buffer.size());
  std::mt19937_64 random(1);
  uint64_t tsc = 1'000'000;
  encoder.enable(0x401000, tsc);
  while (encoder.position() < kBytes) {
    const uint64_t bits = random();
    if (bits % 10 < 3) {
      encoder.indirect(0x401000 + (bits >> 8) % 0x100000);
    } else {
      encoder.cond((bits & 0x100) != 0);
    }
    if (encoder.due() && !encoder.full()) encoder.maintain(0x401000, ++tsc);
    if (!encoder.full()) continue;
    formats::AuxChunk chunk;
    chunk.tid = kPid;
    chunk.offset = encoder.position() - encoder.buffered();
    chunk.data1 = {buffer.data(), encoder.buffered()};
    writer.add_aux(chunk);
    encoder.set_buffer(buffer.data(), buffer.data() + buffer.size());
  }
  writer.finish();
}

uint64_t skim_all(const std::string& path) {
  Quiet reporter;
  decode::Trace trace(path, {}, reporter);
  decode::Names names(trace, {}, reporter);
  decode::SeenFunctions seen;
  std::vector<const decode::TraceStream*> streams;
  for (const decode::TraceStream& stream : trace.streams()) {
    streams.push_back(&stream);
  }
  const auto all = [](const decode::TraceStream&) { return true; };
  return decode::skim(trace, streams, all, names, seen, {}).bytes;
}

double best_seconds(const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < kRounds; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - begin;
    best = std::min(best, taken.count());
  }
  return best;
}

void compare(const std::string& path) {
  uint64_t bytes = 0;
  const double skimmed = best_seconds([&] { bytes = skim_all(path); });
  std::vector<char> from(size_t{64} << 20, 1);
  std::vector<char> to(from.size());
  const double copied = best_seconds([&] {
    for (uint64_t done = 0; done < bytes; done += from.size()) {
      std::memcpy(to.data(), from.data(),
                  std::min<uint64_t>(from.size(), bytes - done));
      from[0] = to[1];
    }
  });
  const auto size = static_cast<double>(bytes);
  std::printf(
      "%.0f MB of PT: skim %.2f GB/s in %.3f s, memcpy %.2f GB/s; "
      "%.2f of memcpy\n",
      size / 1e6, size / skimmed / 1e9, skimmed, size / copied / 1e9,
      copied / skimmed);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    compare(argv[1]);
    return 0;
  }
  std::string path =
      (std::filesystem::temp_directory_path() / "skim_bench.XXXXXX").string();
  const int fd = mkstemp(path.data());
  if (fd < 0) return 1;
  write_trace(fd, path);
  compare(path);
  unlink(path.c_str());
}
