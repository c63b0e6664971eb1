// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What a capture waits for.

#ifndef PTCAP_CAPTURE_HARDWARE_POLL_SET_H_
#define PTCAP_CAPTURE_HARDWARE_POLL_SET_H_

#include <poll.h>

#include <cstddef>
#include <vector>

namespace ptcap::capture {

// Descriptors of events, each until its threads have ended, and others.
class PollSet {
 public:
  void add_event(int fd) { fds_.push_back({fd, POLLIN, 0}), ++events_; }
  // `fd` < 0 is none.
  void add_other(int fd) { others_.push_back({fd, POLLIN, 0}); }

  // Waits until there is something, a signal comes or the time is over.
  // Returns whether an event has data.
  bool wait(int timeout_ms);

  // All threads that were traced have ended.
  bool all_events_ended() const { return events_ == 0; }
  // Since the last wait().
  bool is_ready(int other_fd) const;

 private:
  std::vector<pollfd> fds_, others_;
  size_t events_ = 0;  // not ended
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_POLL_SET_H_
