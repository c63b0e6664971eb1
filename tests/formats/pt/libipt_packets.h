// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// libipt's view of packets, as ours: the reference that the scanner and the
// writer are compared with.

#ifndef PTCAP_TESTS_FORMATS_PT_LIBIPT_PACKETS_H_
#define PTCAP_TESTS_FORMATS_PT_LIBIPT_PACKETS_H_

#include <intel-pt.h>

#include <cstdint>
#include <ostream>
#include <span>
#include <vector>

#include "formats/pt/packet.h"

namespace ptcap::pt {

void PrintTo(const Packet& packet, std::ostream* out);

namespace testing {

// All packets from the start of `bytes` to the first that libipt refuses.
struct LibiptPackets {
  std::vector<Packet> packets;
  int error = 0;        // -pte_eos at a clean end, too
  uint64_t offset = 0;  // where it stopped
};
LibiptPackets libipt_packets(std::span<const uint8_t> bytes);

// `packet` encoded by libipt; `size` and `type` as pt_packet has them.
std::vector<uint8_t> libipt_encode(const pt_packet& packet);

// The same from our scanner, up to and with what is no packet.
std::vector<Packet> scan(std::span<const uint8_t> bytes);

}  // namespace testing
}  // namespace ptcap::pt

#endif  // PTCAP_TESTS_FORMATS_PT_LIBIPT_PACKETS_H_
