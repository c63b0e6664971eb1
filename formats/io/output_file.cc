// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/io/output_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace ptcap::formats {

OutputFile::OutputFile(UniqueFd fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)) {
  struct stat status;
  if (fstat(fd_.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    start_ = lseek(fd_.get(), 0, SEEK_CUR);
  }
}

void OutputFile::append(std::initializer_list<Bytes> parts) {
  if (error_ != 0) fail("write to", error_);
  uint64_t added = 0;
  for (Bytes part : parts) {
    write_all(part);
    added += part.size();
  }
  size_ += added;
}

void OutputFile::write_all(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail("write to", n < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<size_t>(n));
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
