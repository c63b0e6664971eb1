// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A file that can be read at any offset, whatever it came through.

#ifndef PTCAP_FORMATS_IO_INPUT_FILE_H_
#define PTCAP_FORMATS_IO_INPUT_FILE_H_

#include <cstdint>
#include <span>
#include <string>

#include "formats/io/byte_writer.h"
#include "formats/io/unique_fd.h"

namespace ptcap::formats {

// Reads with pread(), never mmap(): a file that shrinks meanwhile is a short
// read, not a SIGBUS. May be used from several threads.
class InputFile {
 public:
  // Opens `path`; "-" is stdin. What cannot be read at an offset (pipe,
  // socket) is first copied to an unlinked file in $TMPDIR (/tmp). Throws
  // std::system_error naming the file: missing, a directory, a terminal or
  // another device, no space for the copy.
  explicit InputFile(const std::string& path);

  uint64_t size() const { return size_; }
  // For messages: the path, or "stdin".
  const std::string& name() const { return name_; }

  // The number of bytes read from `offset` on: fewer than out.size() only at
  // the end. Throws std::system_error naming the file.
  size_t read_at(uint64_t offset, std::span<uint8_t> out) const;

  // `size` bytes at `offset`; throws FormatError where the file has fewer.
  Buffer read_exactly(uint64_t offset, uint64_t size) const;

 private:
  void spool();

  std::string name_;
  UniqueFd fd_;
  uint64_t size_ = 0;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_INPUT_FILE_H_
