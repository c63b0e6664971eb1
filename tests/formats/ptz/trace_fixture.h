// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A small language for traces in tests: write one, damage it, read it.

#ifndef PTCAP_TESTS_FORMATS_PTZ_TRACE_FIXTURE_H_
#define PTCAP_TESTS_FORMATS_PTZ_TRACE_FIXTURE_H_

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "formats/io/byte_writer.h"
#include "formats/ptz/trace_reader.h"
#include "formats/ptz/trace_writer.h"

namespace ptcap::formats::testing {

// Keeps what it is told.
class Messages : public Reporter {
 public:
  void warn(const std::string& message) override { all.push_back(message); }
  std::vector<std::string> all;
};

// A COMM record without trailer.
Buffer comm_record(const std::string& name, uint32_t tid = 1);
// AUXTRACE_INFO of Intel PT.
Buffer intel_pt_info_record();

// PT bytes: a PSB+ with this TSC, then `tnts` packets of one byte, all
// different from stretch to stretch.
Buffer psb_stretch(uint64_t tsc, size_t tnts);

// What a reader finds in a trace.
struct Content {
  std::vector<std::string> comms;
  std::vector<uint32_t> other_types;  // of records that are no COMM
  std::map<uint32_t, Buffer> aux;     // by idx; pieces joined
  size_t mappings = 0;
  size_t images = 0;  // of the mappings, those that are whole
};
Content read_content(const TraceReader& reader);

class TraceTest : public ::testing::Test {
 protected:
  TraceTest();
  ~TraceTest() override;

  // Writing. The file is new with each fixture, and again with start().
  void start(const TraceWriterOptions& options = {});
  TraceWriter& writer() { return *writer_; }
  void comm(const std::string& name) { writer_->add_record(comm_record(name)); }
  // Appends to the stream, one chunk.
  void aux(uint32_t idx, const Buffer& bytes);
  void finish();
  // As if the program were killed: no finish().
  void abandon() { writer_.reset(); }

  // Damage.
  Buffer bytes() const;
  void set_bytes(const Buffer& bytes);
  void cut(size_t size);     // keeps the first `size` bytes
  void flip(size_t offset);  // one bit
  void drop(size_t offset, size_t count);

  // Reading.
  TraceReader& read();
  Content content() { return read_content(read()); }
  const std::vector<std::string>& messages() const { return messages_.all; }
  // What the constructor throws, "" if nothing.
  std::string read_error();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::unique_ptr<TraceWriter> writer_;
  std::map<uint32_t, uint64_t> aux_offsets_;
  Messages messages_;
  std::unique_ptr<TraceReader> reader_;
};

}  // namespace ptcap::formats::testing

#endif  // PTCAP_TESTS_FORMATS_PTZ_TRACE_FIXTURE_H_
