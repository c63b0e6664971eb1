// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/collector.h"

#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ptcap::capture::emu {

using formats::Bytes;

// ptcap's side of a slot's ring. Believes nothing of the owner's.
struct Collector::Ring {
  Ring(Arena arena, uint32_t number)
      : slot(arena.slot(number)),
        bytes(arena.ring(number)),
        number(number),
        generation(slot.generation) {}

  // Chunks that are full. More than there are is a lie.
  uint32_t full() const {
    return slot.head.load(std::memory_order_acquire) - tail;
  }
  bool is_credible() const {
    return slot.generation == generation && full() <= kChunks &&
           slot.chunk_size[tail % kChunks] <= kChunkSize;
  }
  const uint8_t* chunk() const { return bytes + chunk_offset(tail); }
  // What is not yet taken of the oldest full chunk.
  Bytes rest_of_full_chunk() const {
    const uint32_t size = slot.chunk_size[tail % kChunks];
    return {chunk() + taken, size > taken ? size - taken : 0};
  }
  void release_chunk() {
    taken = 0;
    slot.tail.store(++tail, std::memory_order_release);
    syscall(SYS_futex, &slot.tail, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }

  Slot& slot;
  const uint8_t* bytes;
  uint32_t number;
  uint32_t generation;
  uint32_t tail = 0;
  uint32_t taken = 0;  // of the chunk at tail
};

struct Collector::Thread {
  Thread(Arena arena, uint32_t number) : ring(arena, number) {}

  // The part of the current chunk that holds whole packets. REQUIRES: no full
  // chunk is left. Empty while the owner is between two chunks.
  Bytes part_filled() const {
    const Slot& slot = ring.slot;
    const uint32_t head = slot.head.load(std::memory_order_acquire);
    if (head != ring.tail) return {};
    const auto at = reinterpret_cast<uintptr_t>(slot.encoder.at());
    const auto ring_begin = reinterpret_cast<uintptr_t>(slot.ring);
    const uint64_t begin = chunk_offset(head) + ring.taken;
    if (slot.head.load(std::memory_order_acquire) != head) return {};
    const uint64_t end = at - ring_begin;
    const uint64_t chunk_end = chunk_offset(head) + kChunkSize;
    if (end < begin || end > chunk_end) return {};
    return {ring.bytes + begin, end - begin};
  }

  Ring ring;
  uint32_t stream = 0;
  pid_t pid = 0, tid = 0, parent_pid = 0;
  Process* process = nullptr;
  bool is_distrusted = false;
};

struct Collector::Process {
  Process(Arena arena, uint32_t number, Recorder& recorder, MappedFiles& files,
          TraceDirectory& directory)
      : ring(arena, number), messages(recorder, files, directory) {
    pid = static_cast<pid_t>(ring.slot.pid);
    pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  }
  ~Process() {
    if (pidfd >= 0) ::close(pidfd);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool is_dead() const {
    if (pidfd < 0) return kill(pid, 0) != 0 && errno == ESRCH;
    pollfd poll_fd = {pidfd, POLLIN, 0};
    return poll(&poll_fd, 1, 0) == 1;
  }

  Ring ring;
  TracedProcess messages;
  pid_t pid = 0;
  int pidfd = -1;
  bool has_thread = false;  // or had one
  bool is_distrusted = false;
};

Collector::Collector(ArenaOwner& owner, Recorder& recorder,
                     CollectorNotes notes)
    : owner_(owner), recorder_(recorder), notes_(std::move(notes)) {}

Collector::~Collector() = default;

void Collector::note(const std::string& text) { notes_.detail(text); }

void Collector::note_less_exact(const std::string& text) {
  if (less_exact_.insert(text).second) notes_.less_exact(text);
}

std::string Collector::process_name(pid_t pid) const {
  for (const auto& [slot, process] : processes_) {
    if (process->pid == pid) return process->messages.name();
  }
  return {};
}

std::optional<uint32_t> Collector::stream(uint32_t slot, uint32_t generation) {
  if (slot < owner_.slot_count() && !threads_.contains(slot) &&
      owner_.header().state[slot].load(std::memory_order_acquire) ==
          SlotState::kThread) {
    adopt_thread(slot);
  }
  const auto known = streams_.find({slot, generation});
  if (known != streams_.end()) return known->second;
  return std::nullopt;
}

void Collector::adopt_new_slots() {
  const ArenaHeader& header = owner_.header();
  const uint32_t high = std::min(header.high_slot.load(), owner_.slot_count());
  for (uint32_t slot = 0; slot < high; ++slot) {
    switch (header.state[slot].load(std::memory_order_acquire)) {
      case SlotState::kThread:
        if (!threads_.contains(slot)) adopt_thread(slot);
        break;
      case SlotState::kProcess:
        process_in(slot);
        break;
      case SlotState::kFree:
      case SlotState::kClaimed:
        break;
    }
  }
}

Collector::Process* Collector::process_in(uint32_t slot) {
  if (slot >= owner_.slot_count()) return nullptr;
  const auto known = processes_.find(slot);
  if (known != processes_.end()) return known->second.get();
  if (owner_.header().state[slot].load(std::memory_order_acquire) !=
      SlotState::kProcess) {
    return nullptr;
  }
  adopt_process(slot);
  return processes_[slot].get();
}

void Collector::adopt_process(uint32_t slot) {
  TraceDirectory& directory = *this;
  auto process = std::make_unique<Process>(owner_.arena(), slot, recorder_,
                                           files_, directory);
  // The same process before its exec.
  for (auto before = processes_.begin(); before != processes_.end();) {
    auto next = std::next(before);
    if (before->second->pid == process->pid) close(*before->second);
    before = next;
  }
  Process& adopted = *process;
  has_seen_process_ = true;
  processes_[slot] = std::move(process);
  drain(adopted, /*with_rest=*/true);
}

void Collector::adopt_thread(uint32_t slot) {
  auto thread = std::make_unique<Thread>(owner_.arena(), slot);
  const Slot& shared = thread->ring.slot;
  Process* process = process_in(shared.process_slot);
  thread->pid = static_cast<pid_t>(shared.pid);
  thread->tid = static_cast<pid_t>(shared.tid);
  thread->process = process;
  if (process != nullptr) {
    thread->parent_pid = process->messages.parent_pid();
    process->has_thread = true;
  }
  const uint64_t start_ns = shared.start_ns;
  if (thread->tid != thread->pid) {
    recorder_.fork(thread->pid, thread->tid, thread->pid, thread->pid,
                   start_ns);
  }
  thread->stream = recorder_.add_stream(thread->pid, thread->tid, start_ns);
  streams_[{slot, thread->ring.generation}] = thread->stream;
  threads_[slot] = std::move(thread);
}

void Collector::drain(Process& process, bool with_rest) {
  Ring& ring = process.ring;
  const auto read = [&](Bytes bytes) {
    if (!process.is_distrusted && !process.messages.read(bytes)) {
      distrust(process);
    }
  };
  while (ring.full() > 0 && ring.is_credible()) {
    read(ring.rest_of_full_chunk());
    ring.release_chunk();
  }
  if (!ring.is_credible()) return distrust(process);
  if (!with_rest) return;
  const uint32_t fill = ring.slot.fill.load(std::memory_order_acquire);
  if (fill <= ring.taken || fill > kChunkSize || ring.full() != 0) return;
  read({ring.chunk() + ring.taken, fill - ring.taken});
  ring.taken = fill;
}

// As distrust(Thread&), with the process's messages.
void Collector::distrust(Process& process) {
  if (process.is_distrusted) return;
  process.is_distrusted = true;
  formats::Loss loss;
  loss.cause = formats::LossCause::kCutShort;
  loss.pid = static_cast<uint32_t>(process.pid);
  loss.begin_ns = recorder_.now_ns();
  loss.detail =
      "the program wrote over its trace memory: what it maps and runs from "
      "now on is unknown";
  recorder_.loss(loss);
  note("pid " + std::to_string(process.pid) + ": " + loss.detail);
}

void Collector::drain(Thread& thread, bool with_rest) {
  if (thread.is_distrusted) return;
  Ring& ring = thread.ring;
  while (ring.full() > 0 && ring.is_credible()) {
    const Bytes bytes = ring.rest_of_full_chunk();
    if (!bytes.empty()) {
      recorder_.add_aux(thread.stream, bytes, recorder_.now_ns());
    }
    ring.release_chunk();
  }
  if (!ring.is_credible()) return distrust(thread);
  if (!with_rest) return;
  const Bytes rest = thread.part_filled();
  if (rest.empty()) return;
  recorder_.add_aux(thread.stream, rest, recorder_.now_ns());
  ring.taken += static_cast<uint32_t>(rest.size());
}

// Its owner wrote into its control page what cannot be: the rest of the stream
// is lost, and nothing of the slot is used again.
void Collector::distrust(Thread& thread) {
  if (thread.is_distrusted) return;
  thread.is_distrusted = true;
  formats::Loss loss;
  loss.cause = formats::LossCause::kCutShort;
  loss.idx = thread.stream;
  loss.pid = static_cast<uint32_t>(thread.pid);
  loss.tid = static_cast<uint32_t>(thread.tid);
  loss.begin_ns = recorder_.now_ns();
  loss.detail = "the program wrote over its trace buffer";
  recorder_.loss(loss);
  note("tid " + std::to_string(thread.tid) + ": " + loss.detail);
}

// The thread wrote its last packet, or is dead: then its flow ends before the
// block that it was in. Around a packet (block_ip is 0) nothing more is known.
void Collector::close(Thread& thread) {
  drain(thread, /*with_rest=*/true);
  const Slot& slot = thread.ring.slot;
  uint64_t end_ns = slot.end_ns;
  if (slot.end.load() != StreamEnd::kClosed || thread.is_distrusted) {
    end_ns = recorder_.now_ns();
    if (!thread.is_distrusted && slot.encoder.enabled() && slot.block_ip != 0) {
      pt::FlowEncoder encoder = slot.encoder;
      uint8_t buffer[3 * pt::FlowEncoder::kReserve];
      encoder.set_buffer(buffer, buffer + sizeof(buffer));
      encoder.async_disable(slot.block_ip);
      recorder_.add_aux(thread.stream, {buffer, encoder.buffered()}, end_ns);
    }
  }
  recorder_.exit(thread.pid, thread.tid, thread.parent_pid, thread.parent_pid,
                 end_ns);
  const uint32_t number = thread.ring.number;
  owner_.release(number);
  threads_.erase(number);
}

void Collector::close(Process& process) {
  drain(process, /*with_rest=*/true);
  // Its thread would be known if it had not wiped that out.
  if (process.messages.has_run_code() && !process.has_thread) distrust(process);
  for (auto thread = threads_.begin(); thread != threads_.end();) {
    auto next = std::next(thread);
    if (thread->second->process == &process) close(*thread->second);
    thread = next;
  }
  process.messages.flush();
  const uint32_t number = process.ring.number;
  owner_.release(number);
  processes_.erase(number);
}

void Collector::close_dead_processes() {
  for (auto process = processes_.begin(); process != processes_.end();) {
    auto next = std::next(process);
    if (process->second->is_dead()) {
      adopt_new_slots();  // it may have started threads since
      close(*process->second);
    }
    process = next;
  }
}

void Collector::collect() {
  adopt_new_slots();
  for (auto& [slot, process] : processes_) drain(*process, false);
  for (auto thread = threads_.begin(); thread != threads_.end();) {
    auto next = std::next(thread);
    Thread& current = *thread->second;
    drain(current, /*with_rest=*/false);
    if (current.ring.slot.end.load(std::memory_order_acquire) ==
        StreamEnd::kClosed) {
      // What it restarted for is in its process's messages.
      if (current.process != nullptr) drain(*current.process, true);
      close(current);
    }
    thread = next;
  }
  close_dead_processes();
}

void Collector::flush() {
  collect();
  for (auto& [slot, thread] : threads_) drain(*thread, /*with_rest=*/true);
  for (auto& [slot, process] : processes_) {
    drain(*process, /*with_rest=*/true);
    process->messages.flush();
  }
}

void Collector::report_unserved() {
  const uint32_t unserved = owner_.header().unserved.load();
  if (unserved == 0) return;
  formats::Loss loss;
  loss.cause = formats::LossCause::kNotFollowed;
  loss.begin_ns = recorder_.now_ns();
  loss.detail = std::to_string(unserved) +
                " threads or processes found no free slot: more than " +
                std::to_string(owner_.slot_count()) + " at once";
  recorder_.loss(loss);
  note_less_exact(loss.detail);
}

void Collector::finish() {
  if (finished_) return;
  finished_ = true;
  collect();
  owner_.header().detached.store(1);
  flush();
  report_unserved();
  for (auto& [slot, thread] : threads_) {
    formats::Loss loss;
    loss.cause = formats::LossCause::kCutShort;
    loss.idx = thread->stream;
    loss.pid = static_cast<uint32_t>(thread->pid);
    loss.tid = static_cast<uint32_t>(thread->tid);
    loss.begin_ns = recorder_.now_ns();
    loss.detail = "still ran when the recording ended";
    recorder_.loss(loss);
  }
}

}  // namespace ptcap::capture::emu
