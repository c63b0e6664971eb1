// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the fast engines have in common for those who use them.

#ifndef PTCAP_DECODE_FAST_ENGINE_OPTIONS_H_
#define PTCAP_DECODE_FAST_ENGINE_OPTIONS_H_

#include <cstdint>

#include "decode/stream.h"

namespace ptcap::decode::fast {

// What happened, in bytes and times since construction.
struct EngineStats {
  uint64_t bytes = 0;
  uint64_t chunk_hits = 0;    // by lookup; those by prediction are the rest
  uint64_t chunk_misses = 0;  // pieces that were followed packet by packet
  // What libipt had to decode, and the gaps that it found there.
  uint64_t stretches = 0;
  uint64_t stretch_bytes = 0;
  uint64_t gaps = 0;
  uint64_t evictions = 0;
  // Of `gaps`: too far from a PSB for a second try (journal.h).
  uint64_t abandoned = 0;
};

struct EngineOptions {
  PtSettings settings;
  // Of memory. Old entries go when it is full; counts stay exact.
  uint64_t limit_bytes = 512 << 20;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_ENGINE_OPTIONS_H_
