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
  FormatError(uint64_t offset, const std::string& reason)
      : std::runtime_error(reason + " at offset " + std::to_string(offset)),
        offset_(offset),
        reason_(reason) {}

  // Counted in bytes from the start of the input that was being read.
  uint64_t offset() const { return offset_; }
  // what() without the offset.
  const std::string& reason() const { return reason_; }

 private:
  uint64_t offset_;
  std::string reason_;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_ERROR_H_
