// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Which file stands where: /proc/self/maps, read only when code of a mapping
// that ptcap does not know yet is translated.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_MAPS_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_MAPS_H_

#include <cstdint>

namespace ptcap::capture::emu::plugin {

// Changes when a mapping that ptcap was told of may have changed; never 0.
uint32_t mapping_epoch();

// Tells ptcap of the mapping that holds `address`, once.
void tell_mapping_of(uint64_t address);

// What was told of [begin, begin + size) is told again when asked for.
void forget_mappings(uint64_t begin, uint64_t size);

// In the child of a fork: nothing is told yet, and nobody holds the lock.
void forget_mappings_in_child();

}  // namespace ptcap::capture::emu::plugin

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_MAPS_H_
