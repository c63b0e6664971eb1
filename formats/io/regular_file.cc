// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/io/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace ptcap::formats {
namespace {

[[noreturn]] void fail(const std::string& path, int error) {
  throw std::system_error(error, std::generic_category(), path);
}

void require_regular(const std::string& path, const struct stat& status) {
  if (S_ISREG(status.st_mode)) return;
  if (S_ISDIR(status.st_mode)) fail(path, EISDIR);
  throw std::system_error(EINVAL, std::generic_category(),
                          path + " is not a regular file");
}

}  // namespace

RegularFile::RegularFile(std::string path) : path_(std::move(path)) {
  struct stat status;
  if (stat(path_.c_str(), &status) != 0) fail(path_, errno);
  require_regular(path_, status);
  // The name may have been given to a FIFO meanwhile: O_NONBLOCK.
  fd_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd_ < 0) fail(path_, errno);
  try {
    if (fstat(fd_, &status) != 0) fail(path_, errno);
    require_regular(path_, status);
  } catch (...) {
    close(fd_);
    throw;
  }
  size_bytes_ = static_cast<uint64_t>(status.st_size);
}

RegularFile::~RegularFile() {
  if (fd_ >= 0) close(fd_);
}

RegularFile::RegularFile(RegularFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      size_bytes_(other.size_bytes_) {}

RegularFile& RegularFile::operator=(RegularFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(size_bytes_, other.size_bytes_);
  return *this;
}

uint64_t RegularFile::read(uint64_t offset, std::span<uint8_t> out) const {
  constexpr uint64_t kMaxOffset = std::numeric_limits<off_t>::max();
  uint64_t done = 0;
  while (done < out.size()) {
    if (offset > kMaxOffset - done) break;
    ssize_t n = pread(fd_, out.data() + done, out.size() - done,
                      static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path_, errno);
    if (n == 0) break;
    done += static_cast<uint64_t>(n);
  }
  return done;
}

bool RegularFile::is_trusted() const {
  struct stat status;
  if (fstat(fd_, &status) != 0) return false;
  return status.st_uid == geteuid() || status.st_uid == 0;
}

}  // namespace ptcap::formats
