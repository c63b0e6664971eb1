// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/plugin/flow.h"

#include "capture/emu/plugin/code_log.h"
#include "capture/emu/plugin/environment.h"
#include "capture/emu/plugin/guest.h"
#include "capture/emu/plugin/registers.h"

namespace ptcap::capture::emu::plugin {

namespace {

// ptcap closes the stream of a thread that is cut off at the last block that
// the packets have reached. Around a packet that is none: 0.
inline void unsettle(Slot& slot) {
  slot.block_ip = 0;
  asm volatile("" ::: "memory");
}

inline void settle(Slot& slot, uint64_t ip) {
  asm volatile("" ::: "memory");
  slot.block_ip = ip;
}

// INT n, IRET, far CALL and RET: perf takes a call off its stack for some.
void leave_by_far_branch(pt::FlowEncoder& encoder) {
  encoder.disable();
  encoder.forget_calls();
}

// Whether control that went from the end of `before` to `ip` is explained by
// it; the packet for that.
bool follow(Slot& slot, const Block& before, uint64_t ip) {
  auto& encoder = slot.encoder;
  switch (before.kind) {
    case BlockEnd::kFall:
    case BlockEnd::kJump:
    case BlockEnd::kCall:
      return before.may_go_to(ip);
    case BlockEnd::kRep:
      return before.may_go_to(ip) || ip == before.end();
    case BlockEnd::kCondJump:
      if (!before.may_go_to(ip)) return false;
      encoder.cond(ip == before.target);
      return true;
    case BlockEnd::kIndirectJump:
    case BlockEnd::kIndirectCall:
      encoder.indirect(ip);
      return true;
    case BlockEnd::kReturn:
      encoder.ret(ip);
      return true;
    case BlockEnd::kFarBranch:
      leave_by_far_branch(encoder);
      encoder.enable(ip, now_ns());
      return true;
    case BlockEnd::kStart:
    case BlockEnd::kOff:
      return false;
  }
  return false;
}

// The announced call of a block that did not run to its end did not happen.
void undo(Slot& slot, const Block& before) {
  if (before.pushes()) slot.encoder.undo_call();
}

Slot& start_thread(const Block& block, void* state) {
  check_registers(state, block.ip);
  if (process.has_hidden_commas) restore_commas(state);
  Slot& slot = open_thread(state);
  slot.encoder.enable(block.ip, now_ns());
  slot.block = &block;
  return slot;
}

void leave_interrupted(Slot& slot, const Block& before,
                       const DeliveredSignal& signal) {
  auto& encoder = slot.encoder;
  if (before.kind == BlockEnd::kOff) return;
  if (before.kind == BlockEnd::kFarBranch) return leave_by_far_branch(encoder);
  const uint64_t ip = signal.interrupted_ip;
  const bool did_not_end = signal.is_fault && before.holds(ip);
  if (did_not_end || !follow(slot, before, ip)) undo(slot, before);
  encoder.async_disable(ip);
}

// Whether the emulator broke off `before` and goes on in the middle of it
// with a block of one instruction: for an atomic access that it must do alone,
// and for a store into the block's own code.
bool is_single_step(const Block& before, const Block& block) {
  if (!block.is_single || before.is_single) return false;
  if (block.kind != BlockEnd::kFall && block.kind != BlockEnd::kRep) {
    return false;
  }
  if (before.kind == BlockEnd::kFarBranch || !before.holds(block.ip)) {
    return false;
  }
  // What a branch to this address would find, except at the block's own
  // beginning, where it would find the whole block.
  return !before.may_go_to(block.ip) || block.ip == before.ip;
}

void resume(Slot& slot, uint64_t ip) {
  if (slot.encoder.due()) serve(slot, ip);
  slot.encoder.enable(ip, now_ns());
}

// Everything but the expected successors.
[[gnu::noinline]] void enter_slow(Slot& slot, const Block& before,
                                  const Block& block, void* state) {
  auto& encoder = slot.encoder;
  DeliveredSignal signal;
  if (may_be_handler(block.ip) && is_signal_entry(state, block.ip, signal)) {
    leave_interrupted(slot, before, signal);
    align_signal_frame(state);
    return resume(slot, block.ip);
  }
  if (before.kind == BlockEnd::kOff) return resume(slot, block.ip);
  if (is_single_step(before, block)) return undo(slot, before);
  if (before.kind == BlockEnd::kFarBranch) {
    leave_by_far_branch(encoder);
    return resume(slot, block.ip);
  }
  if (follow(slot, before, block.ip)) return;
  undo(slot, before);
  // The emulator went back into the block, whose code was invalidated.
  if (before.holds(block.ip)) return;
  // A signal whose frame could not be read: that the block began is certain.
  encoder.async_disable(before.ip);
  resume(slot, block.ip);
}

// The code of the block's pages changed since this thread's stream was told.
[[gnu::noinline, gnu::cold]] void restart(Slot& slot, const Block& block) {
  if (slot.encoder.due()) serve(slot, block.ip);
  RestartMessage message;
  message.slot = process.arena.number_of(slot);
  message.generation = slot.generation;
  message.known_epoch = slot.known_epoch;
  message.epoch = process.epoch.load(std::memory_order_acquire);
  message.time_ns = now_ns();
  message.psb_offset = slot.encoder.restart(block.ip, message.time_ns);
  slot.known_epoch = message.epoch;
  send(MessageKind::kRestart, message);
}

enum Care : unsigned {
  kPlain = 0,
  kPushes = 1,     // the block ends in a call
  kVersioned = 2,  // the code of its pages changed before
  kSingle = 4,     // see is_single_step()
};

// What follows the packet for the end of the block before.
template <unsigned kCare>
inline void settle_in(Slot& slot, const Block& block, uint64_t ip) {
  if ((kCare & kVersioned) != 0 &&
      static_cast<int32_t>(block.epoch - slot.known_epoch) > 0) [[unlikely]] {
    unsettle(slot);
    restart(slot, block);
  }
  if ((kCare & kPushes) != 0) slot.encoder.call(block.end());
  settle(slot, ip);
}

template <unsigned kCare>
[[gnu::noinline]] void settle_after_write(Slot& slot, const Block& block) {
  serve_if_due(slot, block.ip);
  settle_in<kCare>(slot, block, block.ip);
}

// Where the block before ends in an indirect jump or call.
template <unsigned kCare>
[[gnu::noinline]] void enter_indirect(Slot& slot, const Block& block) {
  slot.block = &block;
  unsettle(slot);
  slot.encoder.indirect(block.ip);
  if (slot.encoder.due()) [[unlikely]] {
    return settle_after_write<kCare>(slot, block);
  }
  settle_in<kCare>(slot, block, block.ip);
}

// Where the block before ends otherwise, or something came in between.
template <unsigned kCare>
inline void enter_by_other_way(Slot& slot, const Block& block, void* state) {
  if (&slot == &unstarted) {
    return settle_after_write<kCare>(start_thread(block, state), block);
  }
  const Block& before = *slot.block;
  slot.block = &block;
  unsettle(slot);
  enter_slow(slot, before, block, state);
  settle_after_write<kCare>(slot, block);
}

// A callback of the hottest: branches that are hard to predict and calls are
// what costs, so there is but one way for all direct branches, and tail calls
// else, so that no register needs saving. Where they go is `kOtherWay`.
template <unsigned kCare, auto kOtherWay>
inline void enter(const Block& block) {
  Slot& slot = *thread_slot;
  const Block& before = *slot.block;
  const uint64_t ip = block.ip;
  if ((kCare & kSingle) != 0 && is_single_step(before, block)) {
    return kOtherWay(slot, block);
  }
  // The compiler would make branches of them.
  uint64_t taken = ip == before.target ? 1 : 0;
  uint64_t expected = ip == before.next ? 1 : 0;
  asm("" : "+r"(taken), "+r"(expected));
  expected |= taken;
  if (expected != 0) [[likely]] {
    const auto is_branch = static_cast<uint64_t>(int64_t{before.outcome_mask});
    slot.block = &block;
    unsettle(slot);
    if (slot.encoder.cond_if(is_branch, taken)) [[unlikely]] {
      return settle_after_write<kCare>(slot, block);
    }
    return settle_in<kCare>(slot, block, ip);
  }
  if (before.kind == BlockEnd::kReturn) {
    if (!slot.encoder.is_compressed_ret(ip)) return kOtherWay(slot, block);
    slot.block = &block;
    unsettle(slot);
    if (slot.encoder.compressed_ret()) [[unlikely]] {
      return settle_after_write<kCare>(slot, block);
    }
    return settle_in<kCare>(slot, block, ip);
  }
  const bool is_indirect = before.kind == BlockEnd::kIndirectJump ||
                           before.kind == BlockEnd::kIndirectCall;
  if (!is_indirect || may_be_handler(ip)) return kOtherWay(slot, block);
  enter_indirect<kCare>(slot, block);
}

}  // namespace

// TCG's calls keep the CPU state in rbp: it becomes the third argument where
// it is needed. REQUIRES: tail calls, which leave it there.
#define PTCAP_ENTRY(care)                                                   \
  extern "C"                                                                \
      [[gnu::used, gnu::visibility("hidden")]] void ptcap_other_way_##care( \
          Slot& slot, const Block& block, void* state) {                    \
    enter_by_other_way<care>(slot, block, state);                           \
  }                                                                         \
  [[gnu::naked]] static void other_way_##care(Slot&, const Block&) {        \
    asm("mov %rbp, %rdx\n\tjmp ptcap_other_way_" #care);                    \
  }                                                                         \
  static void entry_##care(unsigned, void* block) {                         \
    enter<care, other_way_##care>(*static_cast<const Block*>(block));       \
  }

PTCAP_ENTRY(0)
PTCAP_ENTRY(1)
PTCAP_ENTRY(2)
PTCAP_ENTRY(3)
PTCAP_ENTRY(4)
PTCAP_ENTRY(5)
PTCAP_ENTRY(6)
PTCAP_ENTRY(7)
#undef PTCAP_ENTRY

qemu_plugin_vcpu_udata_cb_t callback_for(const Block& block) {
  constexpr qemu_plugin_vcpu_udata_cb_t kEntries[] = {
      entry_0, entry_1, entry_2, entry_3, entry_4, entry_5, entry_6, entry_7};
  unsigned care = kPlain;
  if (block.pushes()) care |= kPushes;
  if (block.epoch != 0) care |= kVersioned;
  if (block.is_single && block.kind == BlockEnd::kFall) care |= kSingle;
  return kEntries[care];
}

void enter_syscall(Slot& slot) {
  if (slot.block->kind != BlockEnd::kFarBranch) return;
  unsettle(slot);
  slot.encoder.disable(now_ns());
  slot.block = &off_block;
}

void die_at(Slot& slot, uint64_t ip) {
  const Block& before = *slot.block;
  if (!slot.encoder.enabled() || before.kind == BlockEnd::kStart) return;
  unsettle(slot);
  if (before.kind == BlockEnd::kFarBranch) {
    slot.encoder.disable();
  } else {
    if (!before.holds(ip)) follow(slot, before, ip);
    slot.encoder.async_disable(ip);
  }
  slot.block = &off_block;
  close_thread(slot);
}

}  // namespace ptcap::capture::emu::plugin
