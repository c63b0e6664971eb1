// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Finds the OVF packets of a piece without reading all its packets.

#ifndef PTCAP_CAPTURE_HARDWARE_OVERFLOW_SCAN_H_
#define PTCAP_CAPTURE_HARDWARE_OVERFLOW_SCAN_H_

#include <cstdint>
#include <vector>

#include "formats/io/byte_reader.h"

namespace ptcap::capture {

// Offsets of the OVF packets, ascending. `bytes` begin between packets. Looks
// for the two bytes of an OVF, and reads packets from the last PSB on only
// where they stand, to tell whether they are one.
std::vector<uint64_t> find_overflows(formats::Bytes bytes);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_OVERFLOW_SCAN_H_
