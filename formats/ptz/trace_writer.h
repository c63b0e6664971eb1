// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Writes a .ptz trace: see formats/FORMAT.md for the bytes.

#ifndef PTCAP_FORMATS_PTZ_TRACE_WRITER_H_
#define PTCAP_FORMATS_PTZ_TRACE_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "formats/io/byte_reader.h"
#include "formats/ptz/code_mapping.h"
#include "formats/ptz/ledger.h"

namespace ptcap::formats {

struct TraceWriterOptions {
  int level = 1;                        // zstd; 0 stores raw blocks
  uint64_t frame_size_bytes = 1 << 20;  // of content, at most 4 MiB
};

// AUX bytes of one stream (one thread or one CPU), in the order produced.
// `data1` and `data2` are the two slices of a ring; either may be empty. They
// are copied or compressed before add_aux() returns.
struct AuxChunk {
  uint32_t idx = 0;        // number of the stream, as in AUXTRACE
  uint32_t tid = 0;        // ~0u if per CPU
  uint32_t cpu = ~0u;      // ~0u if per thread
  uint64_t offset = 0;     // of data1 in the stream; contiguous, or a loss
  uint64_t reference = 0;  // as in AUXTRACE: the time it was taken
  Bytes data1, data2;
};

// One writer, one thread. Every method throws std::system_error naming the
// file when it cannot be written; after that only the destructor may be
// called, and what was written stays readable.
class TraceWriter {
 public:
  // Takes the descriptor (a file or a pipe); `path` is for messages.
  TraceWriter(int fd, std::string path, const TraceWriterOptions& options);
  ~TraceWriter();  // does not finish()

  // One whole perf record (header included), kernel or user kind; not
  // AUXTRACE. Kept in order, in frames of kind "records". A kind that perf
  // does not know (DESIGN, section 3) goes into a skippable frame.
  void add_record(Bytes record);

  // Buffered per stream until a frame is full, cut at a PSB where there is
  // one. The PERF_RECORD_AUX that belongs to it is the caller's.
  void add_aux(const AuxChunk& chunk);

  // Stores `bytes` once, whatever the number of calls.
  ImageId add_image(Bytes bytes);
  void add_code_mapping(const CodeMapping& mapping);

  // Ledger entries; see formats/ptz/ledger.h.
  void add_loss(const Loss& loss);
  void add_synthetic(uint64_t bytes);

  // Writes what is buffered as whole frames, so that a crash after it loses
  // nothing before it.
  void flush();

  // flush(), then ledger, index and seek table. Once, last.
  void finish();

  uint64_t bytes_written() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PTZ_TRACE_WRITER_H_
