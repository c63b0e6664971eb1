// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Numbers as text: addresses and offsets.

#ifndef PTCAP_FORMATS_IO_HEX_H_
#define PTCAP_FORMATS_IO_HEX_H_

#include <charconv>
#include <cstdint>
#include <string>

namespace ptcap::formats {

// Lower-case, without prefix or leading zeros.
inline std::string hex(uint64_t value) {
  char digits[16];
  return {digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr};
}

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_HEX_H_
