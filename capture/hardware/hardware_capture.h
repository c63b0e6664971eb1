// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From the kernel's buffers to the recorder: what is drained when, to which
// stream, and when the kernel may have the room back.

#ifndef PTCAP_CAPTURE_HARDWARE_HARDWARE_CAPTURE_H_
#define PTCAP_CAPTURE_HARDWARE_HARDWARE_CAPTURE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "capture/hardware/aux_stream.h"
#include "capture/hardware/kernel_changes.h"
#include "capture/hardware/kernel_code.h"
#include "capture/hardware/mapped_code.h"
#include "capture/hardware/piece_queue.h"
#include "capture/hardware/ring_set.h"
#include "capture/hardware/snapshot_area.h"
#include "capture/hardware/thread_guards.h"
#include "capture/recorder.h"

namespace ptcap::capture {

// One thread. The rings and the recorder outlive it.
class HardwareCapture : private StreamSink {
 public:
  struct Options {
    bool is_pt = true;
    // One stream per thread, whatever the buffers: each piece in them is one
    // thread's. False where a CPU's buffer holds all that ran there.
    bool per_thread = true;
    bool whole_system = false;
    // The areas are overwritten: bytes are taken by snapshot() only.
    bool snapshot = false;
    bool kernel = false;  // ring 0 is traced, too
    // Of which the rings do not tell; may be null.
    KernelChanges* kernel_changes = nullptr;
    // Of all events.
    formats::RecordFormat format;
  };
  HardwareCapture(Rings& rings, const Options& options, Recorder& recorder);

  // The threads that are traced from the start. REQUIRES: per_thread.
  void guard_threads(const std::vector<pid_t>& tids);

  // Traced, though nothing tells of it yet.
  void add_process(pid_t pid) { processes_.insert(static_cast<uint32_t>(pid)); }

  // What existed before the events did: names, code. For attached targets,
  // when their sideband records are already on their way.
  void record_existing(const std::vector<pid_t>& pids);

  // The kernel's code, with Options::kernel. Before tracing begins.
  void record_kernel();

  // Takes what is there, writes it, and only then gives the room back to the
  // kernel: bytes are in the file or still in the buffer, whatever happens to
  // ptcap. Tracing that stopped for want of room goes on.
  void drain();

  // Writes what the areas hold, and goes on with empty ones. REQUIRES:
  // Options::snapshot.
  void snapshot();
  // Whether a traced process has reached a trigger since the last call.
  bool take_trigger();

  // Goes on in the recorder's next file.
  void switch_output();

  // After an end: the last bytes (events are disabled).
  void finish();

  // Whether tracing is wanted: else nothing is started again.
  void set_tracing(bool on) { tracing_ = on; }

  MappedCode& code() { return code_; }
  const std::optional<KernelCode>& kernel() const { return kernel_; }

 private:
  struct RingPart {
    size_t ring = 0;
    SnapshotPart part;
  };
  struct Snapshot {
    std::vector<SnapshotBytes> areas;  // of each ring
    std::vector<RingPart> parts;
    std::vector<GoneSpans> gone;  // of each ring
  };
  std::vector<uint64_t> heads() const;
  void drain_records(size_t ring);
  void drain_kernel_changes();
  void handle_record(size_t ring, formats::Bytes bytes);
  void note_kernel_change(const formats::Record& record);
  void take_piece(size_t ring, AuxPiece piece);
  void take_unknown(size_t ring, uint64_t offset, uint64_t size);
  void release(size_t ring);
  void note_if_full(size_t ring);
  AuxStream& stream_of(const TraceRing& ring, const AuxPiece& piece);
  bool has_backlog(const std::vector<uint64_t>& heads) const;
  void end_threads();
  SnapshotBytes take_area(size_t ring);
  void take_parts(size_t ring, const SnapshotBytes& area, Snapshot& snapshot);
  void write_parts(Snapshot snapshot);
  void end_thread(uint32_t tid);
  void record_process(pid_t pid);

  // StreamSink
  void add_record(formats::Bytes record) override;
  void add_aux(const formats::AuxChunk& chunk) override;
  void add_loss(const formats::Loss& loss) override;
  void add_synthetic(uint64_t bytes) override;

  Rings& rings_;
  Options options_;
  Recorder& recorder_;
  MappedCode code_;
  std::optional<KernelCode> kernel_;
  PieceQueue queue_;
  // By thread, or by CPU.
  std::map<uint32_t, AuxStream> streams_;
  uint32_t next_idx_ = 0;
  ThreadGuards guards_;
  std::set<uint32_t> processes_;  // traced ones that live
  std::vector<uint32_t> ended_threads_;
  std::vector<bool> stopped_;     // rings, for want of room
  std::vector<AuxStream*> last_;  // of each ring
  // Of each ring, where it was started again, ascending: kernel's offsets. Two
  // restarts may come before the bytes in front of the first are taken.
  std::vector<std::deque<uint64_t>> full_at_;
  std::vector<uint8_t> scratch_;
  bool tracing_ = true;
  std::set<uint32_t> reached_by_;  // processes, traced or not
  // With snapshot, of each ring: where its area was begun, what stopped there.
  std::vector<uint64_t> start_;
  std::vector<StopLog> stops_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_HARDWARE_CAPTURE_H_
