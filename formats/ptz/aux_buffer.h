// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The AUX bytes of one stream that wait for a frame, and where they are cut.

#ifndef PTCAP_FORMATS_PTZ_AUX_BUFFER_H_
#define PTCAP_FORMATS_PTZ_AUX_BUFFER_H_

#include <cstdint>
#include <functional>

#include "formats/io/byte_writer.h"
#include "formats/ptz/index.h"
#include "formats/ptz/layout.h"

namespace ptcap::formats::ptz {

enum class AuxFormat : uint8_t { kPt, kOther };

// The PSBs of `bytes`, which stand at `offset` of their stream.
std::vector<PsbEntry> find_psbs(Bytes bytes, uint64_t offset);

// Holds one contiguous run of a stream, behind room for the AUXTRACE record
// that goes before it: so that a frame is compressed from where it lies.
class AuxBuffer {
 public:
  // One frame: an AUXTRACE record and its data, with the info of it.
  using Emit = std::function<void(Bytes content, const AuxInfo& info)>;

  AuxBuffer(uint32_t idx, uint32_t tid, uint32_t cpu, uint64_t offset);

  // Adds bytes, up to a buffer of `limit` bytes; returns how many.
  uint64_t append(Bytes bytes, uint64_t limit, uint64_t reference);

  // Emits up to the last PSB, or, without one, all but a few bytes. REQUIRES:
  // not empty.
  void emit_full(AuxFormat format, const Emit& take);
  // Emits everything. The bytes must end at the end of a packet, or nothing
  // follows: the padding to 8 bytes behind them would else stand in a packet.
  void emit_all(AuxFormat format, const Emit& take);
  // Gives up memory that is not in use.
  void shrink();

  // The next bytes of the stream stand at another offset. REQUIRES: empty.
  void jump_to(uint64_t offset);

  bool empty() const { return size() == 0; }
  uint64_t size() const { return bytes_.size() - kAuxtraceHeaderSize; }
  uint64_t capacity() const { return bytes_.capacity(); }
  uint64_t end_offset() const { return offset_ + size(); }

 private:
  Bytes data() const { return Bytes(bytes_).subspan(kAuxtraceHeaderSize); }
  void emit(uint64_t size, std::vector<PsbEntry> psbs, const Emit& take);
  void write_auxtrace(const AuxInfo& info, uint64_t padding);

  Buffer bytes_;
  uint32_t idx_;
  uint32_t tid_;
  uint32_t cpu_;
  uint64_t offset_;  // of data()
  uint64_t reference_ = 0;
};

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_AUX_BUFFER_H_
