// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// One AUX stream of the trace: it decodes from every loss on, and accounts for
// each.

#ifndef PTCAP_CAPTURE_HARDWARE_AUX_STREAM_H_
#define PTCAP_CAPTURE_HARDWARE_AUX_STREAM_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "bindings/ring.h"
#include "formats/perf/record_builder.h"
#include "formats/pt/packet_writer.h"
#include "formats/ptz/ledger.h"
#include "formats/ptz/trace_writer.h"

namespace ptcap::capture {

// What one PERF_RECORD_AUX tells of, and its bytes in the ring. A piece of a
// PT stream begins and ends between packets.
struct AuxPiece {
  formats::AuxRecord record;
  formats::SampleId sample_id;
  uint16_t misc = 0;
  bindings::Slices bytes;
};

// Where streams go: the recorder, or a test.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  virtual void add_record(formats::Bytes record) = 0;
  virtual void add_aux(const formats::AuxChunk& chunk) = 0;
  virtual void add_loss(const formats::Loss& loss) = 0;
  virtual void add_synthetic(uint64_t bytes) = 0;
};

// Offsets in the stream count its own bytes, so the PERF_RECORD_AUX are written
// with other offsets than the kernel's. After a loss the hardware goes on in
// the middle of things, and a decoder would have to skip to the next PSB; so a
// PSB is put there, with the mode that the bytes before had (without it, libipt
// does not know how to read instructions).
class AuxStream {
 public:
  struct Identity {
    uint32_t idx = 0;
    uint32_t tid = ~0u;  // as in AUXTRACE
    uint32_t cpu = ~0u;
    bool is_pt = true;  // else BTS: no packets, nothing to insert
  };
  // `format` is that of the tracing event. The sink outlives this.
  AuxStream(const Identity& identity, const formats::RecordFormat& format,
            StreamSink& sink)
      : identity_(identity), builder_(format), sink_(&sink) {}

  // In the order produced. `reference` as in AUXTRACE.
  void append(const AuxPiece& piece, uint64_t reference);

  // The area was full behind the last piece, though its record does not say so:
  // the kernel has stopped the event instead.
  void note_full();

  // Bytes are missing behind the last piece, told of elsewhere.
  void note_hole() { after_loss_ = true; }

  // Bytes in front of the next piece were overwritten, told of elsewhere.
  void note_overwritten();

  // In another file, from its beginning: a PSB goes in front of the next piece.
  void begin_again();

  // No more pieces: what is known of the last loss.
  void finish() { close_loss(0); }

  uint32_t idx() const { return identity_.idx; }
  // Insertions included.
  uint64_t size() const { return size_; }
  uint64_t last_ns() const { return last_id_.time; }  // of the last piece

 private:
  void add_chunk(const bindings::Slices& bytes, uint64_t reference);
  void insert_psb(uint64_t reference);
  void write_record(const AuxPiece& piece, uint64_t begin);
  void write_mark(uint64_t flags);
  void open_loss(std::string detail, bool truncated);
  void close_loss(uint64_t end_ns);
  void follow_mode(const bindings::Slices& bytes);
  void scan_mode(formats::Bytes bytes, std::optional<uint64_t> from);
  void note_overflows(const AuxPiece& piece, uint64_t begin);

  Identity identity_;
  formats::RecordBuilder builder_;
  StreamSink* sink_;
  uint64_t size_ = 0;
  bool after_loss_ = false;
  formats::SampleId last_id_;  // of the last piece
  uint16_t last_misc_ = 0;     // likewise
  std::optional<formats::Loss> open_loss_;
  uint8_t mode_bits_ = pt::kModeExec64;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_AUX_STREAM_H_
