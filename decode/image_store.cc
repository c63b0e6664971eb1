// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/image_store.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace ptcap::decode {

namespace {

constexpr uint64_t kPageSize = 4096;
// Of a file: sparse, so that only what is used is on disk.
constexpr uint64_t kFileSize = 64ull << 20;

uint64_t whole_pages(uint64_t size) {
  return (size + kPageSize - 1) & ~(kPageSize - 1);
}

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

int open_file(uint64_t size) {
  const char* folder = std::getenv("TMPDIR");
  int fd = open_unlinked(folder != nullptr && *folder != 0 ? folder : "/tmp");
  if (fd < 0) fd = memfd_create("ptdec-code", MFD_CLOEXEC);
  if (fd < 0 || ftruncate(fd, static_cast<off_t>(size)) < 0) {
    fail("temporary file for code images");
  }
  return fd;
}

}  // namespace

ImageStore::~ImageStore() {
  for (const auto& [data, image] : images_) {
    munmap(const_cast<uint8_t*>(data), image.size);
  }
  for (const File& file : files_) close(file.fd);
}

ImageStore::File& ImageStore::file_for(uint64_t size) {
  if (files_.empty() || files_.back().size - files_.back().used < size) {
    const uint64_t file_size = std::max(kFileSize, whole_pages(size));
    files_.push_back({open_file(file_size), file_size, 0});
  }
  return files_.back();
}

std::span<const uint8_t> ImageStore::add(std::span<const uint8_t> bytes) {
  if (bytes.empty()) return {};
  File& file = file_for(bytes.size());
  write_all(file.fd, bytes, file.used);
  const timespec fixed[2] = {};
  if (futimens(file.fd, fixed) < 0) fail("time of a temporary file");
  void* data = mmap(nullptr, bytes.size(), PROT_READ, MAP_SHARED, file.fd,
                    static_cast<off_t>(file.used));
  if (data == MAP_FAILED) fail("mmap of code images");
  const auto* begin = static_cast<const uint8_t*>(data);
  images_[begin] = {files_.size() - 1, file.used, bytes.size()};
  file.used += whole_pages(bytes.size());
  return {begin, bytes.size()};
}

std::optional<ImageStore::Place> ImageStore::locate(
    std::span<const uint8_t> bytes) const {
  auto after = images_.upper_bound(bytes.data());
  if (after == images_.begin()) return std::nullopt;
  const auto& [begin, image] = *std::prev(after);
  const auto at = static_cast<uint64_t>(bytes.data() - begin);
  if (at > image.size || bytes.size() > image.size - at) return std::nullopt;
  return Place{"/proc/self/fd/" + std::to_string(files_[image.file].fd),
               image.offset + at};
}

}  // namespace ptcap::decode
