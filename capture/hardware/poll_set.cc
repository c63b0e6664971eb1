// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/poll_set.h"

namespace ptcap::capture {

bool PollSet::wait(int timeout_ms) {
  std::vector<pollfd> all = fds_;
  all.insert(all.end(), others_.begin(), others_.end());
  const int ready = ::poll(all.data(), all.size(), timeout_ms);
  for (size_t i = 0; i < others_.size(); ++i) {
    others_[i].revents = ready > 0 ? all[fds_.size() + i].revents : short{0};
  }
  if (ready <= 0) return false;
  bool data = false;
  for (size_t i = 0; i < fds_.size(); ++i) {
    data |= (all[i].revents & POLLIN) != 0;
    if ((all[i].revents & (POLLHUP | POLLERR)) == 0) continue;
    // poll() ignores negative ones.
    fds_[i].fd = -1;
    --events_;
    data = true;
  }
  return data;
}

bool PollSet::is_ready(int other_fd) const {
  for (const pollfd& other : others_) {
    if (other.fd == other_fd && other.revents != 0) return true;
  }
  return false;
}

}  // namespace ptcap::capture
