// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/aux_runs.h"

#include <algorithm>
#include <utility>

namespace ptcap::decode {

AuxRuns::AuxRuns(const AuxBytes& aux) : aux_(aux) {
  for (const formats::AuxPiece& piece : aux.pieces()) {
    if (!runs_.empty() && runs_.back().end == piece.offset) {
      runs_.back().end += piece.size;
    } else {
      if (!runs_.empty()) runs_.back().lost_behind = true;
      runs_.push_back({piece.offset, piece.offset + piece.size});
    }
  }
  for (const uint64_t loss : aux.losses()) cut(loss);
}

// What is in front of `loss` does not go on behind it.
void AuxRuns::cut(uint64_t loss) {
  const size_t at = find(loss);
  if (at == runs_.size() || runs_[at].begin >= loss) return;
  const uint64_t end = std::exchange(runs_[at].end, loss);
  const bool lost_behind = std::exchange(runs_[at].lost_behind, true);
  runs_.insert(runs_.begin() + static_cast<std::ptrdiff_t>(at) + 1,
               {loss, end, lost_behind});
}

size_t AuxRuns::find(uint64_t offset) const {
  auto at = std::find_if(runs_.begin(), runs_.end(),
                         [&](const Run& run) { return run.end > offset; });
  return static_cast<size_t>(at - runs_.begin());
}

bool AuxRuns::readable(uint64_t offset) const {
  uint8_t byte;
  return aux_.read(offset, {&byte, 1}) == 1;
}

// Looks for where bytes can be read again: that is where a frame begins, often
// with a PSB.
void AuxRuns::split(size_t run, uint64_t at) {
  const uint64_t end = std::exchange(runs_[run].end, at);
  const bool lost_behind = std::exchange(runs_[run].lost_behind, true);
  constexpr uint64_t kStep = 4096;
  uint64_t bad = at;
  uint64_t good = at;
  do {
    bad = good;
    good += kStep;
    if (good >= end) {
      if (bad == end - 1 || !readable(end - 1)) return;
      good = end - 1;
    }
  } while (!readable(good));
  while (good - bad > 1) {
    const uint64_t middle = bad + (good - bad) / 2;
    (readable(middle) ? good : bad) = middle;
  }
  runs_.insert(runs_.begin() + static_cast<std::ptrdiff_t>(run) + 1,
               {good, end, lost_behind});
}

}  // namespace ptcap::decode
