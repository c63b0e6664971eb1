// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What /proc says about processes. A process that is gone reads as empty.

#ifndef PTCAP_CAPTURE_PROC_FILES_H_
#define PTCAP_CAPTURE_PROC_FILES_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/recorder.h"

namespace ptcap::capture {

// The whole file; empty if it cannot be read.
std::string read_file(const std::string& path);

// A line of /proc/PID/maps; nullopt for what is none. Names as perf has them:
// "//anon" where the line has none.
std::optional<Mapping> parse_maps_line(std::string_view line);

// In order of addresses.
std::vector<Mapping> read_mappings(pid_t pid);

// /proc/PID/task, in any order.
std::vector<pid_t> read_threads(pid_t pid);

// The name of a thread, as in COMM.
std::string read_comm(pid_t tid);

struct TaskStatus {
  pid_t pid = 0;         // Tgid
  pid_t parent_pid = 0;  // PPid
  pid_t tracer_pid = 0;
  uint64_t pending = 0;  // signals of the thread: bit N-1 is signal N
  uint64_t ignored = 0, caught = 0;
};
std::optional<TaskStatus> read_status(pid_t tid);

constexpr bool has_signal(uint64_t mask, int signal) {
  return (mask >> (signal - 1) & 1) != 0;
}

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_PROC_FILES_H_
