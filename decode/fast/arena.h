// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Growing arrays whose elements never move.

#ifndef PTCAP_DECODE_FAST_ARENA_H_
#define PTCAP_DECODE_FAST_ARENA_H_

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <type_traits>
#include <utility>

namespace ptcap::decode::fast {

inline constexpr size_t kPage = 4096;

constexpr size_t whole_pages(size_t bytes) {
  return (bytes + kPage - 1) / kPage * kPage;
}

// Address space for arenas, all of them in one mapping: a short trace is
// decoded in the time that a dozen of mmap() and munmap() take.
class Reservation {
 public:
  // Throws std::system_error.
  explicit Reservation(size_t bytes) : bytes_(whole_pages(bytes)) {
    void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      throw std::system_error(errno, std::generic_category(),
                              "mmap of a decoder's memory");
    }
    data_ = static_cast<char*>(memory);
  }
  ~Reservation() { munmap(data_, bytes_); }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;

  // Whole pages. REQUIRES: there are so many.
  char* take(size_t bytes) {
    bytes = whole_pages(bytes);
    assert(bytes_ - taken_ >= bytes);
    char* memory = data_ + taken_;
    taken_ += bytes;
    return memory;
  }

 private:
  size_t bytes_;
  size_t taken_ = 0;
  char* data_ = nullptr;
};

// Takes pages as it grows, so that references stay valid and nothing is ever
// copied. Elements are zero when they appear.
template <typename T>
class Arena {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  // Of a reservation.
  static constexpr size_t bytes_for(size_t capacity) {
    return whole_pages(capacity * sizeof(T));
  }

  // `capacity` elements. The memory is borrowed.
  Arena(Reservation& memory, size_t capacity)
      : data_(reinterpret_cast<T*>(memory.take(bytes_for(capacity)))),
        capacity_(capacity) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  T& operator[](size_t index) { return data_[index]; }
  const T& operator[](size_t index) const { return data_[index]; }

  // REQUIRES: room(1), or room(count).
  uint32_t add(const T& value) {
    const uint32_t index = add_zero();
    data_[index] = value;
    return index;
  }
  uint32_t add(const T* values, size_t count) {
    const size_t begin = size_;
    size_ += count;
    if (size_ * sizeof(T) > present_) [[unlikely]]
      make_present();
    std::copy_n(values, count, data_ + begin);
    return static_cast<uint32_t>(begin);
  }
  // One more element, without a touch.
  uint32_t add_zero() {
    if (++size_ * sizeof(T) > present_) [[unlikely]]
      make_present();
    return static_cast<uint32_t>(size_ - 1);
  }

  bool room(size_t count) const { return capacity_ - size_ >= count; }
  size_t size() const { return size_; }
  size_t size_bytes() const { return size_ * sizeof(T); }
  const T* data() const { return data_; }

  // Forgets all but the first `size` elements and gives their pages back.
  void shrink(size_t size) {
    const size_t kept = whole_pages(size * sizeof(T));
    const size_t all = bytes_for(capacity_);
    if (kept < all) {
      madvise(reinterpret_cast<char*>(data_) + kept, all - kept, MADV_DONTNEED);
    }
    for (size_t i = size; i < size_ && i * sizeof(T) < kept; ++i) {
      data_[i] = T{};
    }
    size_ = size;
    present_ = kept;
  }

 private:
  // Page faults are a third of a first decode: takes pages a quarter of the
  // size at a time, which costs a third of it. Where the kernel cannot (before
  // 5.14), they fault one by one.
  void make_present() {
    constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE
    const size_t begin = present_;
    const size_t step =
        std::max(size_ * sizeof(T) / 4, begin == 0 ? kPage : 4 * kPage);
    present_ =
        std::min(whole_pages(size_ * sizeof(T) + step), bytes_for(capacity_));
    if (begin == 0) return;
    madvise(reinterpret_cast<char*>(data_) + begin, present_ - begin,
            kPopulateWrite);
  }

  T* data_;
  size_t size_ = 0;
  size_t capacity_;
  size_t present_ = 0;  // bytes in whole pages that need not be asked for
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_ARENA_H_
