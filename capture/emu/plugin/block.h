// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A block of translated code: where control may go behind it.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_BLOCK_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_BLOCK_H_

#include <cstdint>

namespace ptcap::capture::emu {

enum class BlockEnd : uint8_t {
  kStart,  // of no block: the thread has not run yet
  kOff,    // of no block: tracing is off, in a syscall
  kFall,   // no branch; the emulator ended the block for its own reasons
  kCondJump,
  kJump,
  kCall,
  kIndirectJump,
  kIndirectCall,
  kReturn,
  kRep,        // a string instruction that may run again
  kFarBranch,  // a syscall, INT n, IRET: closes the flow
};

// Not canonical, so the address of no block.
inline constexpr uint64_t kNowhere = 0xdead00000000dead;

// Two share a cache line: the callbacks of hot blocks read little else.
struct alignas(32) Block {
  uint64_t ip = kNowhere;
  // Where it may go. `target` is that of a conditional jump, else kNowhere;
  // `next` is kNowhere too if only the branch's outcome tells.
  uint64_t target = kNowhere;
  uint64_t next = kNowhere;
  // The last change to the code of its pages.
  uint32_t epoch = 0;
  uint16_t size = 0;
  BlockEnd kind : 7 = BlockEnd::kStart;
  bool is_single : 1 = false;  // it has one instruction
  int8_t outcome_mask = 0;     // of a conditional jump: -1

  // Behind its last instruction.
  uint64_t end() const { return ip + size; }
  bool holds(uint64_t address) const { return address - ip < size; }
  bool may_go_to(uint64_t address) const {
    return address == target || address == next;
  }
  // A return address. Not `call +0`, the old way to read the ip: no decoder
  // expects a return from it.
  bool pushes() const {
    return kind == BlockEnd::kIndirectCall ||
           (kind == BlockEnd::kCall && next != end());
  }
};
static_assert(sizeof(Block) == 32);

namespace plugin {

extern const Block start_block;
extern const Block off_block;

// A new block, which lives as long as the process.
Block* allocate_block();

// Fills in all but the epoch from the bytes of `size` at `ip`, the last
// instruction being at `last_offset`.
void classify(Block& block, uint64_t ip, const uint8_t* bytes, uint32_t size,
              uint32_t last_offset, uint32_t instructions);

}  // namespace plugin
}  // namespace ptcap::capture::emu

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_BLOCK_H_
