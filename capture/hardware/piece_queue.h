// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The pieces that the kernel wrote into the AUX areas of several CPUs, in the
// order in which they came about.

#ifndef PTCAP_CAPTURE_HARDWARE_PIECE_QUEUE_H_
#define PTCAP_CAPTURE_HARDWARE_PIECE_QUEUE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "capture/hardware/aux_stream.h"
#include "formats/perf/record.h"

namespace ptcap::capture {

// A thread that moves from CPU to CPU leaves its stream in pieces: each time it
// is switched out, the kernel ends a piece and says whose it was. While pieces
// are taken from one CPU, more come about on others; so the heads are read
// twice, and taken is what is not newer than the newest piece below the first
// heads: everything older than that lies below the second ones.
class PieceQueue {
 public:
  explicit PieceQueue(size_t areas) : areas_(areas) {}

  // A PERF_RECORD_AUX of the area, in the order of its data ring.
  void add(size_t area, const formats::Record& record);

  // Of each area, what may be taken now. `heads1` are those before the records
  // up to `heads2` were added. For each piece in order: visit(area, piece
  // without its bytes); `unknown(area, offset, size)` for bytes of which no
  // record tells, because it was itself lost.
  void take(const std::vector<uint64_t>& heads1,
            const std::vector<uint64_t>& heads2,
            const std::function<void(size_t area, AuxPiece piece)>& visit,
            const std::function<void(size_t area, uint64_t offset,
                                     uint64_t size)>& unknown);

  // Whether some piece of this thread is still to be taken.
  bool holds(uint32_t tid) const;

  // The kernel's offset in the area up to which pieces have been taken.
  uint64_t position(size_t area) const { return areas_[area].position; }

 private:
  struct Area {
    std::deque<AuxPiece> pieces;
    uint64_t position = 0;
  };
  uint64_t newest_below(const std::vector<uint64_t>& heads) const;
  Area* oldest(const std::vector<uint64_t>& heads);

  std::vector<Area> areas_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_PIECE_QUEUE_H_
