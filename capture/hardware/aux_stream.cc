// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/aux_stream.h"

#include <algorithm>
#include <array>

#include "capture/hardware/overflow_scan.h"
#include "formats/pt/scanner.h"

namespace ptcap::capture {
namespace {

using bindings::Slices;

// The part [from, from + size).
Slices part_of(const Slices& whole, uint64_t from, uint64_t size) {
  const uint64_t in_first =
      from < whole.first.size()
          ? std::min<uint64_t>(size, whole.first.size() - from)
          : 0;
  Slices part;
  if (in_first != 0) part.first = whole.first.subspan(from, in_first);
  if (size > in_first) {
    const uint64_t skipped = from + in_first - whole.first.size();
    part.second = whole.second.subspan(skipped, size - in_first);
  }
  if (part.first.empty()) std::swap(part.first, part.second);
  return part;
}

bool begins_with_psb(const Slices& bytes) {
  std::array<uint8_t, pt::kPsbSize> begin = {};
  if (bytes.size() < begin.size()) return false;
  part_of(bytes, 0, begin.size()).copy_to(begin.data());
  return pt::find_psb(begin, 0).has_value();
}

// Flags that say that something is missing, for people.
std::string describe_flags(uint64_t flags) {
  std::string text;
  const auto add = [&](abi::AuxFlag flag, const char* what) {
    if (!abi::has(flags, flag)) return;
    text += (text.empty() ? "" : ", ") + std::string(what);
  };
  add(abi::AuxFlag::kTruncated, "the AUX area was full");
  add(abi::AuxFlag::kPartial, "partial: a virtual machine ran in between");
  add(abi::AuxFlag::kCollision, "collision with another tracer");
  return text;
}

}  // namespace

void AuxStream::append(const AuxPiece& piece, uint64_t reference) {
  // As long as nothing comes, it is one loss.
  if (piece.bytes.size() == 0 && open_loss_) return;
  close_loss(piece.sample_id.time);
  const uint64_t begin = size_;
  if (piece.bytes.size() != 0) {
    if (after_loss_ && identity_.is_pt && !begins_with_psb(piece.bytes)) {
      insert_psb(reference);
    }
    after_loss_ = false;
    const uint64_t at = size_;
    add_chunk(piece.bytes, reference);
    if (identity_.is_pt) {
      follow_mode(piece.bytes);
      note_overflows(piece, at);
    }
  }
  write_record(piece, begin);
  last_id_ = piece.sample_id;
  last_misc_ = piece.misc;
  std::string detail = describe_flags(piece.record.flags);
  if (!detail.empty()) {
    open_loss(std::move(detail),
              abi::has(piece.record.flags, abi::AuxFlag::kTruncated));
  }
}

void AuxStream::add_chunk(const Slices& bytes, uint64_t reference) {
  formats::AuxChunk chunk;
  chunk.idx = identity_.idx;
  chunk.tid = identity_.tid;
  chunk.cpu = identity_.cpu;
  chunk.offset = size_;
  chunk.reference = reference;
  chunk.data1 = bytes.first;
  chunk.data2 = bytes.second;
  sink_->add_aux(chunk);
  size_ += bytes.size();
}

void AuxStream::insert_psb(uint64_t reference) {
  std::array<uint8_t, 3 * pt::kMaxWriteSize> header;
  uint8_t* end = pt::put_psb(header.data());
  end = pt::put_mode_exec(end, mode_bits_);
  end = pt::put_psbend(end);
  const formats::Bytes bytes(header.data(), end);
  add_chunk({bytes, {}}, reference);
  sink_->add_synthetic(bytes.size());
}

// `begin` is where in the stream its bytes begin, insertions included.
void AuxStream::write_record(const AuxPiece& piece, uint64_t begin) {
  formats::AuxRecord body = piece.record;
  body.aux_offset = begin;
  body.aux_size = size_ - begin;
  std::vector<uint8_t> bytes;
  builder_.append(bytes, body, piece.sample_id, piece.misc);
  sink_->add_record(bytes);
}

void AuxStream::note_full() {
  after_loss_ = true;
  if (open_loss_) return;
  const uint64_t flags = abi::bits(abi::AuxFlag::kTruncated);
  write_mark(flags);
  open_loss(describe_flags(flags), true);
}

void AuxStream::note_overwritten() {
  after_loss_ = true;
  if (size_ == 0) return;
  write_mark(abi::bits(abi::AuxFlag::kTruncated) |
             abi::bits(abi::AuxFlag::kOverwrite));
}

void AuxStream::begin_again() {
  size_ = 0;
  after_loss_ = true;
}

// For whoever reads the trace, the record that the kernel did not write.
void AuxStream::write_mark(uint64_t flags) {
  AuxPiece piece;
  piece.record.flags = flags;
  piece.sample_id = last_id_;
  piece.misc = last_misc_;
  write_record(piece, size_);
}

void AuxStream::open_loss(std::string detail, bool truncated) {
  formats::Loss loss;
  loss.cause = formats::LossCause::kAuxTruncated;
  loss.idx = identity_.idx;
  loss.pid = last_id_.pid;
  loss.tid = last_id_.tid;
  loss.cpu = last_id_.cpu;
  loss.aux_offset = size_;
  loss.begin_ns = last_id_.time;
  loss.detail = std::move(detail);
  open_loss_ = std::move(loss);
  after_loss_ |= truncated;
}

// How much is missing nobody knows; until when it does is the next piece.
void AuxStream::close_loss(uint64_t end_ns) {
  if (!open_loss_) return;
  open_loss_->end_ns = end_ns;
  sink_->add_loss(*open_loss_);
  open_loss_.reset();
}

// The packets from the last PSB on say which mode holds at the end. (All of a
// piece without PSB: it begins and ends between packets.)
void AuxStream::follow_mode(const Slices& bytes) {
  const auto last = pt::find_last_psb(bytes.second, bytes.second.size());
  if (last || bytes.second.empty()) {
    const formats::Bytes tail = last ? bytes.second : bytes.first;
    scan_mode(tail, last ? last : pt::find_last_psb(tail, tail.size()));
    return;
  }
  const auto first = pt::find_last_psb(bytes.first, bytes.first.size());
  std::vector<uint8_t> joined(bytes.size() - first.value_or(0));
  part_of(bytes, first.value_or(0), joined.size()).copy_to(joined.data());
  scan_mode(joined, std::nullopt);
}

// `begin`: where in the stream the piece's own bytes do.
void AuxStream::note_overflows(const AuxPiece& piece, uint64_t begin) {
  std::vector<uint8_t> joined;
  formats::Bytes bytes = piece.bytes.first;
  if (!piece.bytes.second.empty()) {
    joined.resize(piece.bytes.size());
    piece.bytes.copy_to(joined.data());
    bytes = joined;
  }
  const std::vector<uint64_t> overflows = find_overflows(bytes);
  if (overflows.empty()) return;
  formats::Loss loss;
  loss.cause = formats::LossCause::kPtOverflow;
  loss.idx = identity_.idx;
  loss.pid = piece.sample_id.pid;
  loss.tid = piece.sample_id.tid;
  loss.cpu = piece.sample_id.cpu;
  loss.aux_offset = begin + overflows.front();
  loss.begin_ns = last_id_.time;
  loss.end_ns = piece.sample_id.time;
  loss.detail = std::to_string(overflows.size()) +
                (overflows.size() == 1 ? " OVF packet" : " OVF packets") +
                ": the CPU produced more than it could write";
  sink_->add_loss(loss);
}

void AuxStream::scan_mode(formats::Bytes bytes, std::optional<uint64_t> from) {
  pt::PacketScanner scanner(bytes, from.value_or(0));
  pt::Packet packet;
  while (scanner.next(packet)) {
    if (packet.type == pt::PacketType::kModeExec) {
      mode_bits_ = static_cast<uint8_t>(packet.value);
    }
  }
}

}  // namespace ptcap::capture
