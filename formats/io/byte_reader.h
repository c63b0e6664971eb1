// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The one place where bounds of input are checked.

#ifndef PTCAP_FORMATS_IO_BYTE_READER_H_
#define PTCAP_FORMATS_IO_BYTE_READER_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace ptcap::formats {

static_assert(std::endian::native == std::endian::little,
              "the traced and the tracing machine are both x86");

using Bytes = std::span<const uint8_t>;

// Reads little-endian values from the front of a byte span that it borrows.
// Every read past the end throws FormatError with the offset in the input.
class ByteReader {
 public:
  // `base_offset` is where `bytes` begins in the input, for messages.
  explicit ByteReader(Bytes bytes, uint64_t base_offset = 0)
      : bytes_(bytes), base_offset_(base_offset) {}

  uint8_t u8() { return value<uint8_t>(); }
  uint16_t u16() { return value<uint16_t>(); }
  uint32_t u32() { return value<uint32_t>(); }
  int32_t s32() { return value<int32_t>(); }
  uint64_t u64() { return value<uint64_t>(); }

  template <typename T>
  T value() {
    static_assert(std::is_trivially_copyable_v<T>);
    T v;
    std::memcpy(&v, take(sizeof(T)).data(), sizeof(T));
    return v;
  }

  // LEB128, as ByteWriter::varint() writes it; at most 10 bytes.
  uint64_t varint() {
    uint64_t v = 0;
    uint64_t at = position_;
    for (unsigned shift = 0; shift < 64 && at < bytes_.size(); shift += 7) {
      const uint8_t byte = bytes_[at++];
      v |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        position_ = at;
        return v;
      }
    }
    fail_varint();
  }

  // The next `size` bytes; valid as long as the input.
  Bytes take(uint64_t size) {
    if (size > remaining()) fail_short(size);
    Bytes part = bytes_.subspan(position_, size);
    position_ += size;
    return part;
  }

  void skip(uint64_t size) { take(size); }

  // A string that ends at its NUL, inside a field of `size` bytes that is
  // consumed whole. A field without NUL is the whole string.
  std::string_view string_field(uint64_t size);

  // As ByteWriter::string() writes it.
  std::string_view string();

  // What is left, consumed.
  Bytes rest() { return take(remaining()); }

  uint64_t remaining() const { return bytes_.size() - position_; }
  bool empty() const { return remaining() == 0; }
  // In the input, so base_offset is included.
  uint64_t offset() const { return base_offset_ + position_; }

 private:
  [[noreturn]] void fail_short(uint64_t wanted) const;
  [[noreturn]] void fail_varint() const;

  Bytes bytes_;
  uint64_t base_offset_;
  uint64_t position_ = 0;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_BYTE_READER_H_
