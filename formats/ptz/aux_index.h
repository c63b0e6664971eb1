// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From AUXTRACE records in any order to streams of pieces that can be read at
// an offset.

#ifndef PTCAP_FORMATS_PTZ_AUX_INDEX_H_
#define PTCAP_FORMATS_PTZ_AUX_INDEX_H_

#include <functional>
#include <map>
#include <span>
#include <vector>

#include "formats/ptz/trace_reader.h"

namespace ptcap::formats::ptz {

// Where the bytes of a piece are: which frame (0 where there are none), and
// the offset in it.
struct AuxLocation {
  uint64_t frame = 0;
  uint64_t offset = 0;
};

class AuxIndex {
 public:
  // So many PSBs will come for that stream: there may be millions.
  void expect_psbs(uint32_t idx, size_t count) {
    by_idx_[idx].shown.psbs.reserve(count);
  }
  // What an AUXTRACE record says, and where its data are.
  void add(AuxInfo info, AuxLocation location);
  // After the last add(): pieces in order, overlaps cut away. (perf's pieces
  // overlap by their padding, its snapshots by more; equal offsets hold equal
  // bytes.)
  void finish();

  // By idx.
  std::span<const AuxStream> streams() const { return streams_; }

  // Reads from pieces that adjoin, as long as `fetch` gives all it is asked
  // for: fetch(location, out) returns the number of bytes read.
  using Fetch = std::function<uint64_t(AuxLocation, std::span<uint8_t> out)>;
  uint64_t read(const AuxStream& stream, uint64_t offset,
                std::span<uint8_t> out, const Fetch& fetch) const;

 private:
  struct Located {
    AuxPiece piece;
    AuxLocation location;
  };

  struct Stream {
    AuxStream shown;
    std::vector<Located> located;
  };

  static void cut_overlaps(std::vector<Located>& all);

  std::map<uint32_t, Stream> by_idx_;
  std::vector<AuxStream> streams_;
};

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_AUX_INDEX_H_
