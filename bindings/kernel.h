// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The one seam between the bindings and Linux: a test hands another Kernel to
// the objects it makes, and those run without perf, with faults as wanted.

#ifndef PTCAP_BINDINGS_KERNEL_H_
#define PTCAP_BINDINGS_KERNEL_H_

#include <poll.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bindings/abi/ioctls.h"
#include "bindings/abi/perf_event_attr.h"

namespace ptcap::bindings {

// Each call does what the system call of that name does, and fails as it does:
// -1 (or MAP_FAILED) and errno. Objects keep a reference to the Kernel they
// were made with; it outlives them. Any thread may call.
class Kernel {
 public:
  // Linux itself.
  static Kernel& real();

  virtual ~Kernel() = default;

  // On E2BIG the kernel writes the size it knows into attr.size.
  virtual int perf_event_open(abi::perf_event_attr& attr, pid_t pid, int cpu,
                              int group_fd, unsigned long flags) = 0;
  virtual int ioctl(int fd, abi::Ioctl request, unsigned long argument) = 0;
  virtual void* mmap(size_t size, int protection, int fd, off_t offset) = 0;
  virtual int munmap(void* address, size_t size) = 0;
  virtual ssize_t read(int fd, void* buffer, size_t size) = 0;
  virtual int poll(pollfd* fds, nfds_t count, int timeout_ms) = 0;
  virtual int close(int fd) = 0;

  // sysfs, tracefs and procfs. A file's whole content, without the newline at
  // its end; nullopt with errno.
  virtual std::optional<std::string> read_file(const std::string& path) = 0;
  // Names in a directory, sorted, without "." and ".."; nullopt with errno.
  virtual std::optional<std::vector<std::string>> list_directory(
      const std::string& path) = 0;
};

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_KERNEL_H_
