// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/kernel.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "bindings/raw.h"

namespace ptcap::bindings {

namespace {

class Linux final : public Kernel {
 public:
  int perf_event_open(abi::perf_event_attr& attr, pid_t pid, int cpu,
                      int group_fd, unsigned long flags) override {
    return raw::perf_event_open(&attr, pid, cpu, group_fd, flags);
  }
  int ioctl(int fd, abi::Ioctl request, unsigned long argument) override {
    return raw::ioctl(fd, request, argument);
  }
  void* mmap(size_t size, int protection, int fd, off_t offset) override {
    return ::mmap(nullptr, size, protection, MAP_SHARED, fd, offset);
  }
  int munmap(void* address, size_t size) override {
    return ::munmap(address, size);
  }
  ssize_t read(int fd, void* buffer, size_t size) override {
    return ::read(fd, buffer, size);
  }
  int poll(pollfd* fds, nfds_t count, int timeout_ms) override {
    return ::poll(fds, count, timeout_ms);
  }
  int close(int fd) override { return ::close(fd); }

  std::optional<std::string> read_file(const std::string& path) override {
    int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return std::nullopt;
    std::string text;
    char buffer[4096];
    ssize_t size;
    while ((size = ::read(fd, buffer, sizeof(buffer))) > 0)
      text.append(buffer, size);
    int error = errno;
    ::close(fd);
    if (size < 0) {
      errno = error;
      return std::nullopt;
    }
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }

  std::optional<std::vector<std::string>> list_directory(
      const std::string& path) override {
    std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()),
                                                  ::closedir);
    if (!directory) return std::nullopt;
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(directory.get())) {
      std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
  }
};

}  // namespace

Kernel& Kernel::real() {
  static Linux kernel;
  return kernel;
}

}  // namespace ptcap::bindings
