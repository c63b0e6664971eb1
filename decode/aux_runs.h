// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where a stream's bytes go on without a break.

#ifndef PTCAP_DECODE_AUX_RUNS_H_
#define PTCAP_DECODE_AUX_RUNS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "decode/stream.h"

namespace ptcap::decode {

class AuxRuns {
 public:
  struct Run {  // pieces that touch, up to a loss
    uint64_t begin = 0;
    uint64_t end = 0;
    // A hole, a loss, or bytes that cannot be read.
    bool lost_behind = false;
  };

  // Borrowed.
  explicit AuxRuns(const AuxBytes& aux);

  // By offset. Grows by split().
  size_t size() const { return runs_.size(); }
  const Run& operator[](size_t run) const { return runs_[run]; }

  // The run that holds `offset`, or else the next one.
  size_t find(uint64_t offset) const;

  // Bytes from `at` on, in that run, cannot be read: a damaged frame. The run
  // ends there; where they can be read again another one begins.
  void split(size_t run, uint64_t at);

 private:
  void cut(uint64_t loss);
  bool readable(uint64_t offset) const;

  const AuxBytes& aux_;
  std::vector<Run> runs_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_AUX_RUNS_H_
