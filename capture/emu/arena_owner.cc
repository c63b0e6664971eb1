// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/arena_owner.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>

namespace ptcap::capture::emu {

namespace {

std::atomic<uint32_t>* watched_bell = nullptr;

void on_child(int /*signal*/) {
  const int saved_errno = errno;
  watched_bell->fetch_add(1);
  syscall(SYS_futex, watched_bell, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  errno = saved_errno;
}

[[noreturn]] void fail(const char* operation) {
  throw std::system_error(errno, std::generic_category(), operation);
}

// `ulimit -f` holds for memory files, too: as many slots as it lets us have.
// REQUIRES: SIGXFSZ is ignored, as InterruptGuard has it.
uint32_t size_arena(int fd) {
  constexpr uint32_t kMinSlots = 16;
  for (uint32_t slots = kMaxSlots; slots >= kMinSlots; slots /= 2) {
    if (ftruncate(fd, static_cast<off_t>(arena_size(slots))) == 0) return slots;
    if (errno != EFBIG) break;
  }
  fail("ftruncate(arena)");
}

}  // namespace

struct ArenaOwner::SavedAction {
  struct sigaction action;
};

ArenaOwner::ArenaOwner(const ArenaConfig& config)
    : fd_(memfd_create("ptcap", MFD_CLOEXEC)) {
  if (fd_ < 0) fail("memfd_create(arena)");
  slot_count_ = size_arena(fd_);
  void* base = mmap(nullptr, arena_size(slot_count_), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_NORESERVE, fd_, 0);
  if (base == MAP_FAILED) fail("mmap(arena)");
  arena_ = Arena(static_cast<uint8_t*>(base));
  auto* header = new (base) ArenaHeader;
  header->owner_pid = static_cast<uint32_t>(getpid());
  header->slot_count = slot_count_;
  header->config = config;
  path_ = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd_);
}

ArenaOwner::~ArenaOwner() {
  if (saved_ != nullptr) {
    sigaction(SIGCHLD, &saved_->action, nullptr);
    watched_bell = nullptr;
    delete saved_;
  }
  munmap(&header(), arena_size(slot_count_));
  close(fd_);
}

void ArenaOwner::watch_children() {
  watched_bell = &header().bell;
  saved_ = new SavedAction;
  struct sigaction action = {};
  action.sa_handler = on_child;
  action.sa_flags = SA_NOCLDSTOP | SA_RESTART;
  sigaction(SIGCHLD, &action, &saved_->action);
}

void ArenaOwner::wait(uint32_t seen, std::chrono::milliseconds timeout) const {
  const timespec limit = {timeout.count() / 1000,
                          timeout.count() % 1000 * 1'000'000};
  syscall(SYS_futex, &header().bell, FUTEX_WAIT, seen, &limit, nullptr, 0);
}

void ArenaOwner::release(uint32_t slot) {
  fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
            static_cast<off_t>(kHeaderSize + slot * kSlotSize),
            static_cast<off_t>(kSlotSize));
  header().state[slot].store(SlotState::kFree, std::memory_order_release);
}

}  // namespace ptcap::capture::emu
