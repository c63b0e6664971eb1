// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/io/output_file.h"

#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace ptcap::formats {
namespace {

constexpr size_t kPartsAtOnce = 64;  // IOV_MAX is 1024

}  // namespace

OutputFile::OutputFile(UniqueFd fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)) {
  struct stat status;
  if (fstat(fd_.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    start_ = lseek(fd_.get(), 0, SEEK_CUR);
  }
}

void OutputFile::append(std::span<const Bytes> parts) {
  if (error_ != 0) fail("write to", error_);
  uint64_t added = 0;
  for (const Bytes part : parts) added += part.size();
  for (size_t at = 0; at < parts.size(); at += kPartsAtOnce) {
    write_all(parts.subspan(at, std::min(kPartsAtOnce, parts.size() - at)));
  }
  size_ += added;
}

// REQUIRES: at most kPartsAtOnce.
void OutputFile::write_all(std::span<const Bytes> parts) {
  std::array<iovec, kPartsAtOnce> left;
  int count = 0;
  for (const Bytes part : parts) {
    if (part.empty()) continue;
    left[static_cast<size_t>(count++)] = {const_cast<uint8_t*>(part.data()),
                                          part.size()};
  }
  iovec* next = left.data();
  while (count > 0) {
    const ssize_t n = ::writev(fd_.get(), next, count);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail("write to", n < 0 ? errno : EIO);
    auto written = static_cast<size_t>(n);
    while (count > 0 && written >= next->iov_len) {
      written -= next->iov_len;
      ++next, --count;
    }
    if (count == 0) break;
    next->iov_base = static_cast<uint8_t*>(next->iov_base) + written;
    next->iov_len -= written;
  }
}

void OutputFile::overwrite(uint64_t offset, Bytes bytes) {
  if (error_ != 0) fail("write to", error_);
  uint64_t at = static_cast<uint64_t>(std::max<int64_t>(start_, 0)) + offset;
  while (!bytes.empty()) {
    const ssize_t n =
        ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail("write to", n < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<size_t>(n));
    at += static_cast<uint64_t>(n);
  }
}

void OutputFile::close() {
  if (error_ != 0) fail("write to", error_);
  if (::close(fd_.release()) != 0 && errno != EINTR) fail("close", errno);
}

void OutputFile::fail(const char* operation, int error) {
  // A torn unit at the end is better gone than reported by every reader. If
  // even that fails, readers cope.
  if (error_ == 0 && start_ >= 0 && fd_.get() >= 0) {
    const auto end = start_ + static_cast<int64_t>(size_);
    if (ftruncate(fd_.get(), end) == 0) lseek(fd_.get(), end, SEEK_SET);
  }
  error_ = error;
  throw std::system_error(error, std::generic_category(),
                          std::string(operation) + " " + path_);
}

}  // namespace ptcap::formats
