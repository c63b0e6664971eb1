// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/thread_guards.h"

namespace ptcap::capture {

void ThreadGuards::add(uint32_t tid) {
  if (events_.contains(tid)) return;
  std::error_code ec;
  auto event = bindings::Event::open(
      bindings::EventAttr::dummy().user_only(),
      bindings::Target::thread(static_cast<pid_t>(tid)), {}, ec);
  if (event) events_.emplace(tid, std::move(event));
}

}  // namespace ptcap::capture
