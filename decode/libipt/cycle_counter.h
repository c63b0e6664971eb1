// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The core cycles that CYC packets count, which libipt only turns into time.

#ifndef PTCAP_DECODE_LIBIPT_CYCLE_COUNTER_H_
#define PTCAP_DECODE_LIBIPT_CYCLE_COUNTER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ptcap::decode {

// Of the bytes of one window. Asked for offsets that do not go back.
class CycleCounter {
 public:
  // `offset` is that of the first byte in the stream. What was not taken of
  // the bytes before is the next that is. Cycles that passed while tracing was
  // off are left out.
  void read(std::span<const uint8_t> bytes, uint64_t offset);

  // Cycles since the last call, up to there.
  uint64_t take(uint64_t offset);

 private:
  struct Mark {  // behind a packet, in the stream
    uint64_t offset = 0;
    uint64_t cycles = 0;
  };

  std::vector<Mark> marks_;
  size_t next_ = 0;
  bool off_ = false;  // behind a TIP.PGD
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_LIBIPT_CYCLE_COUNTER_H_
