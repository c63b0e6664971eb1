// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What a terminal gets beyond the bytes that a file gets: a pager, colours and
// the progress of long runs.

#ifndef PTCAP_DECODE_CLI_TERMINAL_H_
#define PTCAP_DECODE_CLI_TERMINAL_H_

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace ptcap::decode {

// Whether stdout may have colours: a terminal, and no NO_COLOR.
bool stdout_has_colour();

// How wide stdout is; 80 where it is no terminal. Before a Pager has it.
size_t stdout_columns();

// Whether the user's locale has UTF-8, so that text may draw with it.
bool locale_is_utf8();

// While it lives, stdout (and stderr, if that is a terminal too) goes to
// $PTDEC_PAGER, else $PAGER, else `less`, if stdout is a terminal and there is
// such a program. `less` ends at once with what fits on one screen. At most one
// at a time.
class Pager {
 public:
  Pager();
  ~Pager();  // waits until its user has seen enough
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;

 private:
  int stdout_ = -1, stderr_ = -1;  // what they were; -1: not redirected
};

// "ptdec: 41 %, 130 MB/s, 6 s left" on stderr, if that is a terminal and what
// is counted takes over a second. From any thread.
class Progress {
 public:
  Progress();
  ~Progress() { clear(); }

  // `bytes` more of `total` are done.
  void add(uint64_t bytes, uint64_t total);
  // Removes the line, for other text to stand there.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  void show(Clock::time_point now, uint64_t total);

  const bool enabled_;
  const Clock::time_point begin_ = Clock::now();
  std::atomic<uint64_t> done_ = 0;
  std::mutex mutex_;  // of what follows
  Clock::time_point next_;
  bool shown_ = false;
};

// The line without "\r" and escapes. `seconds` have passed.
std::string progress_text(uint64_t done, uint64_t total, double seconds);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_TERMINAL_H_
