// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A file whose name came from somewhere else (a trace, a mapping, a debug
// link): opened for reading only if reading it can neither block nor act.

#ifndef PTCAP_FORMATS_IO_REGULAR_FILE_H_
#define PTCAP_FORMATS_IO_REGULAR_FILE_H_

#include <cstdint>
#include <span>
#include <string>

namespace ptcap::formats {

// An open regular file, read by offset. Any thread may read at any time.
class RegularFile {
 public:
  // Throws std::system_error naming `path` if it cannot be opened, or is no
  // regular file: FIFOs, sockets, devices and directories are not even opened.
  explicit RegularFile(std::string path);
  ~RegularFile();
  RegularFile(RegularFile&& other) noexcept;
  RegularFile& operator=(RegularFile&& other) noexcept;

  const std::string& path() const { return path_; }
  int fd() const { return fd_; }  // stays owned by this object
  // When it was opened; it may have changed since.
  uint64_t size_bytes() const { return size_bytes_; }
  // Whether it belongs to root or to the user who asks.
  bool is_trusted() const;

  // Reads from `offset` on; the number of bytes read is less than out.size()
  // only at the end of the file. Throws std::system_error.
  uint64_t read(uint64_t offset, std::span<uint8_t> out) const;

 private:
  std::string path_;
  int fd_ = -1;
  uint64_t size_bytes_ = 0;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_REGULAR_FILE_H_
