// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A stream in pieces that fit into memory.

#ifndef PTCAP_DECODE_LIBIPT_AUX_WINDOW_H_
#define PTCAP_DECODE_LIBIPT_AUX_WINDOW_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "decode/aux_runs.h"
#include "decode/psb_header.h"
#include "decode/stream.h"
#include "formats/pt/packet.h"

namespace ptcap::decode {

// Whether such a packet says something of the flow.
bool is_flow(pt::PacketType type);

// Whether bytes in front of a PSB say something of the flow: a stream may
// begin with padding or a mode.
bool holds_flow(const AuxBytes& aux, uint64_t begin, uint64_t end);

// Consecutive bytes of a stream that begin at a PSB and end in front of
// another one, at a change of code, at a hole, or at the end of the stream.
struct AuxWindow {
  enum class End : uint8_t {
    kPsb,     // `next` is the header there
    kChange,  // the code changes there: CodeChange::aux_offset
    kHole,    // bytes behind it are lost
    kStream,
  };

  uint64_t offset = 0;  // of the first byte in the stream
  std::span<uint8_t> bytes;
  PsbHeader header;  // of the PSB that it begins with
  End end = End::kStream;
  PsbHeader next;

  uint64_t end_offset() const { return offset + bytes.size(); }
};

// Cuts a stream into windows, each about `window_size` bytes long or, where
// PSBs are further apart, up to the next PSB.
class AuxWindows {
 public:
  AuxWindows(const AuxBytes& aux, uint64_t window_size);

  // The first window at or behind `from`, which ends in front of `change` if
  // that is inside it, and has no PSB at or behind `limit` in it but its own.
  // Its bytes may be written to, 2 in front of it included, and are valid
  // until the next call. nullopt if no PSB is left before `limit`.
  std::optional<AuxWindow> next(uint64_t from, std::optional<uint64_t> change,
                                uint64_t limit);

 private:
  std::span<uint8_t> load(size_t run, uint64_t begin, uint64_t end);
  std::optional<uint64_t> find_start(size_t run, uint64_t from);
  void choose_end(size_t run, AuxWindow& window, uint64_t limit);

  const AuxBytes& aux_;
  const uint64_t window_size_;
  AuxRuns runs_;
  std::vector<uint8_t> buffer_;  // kHeadroom bytes, then those loaded
  uint64_t loaded_begin_ = 0;
  uint64_t loaded_end_ = 0;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_LIBIPT_AUX_WINDOW_H_
