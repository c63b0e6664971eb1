// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the plugin knows about the process that it is in, and its slots in the
// arena.
//
// The plugin runs inside somebody else's program: no exceptions, no C++
// library, no descriptor or thread that stays, nothing on stderr.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_PROCESS_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_PROCESS_H_

#include <climits>
#include <cstdint>

#include "capture/emu/arena.h"
#include "capture/emu/messages.h"

namespace ptcap::capture::emu::plugin {

struct Process {
  Arena arena;
  uint32_t slot = 0;  // for messages
  // Without a slot: nothing of this process is recorded.
  bool is_recorded = false;
  bool is_32bit = false;
  bool has_hidden_commas = false;  // in the program's variables, still
  int interface = 1;               // version of QEMU's plugin interface
  uint64_t guest_offset = 0;       // guest.h
  // The number of the last code change, and of the last one that a parent saw.
  std::atomic<uint32_t> epoch{0};
  uint32_t inherited_epoch = 0;
  pt::FlowEncoderOptions encoder_options;
  char arena_path[64] = {};     // for the emulator that an execve starts
  char program[PATH_MAX] = {};  // the executed file
};

extern Process process;

// The calling thread's stream: never null. One that has not run yet has
// `unstarted`, whose block is start_block and which nobody writes to.
extern Slot unstarted;
extern constinit thread_local Slot* thread_slot
    [[gnu::tls_model("initial-exec")]];

// CLOCK_MONOTONIC.
uint64_t now_ns();
uint32_t current_tid();

// Claims the slot for the messages of this process and says who it is. Without
// one, because the arena has none left (which it counts) or nobody drains it
// any more, the process is not recorded.
void open_process(ProcessStart start, const char* name);

// Gives the calling thread its stream. Without a free slot its packets go
// nowhere, and the arena counts it.
Slot& open_thread(void* guest_state);

// The calling thread's stream, or null before it has run.
inline Slot* current_thread() {
  return thread_slot != &unstarted ? thread_slot : nullptr;
}

// The thread ends; its flow was closed.
void close_thread(Slot& slot);

// What due() asks for: room, PSB, TSC. `ip` runs next.
[[gnu::noinline, gnu::cold]] void serve(Slot& slot, uint64_t ip);

inline void serve_if_due(Slot& slot, uint64_t ip) {
  if (slot.encoder.due()) [[unlikely]] {
    serve(slot, ip);
  }
}

// A message: `body`, then `tail`. Any thread.
void send(MessageKind kind, const void* body, uint32_t body_size,
          const void* tail, uint32_t tail_size);
void send_text(MessageKind kind, const char* text);

template <typename Body>
void send(MessageKind kind, const Body& body, const void* tail = nullptr,
          uint32_t tail_size = 0) {
  send(kind, &body, sizeof(body), tail, tail_size);
}

// In the child of a fork: nothing is shared with the parent any more.
void after_fork_in_child();

}  // namespace ptcap::capture::emu::plugin

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_PROCESS_H_
