// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Counts as a fuzzer wants them after each run: hits in a map of 64 KiB.

#ifndef PTCAP_DECODE_FAST_EDGE_MAP_H_
#define PTCAP_DECODE_FAST_EDGE_MAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "decode/fast/memo.h"
#include "formats/coverage/coverage_writers.h"

namespace ptcap::decode::fast {

// Remembers what each chunk adds to the map, from its second run on: then only
// what was hit is touched.
class EdgeMap {
 public:
  // `memo` is borrowed.
  EdgeMap(Memo& memo, formats::EdgeHash hash) : memo_(memo), hash_(hash) {}

  formats::EdgeHash hash() const { return hash_; }

  // Adds what was counted to the `formats::kAflMapSize` bytes of `map`, each at
  // most 255, and counts from zero again. Returns how many edges ran.
  uint64_t take(uint8_t* map);
  void add(uint64_t from, uint64_t to, uint64_t times, uint8_t* map) const;

  // Of Memo::clear().
  void clear();
  size_t size_bytes() const {
    return sums_.capacity() * sizeof(sums_[0]) +
           hits_.capacity() * sizeof(hits_[0]);
  }

 private:
  struct Hit {
    uint16_t at;
    uint16_t times;  // at most 255
  };
  // What one run of a chunk adds.
  struct Sum {
    uint32_t begin = 0;  // in hits_
    uint32_t size = 0;   // 0: not known yet
    uint32_t edges = 0;
    bool seen = false;
  };

  uint64_t take_chunk(uint32_t id, uint64_t times, uint8_t* map);
  void learn(uint32_t id, Sum& sum);

  Memo& memo_;
  formats::EdgeHash hash_;
  std::vector<Sum> sums_;  // by chunk
  std::vector<Hit> hits_;
  std::vector<uint16_t> places_;  // of the chunk that is learnt
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_EDGE_MAP_H_
