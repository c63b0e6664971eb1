// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The memory of a stopped thread's process.

#ifndef PTCAP_CAPTURE_TRACEE_MEMORY_H_
#define PTCAP_CAPTURE_TRACEE_MEMORY_H_

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <type_traits>

#include "formats/io/byte_reader.h"

namespace ptcap::capture {

// Copies up to out.size() bytes from `address` on; returns how many, less
// where memory ends or cannot be read.
size_t read_memory(pid_t tid, uint64_t address, std::span<uint8_t> out);

// False if not all of it could be written. Protection does not count.
bool write_memory(pid_t tid, uint64_t address, formats::Bytes bytes);

// False, leaving `value`, if not all of it can be read.
template <typename T>
bool read_value(pid_t tid, uint64_t address, T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  uint8_t bytes[sizeof(T)];
  if (read_memory(tid, address, bytes) != sizeof(T)) return false;
  std::memcpy(&value, bytes, sizeof(T));
  return true;
}

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_TRACEE_MEMORY_H_
