// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A view of a file that moves forward.

#ifndef PTCAP_FORMATS_IO_READ_WINDOW_H_
#define PTCAP_FORMATS_IO_READ_WINDOW_H_

#include <algorithm>
#include <cstdint>

#include "formats/io/input_file.h"

namespace ptcap::formats {

// Reads ahead, so that small pieces in a row cost few reads. Borrows the file.
class ReadWindow {
 public:
  ReadWindow(const InputFile& file, uint64_t read_ahead_bytes)
      : file_(file), read_ahead_(read_ahead_bytes) {}

  // The bytes from `offset` on: `size` of them, fewer at the end of the file.
  // Valid until the next call.
  Bytes at(uint64_t offset, uint64_t size) {
    if (offset >= file_.size()) return {};
    size = std::min(size, file_.size() - offset);
    if (offset < begin_ || offset + size > begin_ + bytes_.size()) {
      const uint64_t most = file_.size() - offset;
      bytes_.resize(std::min(std::max(size, read_ahead_), most));
      bytes_.resize(file_.read_at(offset, bytes_));
      begin_ = offset;
    }
    const uint64_t skip = offset - begin_;
    return Bytes(bytes_).subspan(skip, std::min(size, bytes_.size() - skip));
  }

 private:
  const InputFile& file_;
  const uint64_t read_ahead_;
  Buffer bytes_;
  uint64_t begin_ = 0;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_READ_WINDOW_H_
