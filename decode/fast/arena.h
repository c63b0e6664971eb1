// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A growing array whose elements never move.

#ifndef PTCAP_DECODE_FAST_ARENA_H_
#define PTCAP_DECODE_FAST_ARENA_H_

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <type_traits>
#include <utility>

namespace ptcap::decode::fast {

// Reserves address space for its capacity once and takes pages as it grows, so
// that references stay valid and nothing is ever copied. Elements are zero
// when they appear.
template <typename T>
class Arena {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  // `capacity` elements. Throws std::system_error.
  explicit Arena(size_t capacity)
      : capacity_(capacity), bytes_(capacity * sizeof(T)) {
    void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      throw std::system_error(errno, std::generic_category(),
                              "mmap of a decoder's memory");
    }
    data_ = static_cast<T*>(memory);
  }
  ~Arena() { munmap(data_, bytes_); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  T& operator[](size_t index) { return data_[index]; }
  const T& operator[](size_t index) const { return data_[index]; }

  // REQUIRES: room(1), or room(count).
  uint32_t add(const T& value) {
    data_[size_] = value;
    return static_cast<uint32_t>(size_++);
  }
  uint32_t add(const T* values, size_t count) {
    for (size_t i = 0; i < count; ++i) data_[size_ + i] = values[i];
    const size_t begin = size_;
    size_ += count;
    return static_cast<uint32_t>(begin);
  }

  bool room(size_t count) const { return capacity_ - size_ >= count; }
  size_t size() const { return size_; }
  size_t size_bytes() const { return size_ * sizeof(T); }
  const T* data() const { return data_; }

  // Forgets all but the first `size` elements and gives their pages back.
  void shrink(size_t size) {
    const size_t kept = (size * sizeof(T) + kPage - 1) / kPage * kPage;
    if (kept < bytes_) {
      madvise(reinterpret_cast<char*>(data_) + kept, bytes_ - kept,
              MADV_DONTNEED);
    }
    for (size_t i = size; i < size_ && i * sizeof(T) < kept; ++i) {
      data_[i] = T{};
    }
    size_ = size;
  }

 private:
  static constexpr size_t kPage = 4096;

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_;
  size_t bytes_;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_ARENA_H_
