// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/formats/ptz/trace_fixture.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "formats/perf/auxtrace_info.h"
#include "formats/perf/record_builder.h"
#include "formats/pt/packet_writer.h"

namespace ptcap::formats::testing {

namespace {

// ctest runs cases side by side.
std::string unique_path() {
  std::string name = ::testing::TempDir() + "trace.XXXXXX";
  const int fd = mkstemp(name.data());
  EXPECT_GE(fd, 0);
  close(fd);
  return name;
}

}  // namespace

Buffer comm_record(const std::string& name, uint32_t tid) {
  Buffer bytes;
  RecordBuilder().append(bytes, CommRecord{.pid = 1, .tid = tid, .comm = name});
  return bytes;
}

Buffer intel_pt_info_record() {
  Buffer bytes;
  append_auxtrace_info(bytes, IntelPtInfo{});
  return bytes;
}

Buffer psb_stretch(uint64_t tsc, size_t tnts) {
  Buffer bytes(pt::kPsbSize + 8 + 2);
  uint8_t* at = pt::put_psb(bytes.data());
  at = pt::put_tsc(at, tsc);
  pt::put_psbend(at);
  uint64_t state = tsc;
  for (size_t i = 0; i < tnts; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    bytes.push_back(static_cast<uint8_t>(4 | (state >> 60) << 3));
  }
  return bytes;
}

Content read_content(const TraceReader& reader) {
  Content content;
  reader.for_each_record([&](Bytes bytes, uint64_t offset) {
    const Record record = parse_record(bytes, RecordFormat{}, offset);
    if (const auto* comm = std::get_if<CommRecord>(&record.body)) {
      content.comms.emplace_back(comm->comm);
    } else {
      content.other_types.push_back(record.header.type);
    }
  });
  for (const AuxStream& stream : reader.aux_streams()) {
    Buffer& all = content.aux[stream.idx];
    for (const AuxPiece& piece : stream.pieces) {
      Buffer bytes(piece.size);
      bytes.resize(reader.read_aux(stream, piece.offset, bytes));
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
  }
  for (const CodeMapping& mapping : reader.code_mappings()) {
    ++content.mappings;
    if (reader.image(mapping.image)) ++content.images;
  }
  return content;
}

TraceTest::TraceTest() : path_(unique_path()) {}
TraceTest::~TraceTest() { unlink(path_.c_str()); }

void TraceTest::start(const TraceWriterOptions& options) {
  aux_offsets_.clear();
  const int fd = open(path_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  reader_.reset();
  writer_ = std::make_unique<TraceWriter>(fd, path_, options);
}

void TraceTest::aux(uint32_t idx, const Buffer& bytes) {
  uint64_t& offset = aux_offsets_[idx];
  writer_->add_aux(
      {.idx = idx, .tid = idx + 100, .offset = offset, .data1 = bytes});
  offset += bytes.size();
}

void TraceTest::finish() {
  writer_->finish();
  writer_.reset();
}

Buffer TraceTest::bytes() const {
  std::ifstream in(path_, std::ios::binary);
  return Buffer(std::istreambuf_iterator<char>(in), {});
}

// Not by O_TRUNC: ext4 then waits for the disk, thousands of times.
void TraceTest::set_bytes(const Buffer& bytes) {
  const int fd = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(pwrite(fd, bytes.data(), bytes.size(), 0),
            static_cast<ssize_t>(bytes.size()));
  ASSERT_EQ(ftruncate(fd, static_cast<off_t>(bytes.size())), 0);
  close(fd);
}

void TraceTest::cut(size_t size) {
  ASSERT_EQ(truncate(path_.c_str(), static_cast<off_t>(size)), 0);
}

void TraceTest::flip(size_t offset) {
  Buffer all = bytes();
  ASSERT_LT(offset, all.size());
  all[offset] ^= 0x10;
  set_bytes(all);
}

void TraceTest::drop(size_t offset, size_t count) {
  Buffer all = bytes();
  ASSERT_LE(offset + count, all.size());
  const auto begin = all.begin() + static_cast<ptrdiff_t>(offset);
  all.erase(begin, begin + static_cast<ptrdiff_t>(count));
  set_bytes(all);
}

TraceReader& TraceTest::read() {
  messages_.all.clear();
  reader_ = std::make_unique<TraceReader>(path_, messages_);
  return *reader_;
}

std::string TraceTest::read_error() {
  try {
    read();
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace ptcap::formats::testing
