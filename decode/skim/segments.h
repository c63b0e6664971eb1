// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A stream cut at its PSBs, and which of the parts are worth a look.

#ifndef PTCAP_DECODE_SKIM_SEGMENTS_H_
#define PTCAP_DECODE_SKIM_SEGMENTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "decode/trace.h"

namespace ptcap::decode {

// Consecutive bytes of a stream: from a PSB, or from behind a hole, to the next
// of either.
struct Segment {
  uint64_t offset = 0;
  uint64_t size = 0;
  // When it begins and ends: that of its PSB or of the last one before it, and
  // of the next one. Without time, offsets.
  uint64_t begin = 0;
  uint64_t end = 0;
  uint32_t piece = 0;   // that it begins in
  bool at_psb = false;  // packets can be read from here
  bool read = false;    // and are
};

// All bytes of a stream, in order. A BTS stream, which has no PSBs, is cut
// into parts of some KiB.
std::vector<Segment> segments_of(Trace& trace, const TraceStream& stream);

// Which bucket a position is in.
using BucketOf = std::function<size_t(uint64_t position)>;

// Marks segments to read: all of them, or, where their pieces have more than
// `limit_bytes`, those of pieces spread evenly, the first one of each bucket
// among them. Returns the number of segments marked.
size_t choose_segments(std::vector<Segment>& segments, uint64_t limit_bytes,
                       const BucketOf& bucket_of);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_SKIM_SEGMENTS_H_
