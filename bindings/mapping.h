// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Memory that an event shares with the kernel.

#ifndef PTCAP_BINDINGS_MAPPING_H_
#define PTCAP_BINDINGS_MAPPING_H_

#include <cstddef>
#include <string_view>
#include <utility>

#include "bindings/event.h"

namespace ptcap::bindings {

enum class Access {
  kConsume,    // the kernel keeps what was not released, and drops what is new
  kOverwrite,  // the kernel overwrites what is oldest
};

// Owns one mapping of an event. Throws PerfError naming `area`.
class Mapping {
 public:
  Mapping(const Event& event, std::string_view area, size_t size, size_t offset,
          Access access);
  Mapping(Mapping&& other) noexcept
      : kernel_(other.kernel_),
        address_(std::exchange(other.address_, nullptr)),
        size_(other.size_) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(kernel_, other.kernel_);
    std::swap(address_, other.address_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Mapping() {
    if (address_) kernel_->munmap(address_, size_);
  }

  uint8_t* data() const { return static_cast<uint8_t*>(address_); }
  size_t size() const { return size_; }

 private:
  Kernel* kernel_;
  void* address_;
  size_t size_;
};

size_t page_size();

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_MAPPING_H_
