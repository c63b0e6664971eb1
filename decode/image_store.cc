// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/image_store.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace ptcap::decode {

namespace {

constexpr uint64_t kPageSize = 4096;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int open_unlinked(const std::string& folder) {
  const int fd =
      open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  if (fd >= 0) return fd;
  std::string name = folder + "/ptdec-code.XXXXXX";
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) unlink(name.c_str());
  return named;
}

void write_all(int fd, std::span<const uint8_t> bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t size =
        pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) fail("temporary file for code images");
    bytes = bytes.subspan(static_cast<size_t>(size));
    offset += static_cast<uint64_t>(size);
  }
}

}  // namespace

ImageStore::ImageStore() {
  const char* folder = std::getenv("TMPDIR");
  fd_ = open_unlinked(folder != nullptr && *folder != 0 ? folder : "/tmp");
  if (fd_ < 0) fd_ = memfd_create("ptdec-code", MFD_CLOEXEC);
  if (fd_ < 0) fail("temporary file for code images");
  path_ = "/proc/self/fd/" + std::to_string(fd_);
}

ImageStore::~ImageStore() {
  for (const auto& [data, image] : images_) {
    munmap(const_cast<uint8_t*>(data), image.size);
  }
  close(fd_);
}

std::span<const uint8_t> ImageStore::add(std::span<const uint8_t> bytes) {
  if (bytes.empty()) return {};
  write_all(fd_, bytes, end_);
  void* data = mmap(nullptr, bytes.size(), PROT_READ, MAP_SHARED, fd_,
                    static_cast<off_t>(end_));
  if (data == MAP_FAILED) fail("mmap of code images");
  const auto* begin = static_cast<const uint8_t*>(data);
  images_[begin] = {end_, bytes.size()};
  end_ += (bytes.size() + kPageSize - 1) & ~(kPageSize - 1);
  return {begin, bytes.size()};
}

std::optional<uint64_t> ImageStore::locate(
    std::span<const uint8_t> bytes) const {
  auto after = images_.upper_bound(bytes.data());
  if (after == images_.begin()) return std::nullopt;
  const auto& [begin, image] = *std::prev(after);
  const auto at = static_cast<uint64_t>(bytes.data() - begin);
  if (at > image.size || bytes.size() > image.size - at) return std::nullopt;
  return image.offset + at;
}

}  // namespace ptcap::decode
