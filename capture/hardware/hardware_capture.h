// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From the kernel's buffers to the recorder: what is drained when, and when the
// kernel may have the room back.

#ifndef PTCAP_CAPTURE_HARDWARE_HARDWARE_CAPTURE_H_
#define PTCAP_CAPTURE_HARDWARE_HARDWARE_CAPTURE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "capture/hardware/aux_stream.h"
#include "capture/hardware/mapped_code.h"
#include "capture/hardware/ring_set.h"
#include "capture/recorder.h"

namespace ptcap::capture {

// One thread. The rings and the recorder outlive it.
class HardwareCapture : private StreamSink {
 public:
  // `format` is that of both events.
  HardwareCapture(Rings& rings, const formats::RecordFormat& format, bool is_pt,
                  Recorder& recorder);

  // What existed before the events did: names, code. For attached targets,
  // when their sideband records are already on their way.
  void record_existing(const std::vector<pid_t>& pids);

  // Takes everything that is there, writes it, and only then gives the room
  // back to the kernel: the bytes are in the file or still in the buffer,
  // whatever happens to ptcap. Tracing that stopped for want of room goes on.
  void drain();

  // After an end: the last bytes (events are disabled).
  void finish();

  // Whether overruns are to be followed by a restart: not after a stop.
  void set_tracing(bool on) { tracing_ = on; }

  MappedCode& code() { return code_; }

 private:
  struct Buffer {
    TraceRing* ring;
    AuxStream stream;
    bool stopped = false;
  };

  void drain_records(Buffer& buffer);
  void take_aux(Buffer& buffer);
  void handle_record(Buffer& buffer, formats::Bytes bytes);
  void record_process(pid_t pid);

  // StreamSink
  void add_record(formats::Bytes record) override;
  void add_aux(const formats::AuxChunk& chunk) override;
  void add_loss(const formats::Loss& loss) override;
  void add_synthetic(uint64_t bytes) override;

  Recorder& recorder_;
  formats::RecordFormat format_;
  MappedCode code_;
  std::vector<Buffer> buffers_;
  std::vector<uint8_t> scratch_;
  bool tracing_ = true;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_HARDWARE_CAPTURE_H_
