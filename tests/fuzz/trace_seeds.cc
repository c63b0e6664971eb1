// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// trace_seeds DIRECTORY: small traces to start fuzzing from.

#include <fcntl.h>

#include <array>
#include <cstdio>
#include <string>

#include "formats/perf/auxtrace_info.h"
#include "formats/perf/record_builder.h"
#include "formats/perf_data/perf_data_writer.h"
#include "formats/pt/packet_writer.h"
#include "formats/ptz/trace_writer.h"

namespace ptcap::formats {
namespace {

Buffer psb_plus() {
  Buffer bytes(pt::kPsbSize + 8 + 2);
  uint8_t* at = pt::put_psb(bytes.data());
  at = pt::put_tsc(at, 1234);
  pt::put_psbend(at);
  return bytes;
}

Buffer comm() {
  Buffer bytes;
  RecordBuilder().append(bytes, CommRecord{.pid = 1, .tid = 1, .comm = "c"});
  return bytes;
}

int create(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

void write_ptz(const std::string& path, int level, bool finished) {
  TraceWriter writer(create(path), path, {.level = level, .creator = ""});
  Buffer attr;
  append_header_attr(attr, {.type = 8}, std::array<uint64_t, 2>{1, 2});
  writer.add_record(attr);
  Buffer info;
  append_auxtrace_info(info, IntelPtInfo{});
  writer.add_record(info);
  writer.add_record(comm());
  const Buffer aux = psb_plus();
  writer.add_aux({.idx = 1, .tid = 2, .data1 = aux, .data2 = aux});
  writer.add_code_mapping(
      {.pid = 1, .size = 3, .image = writer.add_image(info), .name = "x"});
  writer.add_loss({.bytes = 7, .detail = "d"});
  if (finished) {
    writer.finish();
  } else {
    writer.flush();
  }
}

void write_pipe(const std::string& path) {
  Buffer bytes;
  append_pipe_header(bytes);
  const Buffer record = comm();
  bytes.insert(bytes.end(), record.begin(), record.end());
  RecordBuilder().append(bytes, AuxtraceRecord{.size = 32});
  bytes.resize(bytes.size() + 32);
  FILE* file = fopen(path.c_str(), "we");
  fwrite(bytes.data(), 1, bytes.size(), file);
  fclose(file);
}

class Silent : public Reporter {
 public:
  void warn(const std::string&) override {}
};

void write_file(const std::string& path, const std::string& from) {
  Silent silent;
  const TraceReader trace(from, silent);
  write_perf_data(trace, create(path), path, PerfDataForm::kFile);
}

}  // namespace
}  // namespace ptcap::formats

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string directory = std::string(argv[1]) + "/";
  using namespace ptcap::formats;
  write_ptz(directory + "raw.ptz", 0, true);
  write_ptz(directory + "packed.ptz", 1, true);
  write_ptz(directory + "cut.ptz", 0, false);
  write_pipe(directory + "pipe.data");
  write_file(directory + "file.data", directory + "raw.ptz");
}
