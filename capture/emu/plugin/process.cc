// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/plugin/process.h"

#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include "capture/emu/plugin/block.h"

namespace ptcap::capture::emu::plugin {

Process process;
Slot unstarted{pt::FlowEncoderOptions()};
constinit thread_local Slot* thread_slot = &unstarted;

namespace {

pthread_mutex_t message_lock = PTHREAD_MUTEX_INITIALIZER;

constexpr uint32_t kNoSlot = kMaxSlots;

// In milliseconds. Once it was in vain to wait, others wait less.
constexpr int kClaimTries = 1000;
constexpr int kLaterClaimTries = 50;

long futex(std::atomic<uint32_t>& word, int operation, uint32_t value,
           const timespec* timeout) {
  return syscall(SYS_futex, &word, operation, value, timeout, nullptr, 0);
}

void ring_bell() {
  auto& bell = process.arena.header().bell;
  bell.fetch_add(1);
  futex(bell, FUTEX_WAKE, 1, nullptr);
}

// ptcap may be killed; then nobody drains and nobody should wait.
bool is_detached() {
  return process.arena.header().detached.load(std::memory_order_relaxed) != 0;
}

void detach_if_owner_is_gone() {
  ArenaHeader& header = process.arena.header();
  if (kill(static_cast<pid_t>(header.owner_pid), 0) != 0 && errno == ESRCH) {
    header.detached.store(1);
  }
}

uint32_t try_claim() {
  ArenaHeader& header = process.arena.header();
  for (uint32_t i = 0; i < header.slot_count; ++i) {
    SlotState expected = SlotState::kFree;
    if (header.state[i].load(std::memory_order_relaxed) == expected &&
        header.state[i].compare_exchange_strong(expected,
                                                SlotState::kClaimed)) {
      return i;
    }
  }
  return kNoSlot;
}

// Slots come back as ptcap finishes the streams of ended threads. Counts if
// there is none left.
uint32_t claim() {
  auto& unserved = process.arena.header().unserved;
  const int tries = unserved.load() == 0 ? kClaimTries : kLaterClaimTries;
  for (int i = 0; i < tries && !is_detached(); ++i) {
    const uint32_t number = try_claim();
    if (number != kNoSlot) return number;
    ring_bell();
    usleep(1000);
  }
  if (!is_detached()) unserved.fetch_add(1);
  return kNoSlot;
}

void raise_high_slot(uint32_t number) {
  auto& high = process.arena.header().high_slot;
  uint32_t seen = high.load();
  while (seen <= number && !high.compare_exchange_weak(seen, number + 1)) {
  }
}

Slot& make_slot(void* memory, uint8_t* ring) {
  Slot& slot = *new (memory) Slot(process.encoder_options);
  slot.ring = ring;
  slot.block = &start_block;
  slot.pid = static_cast<uint32_t>(getpid());
  slot.tid = current_tid();
  slot.start_ns = now_ns();
  slot.process_slot = process.slot;
  return slot;
}

Slot& make_arena_slot(uint32_t number) {
  Arena& arena = process.arena;
  Slot& slot = make_slot(arena.slot_memory(number), arena.ring(number));
  slot.generation = arena.header().generation.fetch_add(1) + 1;
  return slot;
}

void publish(uint32_t number, SlotState state) {
  raise_high_slot(number);
  process.arena.header().state[number].store(state, std::memory_order_release);
  ring_bell();
}

// Whether `slot` is in the arena; else its packets go nowhere.
bool is_drained(const Slot& slot) {
  const auto* memory = reinterpret_cast<const uint8_t*>(&slot);
  const uint8_t* first = process.arena.slot_memory(0);
  return memory >= first &&
         memory < first + process.arena.header().slot_count * kSlotSize;
}

void wait_for_room(Slot& slot, uint32_t head) {
  constexpr timespec kPatience = {0, 100'000'000};
  while (!is_detached()) {
    const uint32_t tail = slot.tail.load(std::memory_order_acquire);
    if (head - tail < kChunks) return;
    if (futex(slot.tail, FUTEX_WAIT, tail, &kPatience) != 0 &&
        errno == ETIMEDOUT) {
      detach_if_owner_is_gone();
    }
  }
}

// Hands the current chunk over; returns where the next one begins.
uint8_t* next_chunk(Slot& slot, uint64_t filled) {
  uint32_t head = slot.head.load(std::memory_order_relaxed);
  if (!is_drained(slot) || is_detached()) {
    return slot.ring + chunk_offset(head);
  }
  slot.chunk_size[head % kChunks] = static_cast<uint32_t>(filled);
  slot.head.store(++head, std::memory_order_release);
  // Half the ring at a time: to wake ptcap costs as much as its work on a
  // chunk. What is less, it takes at its next look.
  if (head - slot.tail.load(std::memory_order_relaxed) >= kChunks / 2) {
    ring_bell();
  }
  wait_for_room(slot, head);
  return slot.ring + chunk_offset(head);
}

void send_locked(const MessageHeader& header, const void* body,
                 uint32_t body_size, const void* tail, uint32_t tail_size) {
  Slot& slot = process.arena.slot(process.slot);
  uint32_t fill = slot.fill.load(std::memory_order_relaxed);
  uint8_t* chunk = slot.ring + chunk_offset(slot.head.load());
  if (fill + sizeof(header) + header.size > kChunkSize) {
    // In this order: ptcap never sees an old fill of the new chunk.
    slot.fill.store(0);
    chunk = next_chunk(slot, fill);
    fill = 0;
  }
  uint8_t* out = chunk + fill;
  std::memcpy(out, &header, sizeof(header));
  std::memcpy(out + sizeof(header), body, body_size);
  std::memcpy(out + sizeof(header) + body_size, tail, tail_size);
  slot.fill.store(fill + sizeof(header) + header.size,
                  std::memory_order_release);
}

}  // namespace

uint64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<uint64_t>(now.tv_nsec);
}

uint32_t current_tid() { return static_cast<uint32_t>(syscall(SYS_gettid)); }

void send(MessageKind kind, const void* body, uint32_t body_size,
          const void* tail, uint32_t tail_size) {
  if (!process.is_recorded) return;
  const MessageHeader header = {kind, body_size + tail_size};
  if (sizeof(header) + header.size > kChunkSize) return;
  pthread_mutex_lock(&message_lock);
  send_locked(header, body, body_size, tail, tail_size);
  pthread_mutex_unlock(&message_lock);
}

void send_text(MessageKind kind, const char* text) {
  send(kind, text, static_cast<uint32_t>(strlen(text)), "", 0);
}

void open_process(ProcessStart start, const char* name) {
  const uint32_t number = claim();
  process.is_recorded = number != kNoSlot;
  if (!process.is_recorded) return;
  process.slot = number;
  Slot& slot = make_arena_slot(number);
  ProcessMessage message;
  message.start = start;
  message.pid = slot.pid;
  message.parent_pid = static_cast<uint32_t>(getppid());
  message.is_32bit = process.is_32bit ? 1 : 0;
  message.time_ns = slot.start_ns;
  send(MessageKind::kProcess, message, name,
       static_cast<uint32_t>(strlen(name)));
  publish(number, SlotState::kProcess);
}

Slot& open_thread(void* guest_state) {
  const uint32_t number = process.is_recorded ? claim() : kNoSlot;
  Slot* slot = nullptr;
  if (number != kNoSlot) {
    slot = &make_arena_slot(number);
  } else {
    auto* memory = static_cast<uint8_t*>(malloc(kControlSize + kChunkSize));
    if (memory == nullptr) abort();
    slot = &make_slot(memory, memory + kControlSize);
  }
  slot->encoder.set_buffer(slot->ring, slot->ring + kChunkSize);
  slot->guest_state = guest_state;
  slot->known_epoch = process.inherited_epoch;
  thread_slot = slot;
  if (number != kNoSlot) publish(number, SlotState::kThread);
  return *slot;
}

void close_thread(Slot& slot) {
  slot.end_ns = now_ns();
  slot.end.store(StreamEnd::kClosed, std::memory_order_release);
  if (is_drained(slot)) return ring_bell();
  thread_slot = &unstarted;
  free(&slot);
}

void serve(Slot& slot, uint64_t ip) {
  if (slot.encoder.full()) {
    uint8_t* chunk = next_chunk(slot, slot.encoder.buffered());
    slot.encoder.set_buffer(chunk, chunk + kChunkSize);
  }
  slot.encoder.maintain(ip, now_ns());
}

void after_fork_in_child() {
  message_lock = PTHREAD_MUTEX_INITIALIZER;
  process.inherited_epoch = process.epoch.load();
  open_process(ProcessStart::kFork, "");
  thread_slot = &unstarted;
}

}  // namespace ptcap::capture::emu::plugin
