// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The one exception for bytes that cannot be what they claim to be.

#ifndef PTCAP_FORMATS_IO_ERROR_H_
#define PTCAP_FORMATS_IO_ERROR_H_

#include <cstdint>
#include <stdexcept>
#include <string>

namespace ptcap::formats {

// Thrown when input is hopeless from `offset` on. Whoever knows the file name
// adds it; whoever can go on (a salvaging reader) catches it.
class FormatError : public std::runtime_error {
 public:
  FormatError(uint64_t offset, const std::string& what)
      : std::runtime_error(what + " at offset " + std::to_string(offset)),
        offset_(offset) {}

  // Counted in bytes from the start of the input that was being read.
  uint64_t offset() const { return offset_; }

 private:
  uint64_t offset_;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_ERROR_H_
