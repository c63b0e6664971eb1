// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Static probes of programs (SystemTap's sys/sdt.h): ELF notes that say where
// the probes are, to be traced by EventAttr::usdt().

#ifndef PTCAP_BINDINGS_USDT_H_
#define PTCAP_BINDINGS_USDT_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bindings/event_attr.h"
#include "bindings/kernel.h"

namespace ptcap::bindings {

struct UsdtProbe {
  std::string provider, name;
  // Where the values are at the probe: "-4@%eax 8@-24(%rbp)".
  std::string arguments;
  uint64_t file_offset = 0;
  // Of the counter that the program checks before it computes arguments; the
  // kernel counts it up while the probe is on. 0: none.
  uint64_t semaphore_offset = 0;
};

// All probes in .note.stapsdt of an ELF file of this machine's byte order,
// whether 32 or 64 bits. Notes and tables that do not fit the file are skipped:
// what is not ELF has no probes.
std::vector<UsdtProbe> parse_usdt_probes(std::span<const uint8_t> file);

// Of the file at `path`. Throws std::system_error where it cannot be read.
std::vector<UsdtProbe> read_usdt_probes(const std::string& path,
                                        Kernel& kernel = Kernel::real());

// One event for each site of the probe: a name may be at several places.
// Throws std::invalid_argument naming the probes there are.
std::vector<EventAttr> usdt_events(const std::string& path,
                                   std::string_view provider,
                                   std::string_view name,
                                   Kernel& kernel = Kernel::real());

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_USDT_H_
