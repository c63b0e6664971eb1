// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/io/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "formats/io/error.h"

namespace ptcap::formats {

namespace {

[[noreturn]] void fail(const std::string& operation, int error) {
  throw std::system_error(error, std::generic_category(), operation);
}

UniqueFd open_input(const std::string& path) {
  if (path == "-") {
    const int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) fail("read stdin", errno);
    return UniqueFd(fd);
  }
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) fail("open " + path, errno);
  return UniqueFd(fd);
}

// Has no name, so nothing is left behind however the process ends.
UniqueFd open_unlinked() {
  const char* set = std::getenv("TMPDIR");
  const std::string directory = set != nullptr && *set != 0 ? set : "/tmp";
  const int fd =
      ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return UniqueFd(fd);
  // Not every file system has O_TMPFILE.
  std::string name = directory + "/ptdec.XXXXXX";
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named < 0) {
    fail("create a temporary file in " + directory + " (TMPDIR)", errno);
  }
  ::unlink(name.c_str());
  return UniqueFd(named);
}

void write_all(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("spool the input to a temporary file (TMPDIR)", errno);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
}

}  // namespace

InputFile::InputFile(const std::string& path)
    : name_(path == "-" ? "stdin" : path), fd_(open_input(path)) {
  struct stat status;
  if (fstat(fd_.get(), &status) != 0) fail("read " + name_, errno);
  if (S_ISREG(status.st_mode)) {
    size_ = static_cast<uint64_t>(status.st_size);
  } else if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)) {
    spool();
  } else if (S_ISDIR(status.st_mode)) {
    fail("read " + name_, EISDIR);
  } else {
    // A device may have no end; a terminal waits for ever.
    fail("read " + name_ + " (a device)", EINVAL);
  }
}

void InputFile::spool() {
  constexpr size_t kCopySize = 1 << 18;
  UniqueFd copy = open_unlinked();
  Buffer buffer(kCopySize);
  while (true) {
    const ssize_t n = ::read(fd_.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("read " + name_, errno);
    if (n == 0) break;
    write_all(copy.get(), Bytes(buffer).first(static_cast<size_t>(n)));
    size_ += static_cast<uint64_t>(n);
  }
  fd_ = std::move(copy);
}

size_t InputFile::read_at(uint64_t offset, std::span<uint8_t> out) const {
  size_t done = 0;
  while (done < out.size() && offset + done < size_) {
    const ssize_t n = ::pread(fd_.get(), out.data() + done, out.size() - done,
                              static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("read " + name_, errno);
    if (n == 0) break;  // shrank since it was opened
    done += static_cast<size_t>(n);
  }
  return done;
}

Buffer InputFile::read_exactly(uint64_t offset, uint64_t size) const {
  if (offset > size_ || size > size_ - offset) {
    throw FormatError(offset,
                      "needs " + std::to_string(size) + " bytes, has " +
                          std::to_string(size_ - std::min(offset, size_)));
  }
  Buffer bytes(size);
  if (read_at(offset, bytes) < size) {
    throw FormatError(offset, "the file shrank while it was read");
  }
  return bytes;
}

}  // namespace ptcap::formats
