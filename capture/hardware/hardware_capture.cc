// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/hardware_capture.h"

#include <x86intrin.h>

#include "capture/code_files.h"
#include "capture/proc_files.h"
#include "formats/io/error.h"

namespace ptcap::capture {

using formats::Bytes;

HardwareCapture::HardwareCapture(Rings& rings,
                                 const formats::RecordFormat& format,
                                 bool is_pt, Recorder& recorder)
    : recorder_(recorder), format_(format), code_(recorder) {
  buffers_.reserve(rings.size());
  for (size_t i = 0; i < rings.size(); ++i) {
    const AuxStream::Identity identity = {
        static_cast<uint32_t>(i), rings[i]->tid(), rings[i]->cpu(), is_pt};
    buffers_.push_back(
        {rings[i].get(), AuxStream(identity, format_, *this), false});
  }
}

void HardwareCapture::record_existing(const std::vector<pid_t>& pids) {
  for (pid_t pid : pids) record_process(pid);
}

// Time 0: before everything that the kernel tells.
void HardwareCapture::record_process(pid_t pid) {
  const auto status = read_status(pid);
  if (!status) return;
  for (pid_t tid : read_threads(pid)) {
    if (tid != pid) recorder_.fork(pid, tid, pid, pid, 0);
    recorder_.comm(pid, tid, read_comm(tid), /*exec=*/false, 0);
  }
  for (const Mapping& mapping : read_mappings(pid)) {
    if (!mapping.executable) continue;
    recorder_.mmap2(pid, pid, mapping, path_of_mapped_file(pid, mapping), {},
                    0);
    code_.note(pid, mapping, 0);
  }
}

void HardwareCapture::drain() {
  for (Buffer& buffer : buffers_) take_aux(buffer);
  recorder_.flush();
  for (Buffer& buffer : buffers_) {
    buffer.ring->aux().release(buffer.stream.position());
    if (!buffer.stopped) continue;
    buffer.stopped = false;
    if (tracing_) buffer.ring->restart_trace();
  }
}

void HardwareCapture::take_aux(Buffer& buffer) {
  // The head first: the kernel writes the record before it moves the head.
  bindings::AuxArea& aux = buffer.ring->aux();
  const uint64_t head = aux.head();
  drain_records(buffer);
  const uint64_t position = buffer.stream.position();
  const bindings::Slices bytes = aux.bytes(position, head - position);
  buffer.stopped |= buffer.stream.take(bytes, __rdtsc());
}

void HardwareCapture::drain_records(Buffer& buffer) {
  buffer.ring->data().drain([&](const bindings::RingRecord& record) {
    handle_record(buffer, record.contiguous(scratch_));
  });
}

void HardwareCapture::handle_record(Buffer& buffer, Bytes bytes) {
  formats::Record record;
  try {
    record = formats::parse_record(bytes, format_);
  } catch (const formats::FormatError&) {
    // Never from Linux; kept for whoever can read it.
    recorder_.add_record(bytes);
    return;
  }
  if (std::holds_alternative<formats::AuxRecord>(record.body)) {
    buffer.stream.note_record(record);
    return;
  }
  recorder_.add_record(bytes);
  if (const auto* map = std::get_if<formats::Mmap2Record>(&record.body)) {
    if (record.cpu_mode() == abi::CpuMode::kUser) {
      code_.note(*map, record.sample_id.time);
    }
  } else if (const auto* lost =
                 std::get_if<formats::LostRecord>(&record.body)) {
    formats::Loss loss;
    loss.cause = formats::LossCause::kRingLost;
    loss.cpu = buffer.ring->cpu();
    loss.tid = buffer.ring->tid();
    loss.begin_ns = loss.end_ns = record.sample_id.time;
    loss.detail = std::to_string(lost->lost) +
                  " sideband records; --data-size makes more room";
    recorder_.loss(loss);
  }
}

void HardwareCapture::finish() {
  tracing_ = false;
  drain();
  for (Buffer& buffer : buffers_) buffer.stream.finish();
}

void HardwareCapture::add_record(Bytes record) { recorder_.add_record(record); }

void HardwareCapture::add_aux(const formats::AuxChunk& chunk) {
  recorder_.add_aux(chunk);
}

void HardwareCapture::add_loss(const formats::Loss& loss) {
  recorder_.loss(loss);
}

void HardwareCapture::add_synthetic(uint64_t bytes) {
  recorder_.synthetic(bytes);
}

}  // namespace ptcap::capture
