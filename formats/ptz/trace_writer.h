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
  uint64_t frame_size_bytes = 1 << 20;  // of content, 4 KiB to 4 MiB
  // Of AUX data that waits for a full frame, all streams together. Beyond it
  // the largest streams get smaller frames.
  uint64_t buffer_limit_bytes = 64 << 20;
  // That compress data frames; 0: the writer's own thread does.
  unsigned threads = 0;
  // Of the header frame, for people.
  std::string creator = "ptcap";
};

// AUX bytes of one stream (one thread or one CPU), in the order produced.
// `data1` and `data2` are the two slices of a ring; either may be empty. They
// are copied before add_aux() returns. For a PT stream the chunk ends where a
// packet does, unless a loss follows.
struct AuxChunk {
  uint32_t idx = 0;     // number of the stream, as in AUXTRACE
  uint32_t tid = 0;     // ~0u if per CPU
  uint32_t cpu = ~0u;   // ~0u if per thread
  uint64_t offset = 0;  // of data1 in the stream; contiguous, or a loss
  // As in AUXTRACE: the TSC when it was taken. perf takes the top 8 bits of the
  // TSC packets from it, and none of them if it is 0 (which is stored as 1).
  uint64_t reference = 0;
  Bytes data1, data2;
};

// One writer, one thread. Works on a pipe: nothing is read or overwritten.
//
// Every method throws std::system_error naming the file when it cannot be
// written; after that only the destructor may be called, and what was written
// stays readable. Without finish() (a crash) a reader finds the frames by
// scanning; what was not yet in a frame is lost.
class TraceWriter {
 public:
  // Takes the descriptor (a file or a pipe); `path` is for messages. Writes
  // the header frame.
  TraceWriter(int fd, std::string path, const TraceWriterOptions& options);
  ~TraceWriter();  // does not finish()

  // One whole perf record (header included), kernel or user kind; not
  // AUXTRACE. Kept in order, in frames of kind "records", each of which is
  // written before the AUX data that was added after its records. A kind that
  // perf does not know (DESIGN, section 3) goes into a skippable frame.
  // HEADER_TRACING_DATA comes with the data that follows it. Throws
  // std::invalid_argument where the size in the header is not that of `record`.
  void add_record(Bytes record);

  // Buffered per stream until a frame is full, cut at a PSB where there is
  // one. The PERF_RECORD_AUX that belongs to it is the caller's. Throws
  // std::invalid_argument where `offset` is before the end of the last chunk.
  void add_aux(const AuxChunk& chunk);
  // No more chunks of this stream: writes what is buffered of it, and frees
  // the memory. For short-lived threads.
  void end_stream(uint32_t idx);

  // Stores `bytes` once, whatever the number of calls. REQUIRES: at most
  // 1 GiB.
  ImageId add_image(Bytes bytes);
  void add_code_mapping(const CodeMapping& mapping);

  // Ledger entries; see formats/ptz/ledger.h.
  void add_loss(const Loss& loss);
  void add_synthetic(uint64_t bytes);
  // What the source itself counted. Without it, the sum of what the offsets
  // of the streams span, less what is synthetic.
  void set_produced(uint64_t bytes);

  // Of the frames from here on; 0 stores raw blocks.
  void set_level(int level);

  // Writes what is buffered as whole frames, so that a crash after it loses
  // nothing before it.
  void flush();

  // flush(), then ledger, index and seek table, and closes the file. Once,
  // last.
  void finish();

  // In the file, so far; with threads, without what they still hold.
  uint64_t bytes_written() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PTZ_TRACE_WRITER_H_
