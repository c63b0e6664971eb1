// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/hardware_capture.h"

#include <x86intrin.h>

#include <algorithm>

#include "capture/code_files.h"
#include "capture/proc_files.h"
#include "formats/io/error.h"
#include "formats/pt/scanner.h"

namespace ptcap::capture {

using formats::Bytes;

namespace {

// Whether bytes that the thread wrote, on any CPU, between `after_ns` and the
// stop `id` are overwritten.
bool is_gone(const std::vector<GoneSpans>& gone, const formats::SampleId& id,
             uint64_t after_ns) {
  return std::any_of(gone.begin(), gone.end(), [&](const GoneSpans& spans) {
    const auto span = spans.find(id.tid);
    return span != spans.end() && span->second.first_ns < id.time &&
           span->second.last_ns > after_ns;
  });
}

}  // namespace

HardwareCapture::HardwareCapture(Rings& rings, const Options& options,
                                 Recorder& recorder)
    : rings_(rings),
      options_(options),
      recorder_(recorder),
      code_(recorder),
      queue_(rings.size()),
      stopped_(rings.size()),
      last_(rings.size()),
      full_at_(rings.size()),
      start_(rings.size()) {
  for (const auto& ring : rings_) stops_.emplace_back(ring->aux().size(), 0);
  if (options_.kernel) kernel_.emplace(recorder_);
}

void HardwareCapture::guard_threads(const std::vector<pid_t>& tids) {
  for (pid_t tid : tids) guards_.add(static_cast<uint32_t>(tid));
}

void HardwareCapture::record_existing(const std::vector<pid_t>& pids) {
  for (pid_t pid : pids) {
    record_process(pid);
    // Meanwhile the kernel goes on telling.
    for (size_t i = 0; i < rings_.size(); ++i) drain_records(i);
  }
}

void HardwareCapture::record_kernel() {
  if (kernel_) kernel_->record_existing();
}

// Time 0: before everything that the kernel tells.
void HardwareCapture::record_process(pid_t pid) {
  const auto status = read_status(pid);
  if (!status) return;
  processes_.insert(static_cast<uint32_t>(pid));
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

std::vector<uint64_t> HardwareCapture::heads() const {
  std::vector<uint64_t> heads;
  for (const auto& ring : rings_) heads.push_back(ring->aux().head());
  return heads;
}

void HardwareCapture::drain() {
  drain_kernel_changes();
  if (options_.snapshot) {
    for (size_t i = 0; i < rings_.size(); ++i) drain_records(i);
    recorder_.flush();
    return;
  }
  // Heads before records: the kernel writes the record before it moves the
  // head.
  const std::vector<uint64_t> heads1 = heads();
  const std::vector<uint64_t> heads2 = heads();
  for (size_t i = 0; i < rings_.size(); ++i) drain_records(i);
  recorder_.set_backlog(has_backlog(heads2));
  queue_.take(
      heads1, heads2,
      [this](size_t ring, AuxPiece piece) { take_piece(ring, piece); },
      [this](size_t ring, uint64_t offset, uint64_t size) {
        take_unknown(ring, offset, size);
      });
  recorder_.flush();
  end_threads();
  for (size_t i = 0; i < rings_.size(); ++i) release(i);
}

// Woken at a quarter, the writer has fallen behind where there is a half.
bool HardwareCapture::has_backlog(const std::vector<uint64_t>& heads) const {
  for (size_t i = 0; i < rings_.size(); ++i) {
    if (heads[i] - queue_.position(i) > rings_[i]->aux().size() / 2)
      return true;
  }
  return false;
}

void HardwareCapture::end_threads() {
  std::erase_if(ended_threads_, [this](uint32_t tid) {
    if (queue_.holds(tid)) return false;
    end_thread(tid);
    return true;
  });
}

// An area that fills up exactly at the end of a piece stops the event without a
// word (perf_aux_output_begin() with no room). So one that was nearly full
// until now counts as stopped: starting an event that runs costs a moment of
// tracing.
void HardwareCapture::release(size_t ring) {
  bindings::AuxArea& aux = rings_[ring]->aux();
  const uint64_t full = aux.tail() + aux.size() -
                        std::min(2 * bindings::page_size(), aux.size() / 8);
  aux.release(queue_.position(ring));
  const bool restart = stopped_[ring] || aux.head() >= full;
  stopped_[ring] = false;
  if (!restart || !tracing_) return;
  rings_[ring]->disable_trace();
  full_at_[ring].push_back(aux.head());
  rings_[ring]->enable_trace();
  note_if_full(ring);
}

// Once all bytes up to where it was started again have been taken.
void HardwareCapture::note_if_full(size_t ring) {
  std::deque<uint64_t>& restarts = full_at_[ring];
  while (!restarts.empty() && queue_.position(ring) >= restarts.front()) {
    restarts.pop_front();
    if (last_[ring]) last_[ring]->note_full();
  }
}

void HardwareCapture::take_piece(size_t ring, AuxPiece piece) {
  piece.bytes =
      rings_[ring]->aux().bytes(piece.record.aux_offset, piece.record.aux_size);
  AuxStream& stream = stream_of(*rings_[ring], piece);
  stream.append(piece, __rdtsc());
  last_[ring] = &stream;
  note_if_full(ring);
  if (abi::has(piece.record.flags, abi::AuxFlag::kTruncated)) {
    stopped_[ring] = true;
  }
}

// The record that tells of them was itself lost. Whose they are is known only
// where all of an area is one stream.
void HardwareCapture::take_unknown(size_t ring, uint64_t offset,
                                   uint64_t size) {
  if (!options_.per_thread) {
    AuxPiece piece;
    piece.record.aux_offset = offset;
    piece.record.aux_size = size;
    take_piece(ring, piece);
    return;
  }
  formats::Loss loss;
  loss.cause = formats::LossCause::kRingLost;
  loss.cpu = rings_[ring]->cpu();
  loss.bytes = size;
  loss.detail = "the record that tells whose AUX bytes these are";
  recorder_.loss(loss);
  for (auto& [key, stream] : streams_) stream.note_hole();
}

AuxStream& HardwareCapture::stream_of(const TraceRing& ring,
                                      const AuxPiece& piece) {
  const uint32_t key = options_.per_thread ? piece.sample_id.tid : ring.cpu();
  const auto found = streams_.find(key);
  if (found != streams_.end()) return found->second;
  AuxStream::Identity identity;
  identity.idx = next_idx_++;
  (options_.per_thread ? identity.tid : identity.cpu) = key;
  identity.is_pt = options_.is_pt;
  AuxStream& stream =
      streams_.emplace(key, AuxStream(identity, options_.format, *this))
          .first->second;
  // It begins with a thread's first bytes or with any others.
  if (options_.snapshot) stream.note_overwritten();
  return stream;
}

// Its number may soon be another thread's.
void HardwareCapture::end_thread(uint32_t tid) {
  const auto found = streams_.find(tid);
  if (found == streams_.end()) return;
  found->second.finish();
  std::replace(last_.begin(), last_.end(), &found->second,
               static_cast<AuxStream*>(nullptr));
  recorder_.end_stream(found->second.idx());
  streams_.erase(found);
}

void HardwareCapture::drain_records(size_t ring) {
  rings_[ring]->data().drain([&](const bindings::RingRecord& record) {
    handle_record(ring, record.contiguous(scratch_));
  });
}

void HardwareCapture::handle_record(size_t ring, Bytes bytes) {
  formats::Record record;
  try {
    record = formats::parse_record(bytes, options_.format);
  } catch (const formats::FormatError&) {
    // Never from Linux; kept for whoever can read it.
    recorder_.add_record(bytes);
    return;
  }
  if (const auto* aux = std::get_if<formats::AuxRecord>(&record.body)) {
    if (options_.snapshot) {
      stops_[ring].add(aux->aux_offset, record.sample_id);
    } else {
      queue_.add(ring, record);
    }
    return;
  }
  if (const auto* sample = std::get_if<formats::Sample>(&record.body)) {
    reached_by_.insert(sample->pid);
    return;
  }
  recorder_.add_record(bytes);
  note_kernel_change(record);
  if (const auto* map = std::get_if<formats::Mmap2Record>(&record.body)) {
    if (record.cpu_mode() == abi::CpuMode::kUser) {
      code_.note(*map, record.sample_id.time);
    }
  } else if (const auto* end = std::get_if<formats::ExitRecord>(&record.body)) {
    if (options_.per_thread) ended_threads_.push_back(end->tid);
    if (end->tid == end->pid) processes_.erase(end->pid);
  } else if (const auto* comm =
                 std::get_if<formats::CommRecord>(&record.body)) {
    processes_.insert(comm->pid);
  } else if (const auto* fork =
                 std::get_if<formats::ForkRecord>(&record.body)) {
    processes_.insert(fork->pid);
  } else if (const auto* lost =
                 std::get_if<formats::LostRecord>(&record.body)) {
    formats::Loss loss;
    loss.cause = formats::LossCause::kRingLost;
    loss.cpu = rings_[ring]->cpu();
    loss.tid = rings_[ring]->tid();
    loss.begin_ns = loss.end_ns = record.sample_id.time;
    loss.detail = std::to_string(lost->lost) +
                  " sideband records; --data-size makes more room";
    recorder_.loss(loss);
    if (options_.snapshot) stops_[ring].forget();
  }
}

void HardwareCapture::note_kernel_change(const formats::Record& record) {
  if (!kernel_) return;
  const uint64_t time = record.sample_id.time;
  if (const auto* symbol = std::get_if<formats::KsymbolRecord>(&record.body)) {
    kernel_->note(*symbol, time);
  } else if (const auto* poke =
                 std::get_if<formats::TextPokeRecord>(&record.body)) {
    kernel_->note(*poke, time);
  }
}

void HardwareCapture::drain_kernel_changes() {
  if (!options_.kernel_changes) return;
  options_.kernel_changes->drain([this](Bytes bytes) {
    recorder_.add_record(bytes);
    try {
      note_kernel_change(formats::parse_record(bytes, options_.format));
    } catch (const formats::FormatError&) {
      // Never from Linux; kept for whoever can read it.
    }
  });
}

bool HardwareCapture::take_trigger() {
  const std::set<uint32_t> pids = std::exchange(reached_by_, {});
  return std::any_of(pids.begin(), pids.end(), [this](uint32_t pid) {
    return options_.whole_system || processes_.contains(pid);
  });
}

void HardwareCapture::snapshot() {
  for (const auto& ring : rings_) ring->disable_trace();
  Snapshot taken;
  for (size_t i = 0; i < rings_.size(); ++i) {
    drain_records(i);
    taken.areas.push_back(take_area(i));
    take_parts(i, taken.areas.back(), taken);
    rings_[i]->renew_aux();
    stops_[i] = StopLog(rings_[i]->aux().size(), start_[i]);
  }
  if (tracing_) {
    for (const auto& ring : rings_) ring->enable_trace();
  }
  write_parts(std::move(taken));
  recorder_.flush();
  end_threads();
}

// Empty where nothing came since the last one.
SnapshotBytes HardwareCapture::take_area(size_t ring) {
  const bindings::AuxArea& aux = rings_[ring]->aux();
  const uint64_t position = aux.head() % aux.size();
  SnapshotBytes area = unroll(aux.bytes(0, aux.size()).first, start_[ring],
                              position, options_.is_pt ? 1 : kBtsRecordSize);
  // PT goes on there in the next area (pt_buffer_reset_offsets() takes the
  // head), BTS begins at 0 (bts_buffer_setup_aux()).
  start_[ring] = options_.is_pt ? position : 0;
  if (!area.overwritten) return area;
  formats::Loss loss;
  loss.cause = formats::LossCause::kAuxOverwritten;
  loss.cpu = rings_[ring]->cpu();
  loss.tid = rings_[ring]->tid();
  loss.detail =
      "what was before the last " + std::to_string(aux.size() >> 10) + " KiB";
  recorder_.loss(loss);
  return area;
}

void HardwareCapture::take_parts(size_t ring, const SnapshotBytes& area,
                                 Snapshot& snapshot) {
  const auto clock = rings_[ring]->data().clock();
  const auto newest_before = [&](uint64_t offset) -> std::optional<uint64_t> {
    const auto psb = pt::find_last_psb(area.bytes, offset);
    const auto tsc = psb ? pt::psb_tsc(area.bytes, *psb) : std::nullopt;
    if (!tsc || !clock) return std::nullopt;
    return clock->to_ns(*tsc);
  };
  GoneSpans gone;
  auto found = stops_[ring].parts(area, newest_before, gone);
  const bool one_stream = !options_.per_thread || rings_[ring]->cpu() == ~0u;
  if (one_stream) {
    gone.clear();
    if (!found.empty()) {
      found = {{0, area.bytes.size(), found.back().id, area.overwritten}};
    }
  }
  // The first begins in the middle of a packet.
  if (options_.is_pt && !found.empty() && found.front().cut) {
    SnapshotPart& part = found.front();
    const uint64_t end = part.begin + part.size;
    const uint64_t psb = pt::find_psb(area.bytes, part.begin).value_or(end);
    part.size = end - std::min(psb, end);
    part.begin = end - part.size;
    // Without a PSB, the next part begins between packets, as it should.
    if (part.size == 0) {
      gone[part.id.tid].add(part.id.time);
      found.erase(found.begin());
    }
  }
  for (const SnapshotPart& part : found) snapshot.parts.push_back({ring, part});
  snapshot.gone.push_back(std::move(gone));
}

void HardwareCapture::write_parts(Snapshot snapshot) {
  std::stable_sort(snapshot.parts.begin(), snapshot.parts.end(),
                   [](const RingPart& a, const RingPart& b) {
                     return a.part.id.time < b.part.id.time;
                   });
  for (const auto& [ring, part] : snapshot.parts) {
    AuxPiece piece;
    piece.sample_id = part.id;
    piece.record.flags = abi::bits(abi::AuxFlag::kOverwrite);
    piece.bytes.first =
        Bytes(snapshot.areas[ring].bytes).subspan(part.begin, part.size);
    AuxStream& stream = stream_of(*rings_[ring], piece);
    if (part.cut || is_gone(snapshot.gone, part.id, stream.last_ns())) {
      stream.note_overwritten();
    }
    stream.append(piece, __rdtsc());
  }
}

void HardwareCapture::switch_output() {
  // Most of it while tracing goes on
  drain();
  for (const auto& ring : rings_) ring->disable_trace();
  drain();
  for (auto& [key, stream] : streams_) stream.finish();
  recorder_.switch_output();
  for (auto& [key, stream] : streams_) stream.begin_again();
  code_.begin_again();
  record_kernel();
  if (tracing_) {
    for (const auto& ring : rings_) ring->enable_trace();
  }
  const std::vector<pid_t> living(processes_.begin(), processes_.end());
  record_existing(living);
}

void HardwareCapture::finish() {
  tracing_ = false;
  drain();
  for (auto& [key, stream] : streams_) stream.finish();
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
