// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The arena as ptcap has it: makes it, waits on its bell.

#ifndef PTCAP_CAPTURE_EMU_ARENA_OWNER_H_
#define PTCAP_CAPTURE_EMU_ARENA_OWNER_H_

#include <chrono>
#include <string>

#include "capture/emu/arena.h"

namespace ptcap::capture::emu {

class ArenaOwner {
 public:
  // Throws std::system_error if there is no memory for it. REQUIRES: SIGXFSZ
  // is ignored.
  explicit ArenaOwner(const ArenaConfig& config);
  ~ArenaOwner();
  ArenaOwner(const ArenaOwner&) = delete;
  ArenaOwner& operator=(const ArenaOwner&) = delete;

  Arena arena() const { return arena_; }
  ArenaHeader& header() const { return arena_.header(); }
  // As it was made: the header's may be scribbled over.
  uint32_t slot_count() const { return slot_count_; }
  // For an emulator, as long as this process lives.
  const std::string& path() const { return path_; }

  // Rings the bell of this arena when a child changes state, so that wait()
  // returns; until the end of the arena's life.
  void watch_children();

  // Until the bell is no more `seen`, or the time is over, or a signal comes.
  void wait(uint32_t seen, std::chrono::milliseconds timeout) const;

  // Sets a slot free, its memory given back.
  void release(uint32_t slot);

 private:
  int fd_;
  uint32_t slot_count_ = 0;
  std::string path_;
  Arena arena_;
  struct SavedAction;
  SavedAction* saved_ = nullptr;
};

}  // namespace ptcap::capture::emu

#endif  // PTCAP_CAPTURE_EMU_ARENA_OWNER_H_
