// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A file descriptor with one owner.

#ifndef PTCAP_FORMATS_IO_UNIQUE_FD_H_
#define PTCAP_FORMATS_IO_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace ptcap::formats {

// Closes what it holds; -1 is nothing.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = other.release();
    }
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset() {
    if (fd_ >= 0) ::close(release());
  }

 private:
  int fd_ = -1;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_UNIQUE_FD_H_
