// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// An array inside input bytes, whatever its alignment.

#ifndef PTCAP_FORMATS_PERF_ARRAY_VIEW_H_
#define PTCAP_FORMATS_PERF_ARRAY_VIEW_H_

#include <cassert>
#include <cstring>
#include <iterator>
#include <span>
#include <type_traits>
#include <vector>

#include "formats/io/byte_reader.h"

namespace ptcap::formats {

// Borrows the bytes; elements are copied out on access.
template <typename T>
class ArrayView {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = T;

    Iterator() = default;
    explicit Iterator(const uint8_t* at) : at_(at) {}
    T operator*() const {
      T value;
      std::memcpy(&value, at_, sizeof(T));
      return value;
    }
    Iterator& operator++() {
      at_ += sizeof(T);
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const uint8_t* at_ = nullptr;
  };

  ArrayView() = default;
  // REQUIRES: bytes.size() is a multiple of sizeof(T).
  explicit ArrayView(Bytes bytes) : bytes_(bytes) {
    assert(bytes.size() % sizeof(T) == 0);
  }
  // A view of what a builder is to write.
  ArrayView(std::span<const T> values)  // NOLINT: as a span would
      : bytes_(reinterpret_cast<const uint8_t*>(values.data()),
               values.size_bytes()) {}
  ArrayView(const std::vector<T>& values)  // NOLINT: as a span would
      : ArrayView(std::span<const T>(values)) {}

  size_t size() const { return bytes_.size() / sizeof(T); }
  bool empty() const { return bytes_.empty(); }
  Bytes bytes() const { return bytes_; }

  // REQUIRES: i < size().
  T operator[](size_t i) const {
    assert(i < size());
    return *Iterator(bytes_.data() + i * sizeof(T));
  }
  Iterator begin() const { return Iterator(bytes_.data()); }
  Iterator end() const { return Iterator(bytes_.data() + bytes_.size()); }

  std::vector<T> to_vector() const { return {begin(), end()}; }

 private:
  Bytes bytes_;
};

// The next `count` elements. Throws FormatError as ByteReader does, also for
// a count whose size does not fit 64 bits.
template <typename T>
ArrayView<T> take_array(ByteReader& reader, uint64_t count) {
  if (count > reader.remaining() / sizeof(T)) reader.skip(~uint64_t{0});
  return ArrayView<T>(reader.take(count * sizeof(T)));
}

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PERF_ARRAY_VIEW_H_
