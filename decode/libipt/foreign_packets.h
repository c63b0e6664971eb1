// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Packets that libipt 2.0 does not know: PEBS records in the stream (BBP, BIP,
// BEP) and event trace (CFE, EVD).

#ifndef PTCAP_DECODE_LIBIPT_FOREIGN_PACKETS_H_
#define PTCAP_DECODE_LIBIPT_FOREIGN_PACKETS_H_

#include <cstdint>
#include <deque>
#include <span>

#include "decode/events.h"

namespace ptcap::decode {

struct ForeignEvents {
  struct Located {
    uint64_t offset = 0;  // in the bytes
    StreamEvent event;
  };
  std::deque<Located> by_offset;
  // What each of libipt's EXSTOP events stands for.
  std::deque<StreamEvent> stops;
};

// Puts padding in the place of such packets, so that libipt steps over them. If
// a FUP belongs to one it becomes an EXSTOP, which libipt brings to the FUP's
// ip in the flow. Says what they, PSBs and unknown packets are. `bytes` begin
// at a packet.
//
// libipt 2.1 knows CFE and EVD; taking them here makes every libipt say the
// same. PWRE's bit for hardware is put where libipt looks for it, too.
ForeignEvents hide_foreign_packets(std::span<uint8_t> bytes);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_LIBIPT_FOREIGN_PACKETS_H_
