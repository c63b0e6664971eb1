// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Keeps the kernel from leaving one thread's events running for another.

#ifndef PTCAP_CAPTURE_HARDWARE_THREAD_GUARDS_H_
#define PTCAP_CAPTURE_HARDWARE_THREAD_GUARDS_H_

#include <cstdint>
#include <map>
#include <optional>

#include "bindings/event.h"

namespace ptcap::capture {

// When a CPU goes from one thread to another whose events are all inherited
// copies of the same ones, the kernel does not stop and start them: it swaps
// the two threads' contexts (context_equiv() in kernel/events/core.c). Bytes of
// both would then be one piece of the AUX area. A thread that has an event
// which is not inherited has children whose contexts are no copies; so each
// thread gets one, that does nothing.
//
// A thread's children from before its guard was there (the time that ptcap
// takes to read of the fork) may still be swapped with it.
class ThreadGuards {
 public:
  // Nothing happens if it is gone, or guarded.
  void add(uint32_t tid);
  void remove(uint32_t tid) { events_.erase(tid); }

 private:
  std::map<uint32_t, std::optional<bindings::Event>> events_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_THREAD_GUARDS_H_
