// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The shared memory between ptcap and the emulators that run the traced
// processes: its layout, and who may write what.
//
// ptcap makes it as a memfd before the first emulator starts. An emulator's
// plugin maps it through /proc/PTCAP/fd/N and closes the descriptor, so that
// the program finds none; after an execve the new emulator does the same. It
// outlives any death of a traced process, so ptcap can finish the streams of
// the dead. What a traced process writes is checked before ptcap believes it.
//
// A slot belongs to one thread (its PT stream) or to one process (messages.h).
// The plugin claims it with a compare-and-swap on its state and writes all of
// it but `tail`; ptcap consumes, and sets it free when its owner is done.
//
// The ring of a slot has kChunks chunks. The owner fills chunk head % kChunks,
// then stores its size and increments `head`; ptcap increments `tail` when it
// has taken a chunk. The owner waits on `tail` for a free one: nothing is lost.

#ifndef PTCAP_CAPTURE_EMU_ARENA_H_
#define PTCAP_CAPTURE_EMU_ARENA_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "formats/pt/flow_encoder.h"

namespace ptcap::capture::emu {

inline constexpr uint64_t kArenaMagic = 0x31304d4555504350;  // "PCPUEM01"
inline constexpr uint32_t kMaxSlots = 4096;
inline constexpr uint32_t kChunks = 4;
inline constexpr uint32_t kChunkSize = 64 << 10;
inline constexpr uint32_t kControlSize = 4096;
inline constexpr uint64_t kSlotSize =
    kControlSize + uint64_t{kChunks} * kChunkSize;

// Where the chunk for the `index`th turn begins in its ring.
constexpr uint64_t chunk_offset(uint32_t index) {
  return uint64_t{index % kChunks} * kChunkSize;
}

enum class SlotState : uint32_t {
  kFree = 0,
  kClaimed,  // the owner fills in who it is
  kThread,
  kProcess,
};

// How a thread's stream ended, as far as its owner could say.
enum class StreamEnd : uint32_t {
  kRunning = 0,  // or cut off: by a signal, exit_group or execve elsewhere
  kClosed,       // the last packet is written
};

struct Slot {
  explicit Slot(const pt::FlowEncoderOptions& options) : encoder(options) {}

  // Of the owner alone; ptcap copies what it needs (the pointers are the
  // owner's). The block that runs now, and its address, which is 0 while
  // packets are being written for its beginning.
  const struct Block* block = nullptr;
  uint64_t block_ip = 0;
  pt::FlowEncoder encoder;

  // Where the owner has mapped the ring.
  uint8_t* ring = nullptr;

  std::atomic<uint32_t> head{0};
  std::atomic<uint32_t> tail{0};
  uint32_t chunk_size[kChunks] = {};
  // Of a process: bytes in the current chunk.
  std::atomic<uint32_t> fill{0};
  std::atomic<StreamEnd> end{StreamEnd::kRunning};

  uint32_t generation = 0;  // how often the slot was claimed
  uint32_t pid = 0, tid = 0, parent_tid = 0;
  uint32_t process_slot = 0;  // of a thread
  uint64_t start_ns = 0;
  uint64_t end_ns = 0;

  // The last code change that the thread's stream has restarted for.
  uint32_t known_epoch = 0;
  void* guest_state = nullptr;  // the emulator's, of this thread
};

static_assert(sizeof(Slot) <= kControlSize);
static_assert(std::atomic<uint32_t>::is_always_lock_free);

// The checks of what the plugin uses beside QEMU's plugin interface, or in
// newer versions of it.
enum FailingCheck : uint32_t {
  kFailCpuState = 1,
  kFailRegisters = 2,
  kFailDeath = 4,
};

// What an emulator needs to know, also to start another one at execve. Written
// by ptcap before the first one starts.
struct ArenaConfig {
  static constexpr size_t kMaxPath = 4096;
  pt::FlowEncoderOptions encoder;  // mode_exec is the plugin's
  char emulator_64[kMaxPath] = {};
  char emulator_32[kMaxPath] = {};  // empty if there is none
  char plugin[kMaxPath] = {};
  // The value of a further -plugin option; empty for none. For tests.
  char extra_plugin[kMaxPath] = {};
  // Checks that shall fail: bits of FailingCheck. For tests.
  uint32_t failing_checks = 0;
};

struct ArenaHeader {
  uint64_t magic = kArenaMagic;
  uint32_t owner_pid = 0;
  uint32_t slot_count = 0;  // at most kMaxSlots
  ArenaConfig config;
  // Incremented by whoever has something for ptcap, which waits on it.
  std::atomic<uint32_t> bell{0};
  // Set when nobody drains any more: rings are then reused, nobody waits.
  std::atomic<uint32_t> detached{0};
  std::atomic<uint32_t> high_slot{0};  // all slots ever used are below it
  // Threads and processes that found no free slot; the threads of such a
  // process do not count.
  std::atomic<uint32_t> unserved{0};
  std::atomic<uint32_t> generation{0};
  std::atomic<SlotState> state[kMaxSlots] = {};
};

inline constexpr uint64_t kHeaderSize = 64 << 10;
static_assert(sizeof(ArenaHeader) <= kHeaderSize);

constexpr uint64_t arena_size(uint32_t slots) {
  return kHeaderSize + slots * kSlotSize;
}

// A view of the mapping at `base`; owns nothing.
class Arena {
 public:
  explicit Arena(uint8_t* base = nullptr) : base_(base) {}

  explicit operator bool() const { return base_ != nullptr; }
  ArenaHeader& header() const { return *reinterpret_cast<ArenaHeader*>(base_); }
  uint8_t* slot_memory(uint32_t number) const {
    return base_ + kHeaderSize + number * kSlotSize;
  }
  Slot& slot(uint32_t number) const {
    return *reinterpret_cast<Slot*>(slot_memory(number));
  }
  uint8_t* ring(uint32_t number) const {
    return slot_memory(number) + kControlSize;
  }
  uint32_t number_of(const Slot& slot) const {
    const auto* memory = reinterpret_cast<const uint8_t*>(&slot);
    return static_cast<uint32_t>((memory - base_ - kHeaderSize) / kSlotSize);
  }

 private:
  uint8_t* base_;
};

}  // namespace ptcap::capture::emu

#endif  // PTCAP_CAPTURE_EMU_ARENA_H_
