// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From the AUX bytes of one ring to a stream of the trace that decodes from
// every loss on, and accounts for each.

#ifndef PTCAP_CAPTURE_HARDWARE_AUX_STREAM_H_
#define PTCAP_CAPTURE_HARDWARE_AUX_STREAM_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "bindings/ring.h"
#include "formats/perf/record.h"
#include "formats/perf/record_builder.h"
#include "formats/pt/packet_writer.h"
#include "formats/ptz/ledger.h"
#include "formats/ptz/trace_writer.h"

namespace ptcap::capture {

// Where the stream goes: the recorder, or a test.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  virtual void add_record(formats::Bytes record) = 0;
  virtual void add_aux(const formats::AuxChunk& chunk) = 0;
  virtual void add_loss(const formats::Loss& loss) = 0;
  virtual void add_synthetic(uint64_t bytes) = 0;
};

// Offsets in the stream are the kernel's plus what was inserted so far. After
// a loss the hardware goes on in the middle of things, and a decoder would have
// to skip to the next PSB; so a PSB is put there, with the mode that the bytes
// before had (without it, libipt does not know how to read instructions), and
// the PERF_RECORD_AUX that follow are moved along.
class AuxStream {
 public:
  struct Identity {
    uint32_t idx = 0;
    uint32_t tid = ~0u;  // as in AUXTRACE
    uint32_t cpu = ~0u;
    bool is_pt = true;  // else BTS: no packets, nothing to insert
  };
  // `format` is that of the tracing event.
  AuxStream(const Identity& identity, const formats::RecordFormat& format,
            StreamSink& sink)
      : identity_(identity), builder_(format), sink_(sink) {}

  // A PERF_RECORD_AUX of this ring, in the order of the data ring.
  void note_record(const formats::Record& record);

  // The bytes from position() on. REQUIRES: the AUX records that tell of them
  // have been noted. Returns whether tracing has stopped in them for want of
  // room.
  bool take(bindings::Slices bytes, uint64_t time_ns);

  // No more bytes: what is known of the last loss.
  void finish();

  // The kernel's offset up to which bytes have been taken.
  uint64_t position() const { return position_; }

 private:
  struct PendingRecord {
    formats::AuxRecord body;
    formats::SampleId sample_id;
    uint16_t misc = 0;
  };

  void emit(const bindings::Slices& bytes, uint64_t time_ns);
  void begin_region(const bindings::Slices& bytes, uint64_t time_ns);
  void write_record(const PendingRecord& record, uint64_t begin);
  void note_flags(const PendingRecord& record);
  void close_loss(uint64_t end_ns);
  void follow_mode(const bindings::Slices& bytes);
  void scan_mode(formats::Bytes bytes, std::optional<uint64_t> from);

  Identity identity_;
  formats::RecordBuilder builder_;
  StreamSink& sink_;
  std::deque<PendingRecord> pending_;
  uint64_t position_ = 0;
  uint64_t inserted_ = 0;
  bool after_loss_ = false;
  std::optional<formats::Loss> open_loss_;
  uint8_t mode_bits_ = pt::kModeExec64;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_AUX_STREAM_H_
