// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What flow needs to know of one instruction: size, class, direct target.

#ifndef PTCAP_DECODE_INSN_INFO_H_
#define PTCAP_DECODE_INSN_INFO_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "decode/code_view.h"
#include "decode/flow.h"

namespace ptcap::decode {

inline constexpr size_t kMaxInsnSize = 15;  // SDM vol. 2, 2.3.11

struct InsnInfo {
  uint64_t target = 0;  // of a direct branch
  BranchClass branch = BranchClass::kNone;
  uint8_t size = 0;  // bytes; 0 where there is no instruction
};

constexpr bool is_direct(BranchClass branch) {
  return branch == BranchClass::kCondJump || branch == BranchClass::kJump ||
         branch == BranchClass::kCall;
}

// A branch whose outcome only a packet tells.
constexpr bool needs_packet(BranchClass branch) {
  return branch != BranchClass::kNone && branch != BranchClass::kJump &&
         branch != BranchClass::kCall;
}

// size 0 if the bytes are no instruction, or not a whole one.
InsnInfo decode_insn(std::span<const uint8_t> bytes, uint64_t ip,
                     ExecMode mode);

// Only the size, which is several times faster; 0 as above.
uint8_t insn_size(std::span<const uint8_t> bytes, ExecMode mode);

// Instructions of one CodeView by address, each decoded about once. Knows as
// many as it has slots; the rest is decoded again.
class InsnCache {
 public:
  // `slots` is a power of two; each takes 40 bytes.
  explicit InsnCache(size_t slots = kDefaultSlots) : slots_(slots) {}

  // Valid until the next call.
  const InsnInfo& at(const CodeView& code, uint64_t ip, ExecMode mode) {
    Slot& slot = slots_[(ip ^ ip >> 14) & (slots_.size() - 1)];
    if (slot.ip != ip || slot.epoch != epoch_ || slot.mode != mode)
        [[unlikely]] {
      fill(slot, code, ip, mode);
    }
    return slot.info;
  }

  // The code changed: forgets everything.
  void clear() { ++epoch_; }

 private:
  static constexpr size_t kDefaultSlots = 1 << 14;

  struct Slot {
    uint64_t ip = 0;
    InsnInfo info;
    uint32_t epoch = 0;
    ExecMode mode = ExecMode::k64;
  };

  void fill(Slot& slot, const CodeView& code, uint64_t ip, ExecMode mode);

  std::vector<Slot> slots_;
  uint32_t epoch_ = 1;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_INSN_INFO_H_
