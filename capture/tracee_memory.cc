// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/tracee_memory.h"

#include <fcntl.h>
#include <sys/uio.h>

#include <string>

#include "formats/io/unique_fd.h"

namespace ptcap::capture {
namespace {

using formats::UniqueFd;

UniqueFd open_memory(pid_t tid, int flags) {
  const std::string path = "/proc/" + std::to_string(tid) + "/mem";
  return UniqueFd(::open(path.c_str(), flags | O_CLOEXEC));
}

}  // namespace

size_t read_memory(pid_t tid, uint64_t address, std::span<uint8_t> out) {
  const iovec local = {out.data(), out.size()};
  // NOLINTNEXTLINE(performance-no-int-to-ptr): in another address space
  const iovec remote = {reinterpret_cast<void*>(address), out.size()};
  ssize_t n = ::process_vm_readv(tid, &local, 1, &remote, 1, 0);
  if (n < 0) {
    // Execute-only memory: /proc/PID/mem reads it all the same.
    const UniqueFd memory = open_memory(tid, O_RDONLY);
    n = ::pread(memory.get(), out.data(), out.size(),
                static_cast<off_t>(address));
  }
  return n < 0 ? 0 : static_cast<size_t>(n);
}

bool write_memory(pid_t tid, uint64_t address, formats::Bytes bytes) {
  const UniqueFd memory = open_memory(tid, O_WRONLY);
  const ssize_t n = ::pwrite(memory.get(), bytes.data(), bytes.size(),
                             static_cast<off_t>(address));
  return n == static_cast<ssize_t>(bytes.size());
}

}  // namespace ptcap::capture
