// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The other half of ByteReader: little-endian values at the end of a buffer.

#ifndef PTCAP_FORMATS_IO_BYTE_WRITER_H_
#define PTCAP_FORMATS_IO_BYTE_WRITER_H_

#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

#include "formats/io/byte_reader.h"

namespace ptcap::formats {

using Buffer = std::vector<uint8_t>;

// Appends to a buffer that it borrows.
class ByteWriter {
 public:
  explicit ByteWriter(Buffer& out) : out_(out) {}

  void u8(uint8_t v) { value(v); }
  void u16(uint16_t v) { value(v); }
  void u32(uint32_t v) { value(v); }
  void u64(uint64_t v) { value(v); }

  template <typename T>
  void value(const T& v) {
    static_assert(std::is_trivially_copyable_v<T>);
    const size_t at = out_.size();
    out_.resize(at + sizeof(T));
    std::memcpy(out_.data() + at, &v, sizeof(T));
  }

  // LEB128: seven bits a byte, the lowest first, the top bit on all but the
  // last one. ByteReader::varint() reads it.
  void varint(uint64_t v) {
    for (; v >= 0x80; v >>= 7) u8(static_cast<uint8_t>(v | 0x80));
    u8(static_cast<uint8_t>(v));
  }

  void bytes(Bytes part) { out_.insert(out_.end(), part.begin(), part.end()); }

  // varint of the length, then the characters.
  void string(std::string_view text) {
    varint(text.size());
    out_.insert(out_.end(), text.begin(), text.end());
  }

  void zeros(uint64_t count) { out_.resize(out_.size() + count); }

 private:
  Buffer& out_;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_BYTE_WRITER_H_
