// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A file that is appended to, and ends at a whole unit.

#ifndef PTCAP_FORMATS_IO_OUTPUT_FILE_H_
#define PTCAP_FORMATS_IO_OUTPUT_FILE_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "formats/io/byte_reader.h"
#include "formats/io/unique_fd.h"

namespace ptcap::formats {

// Regular file, pipe or socket. Does not seek, but in overwrite().
class OutputFile {
 public:
  // `path` is for messages.
  OutputFile(UniqueFd fd, std::string path);

  // Appends all parts as one unit. Throws std::system_error naming the file;
  // a regular file is then cut back to its last whole unit, and every later
  // call throws the same error.
  void append(std::span<const Bytes> parts);
  void append(std::initializer_list<Bytes> parts) {
    append(std::span<const Bytes>(parts.begin(), parts.size()));
  }

  // Writes over what was appended from `offset` on, for a head that is known
  // last. REQUIRES: a file that can seek.
  void overwrite(uint64_t offset, Bytes bytes);

  // Closes, and throws what close() reports (NFS and quotas may only then).
  void close();

  uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }

 private:
  void write_all(std::span<const Bytes> parts);
  [[noreturn]] void fail(const char* operation, int error);

  UniqueFd fd_;
  std::string path_;
  uint64_t size_ = 0;   // whole units
  int64_t start_ = -1;  // file position of the first unit; -1 not regular
  int error_ = 0;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_OUTPUT_FILE_H_
