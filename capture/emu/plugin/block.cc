// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/plugin/block.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

#include "capture/emu/plugin/process.h"
#include "formats/x86/insn.h"

namespace ptcap::capture::emu::plugin {

const Block start_block = {};
const Block off_block = {.kind = BlockEnd::kOff};

namespace {

using x86::InsnClass;

// MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS behind F2 or F3: the emulator makes
// a round of each iteration.
bool is_repeated_string(const uint8_t* bytes, uint32_t size) {
  bool repeated = false;
  for (uint32_t i = 0; i < size; ++i) {
    const uint8_t byte = bytes[i];
    switch (byte) {
      case 0xf2:
      case 0xf3:
        repeated = true;
        break;
      case 0x26:
      case 0x2e:
      case 0x36:
      case 0x3e:
      case 0x64:
      case 0x65:
      case 0x66:
      case 0x67:
        break;
      default:
        if (!process.is_32bit && (byte & 0xf0) == 0x40) break;  // REX
        return repeated && ((byte >= 0xa4 && byte <= 0xaf && byte != 0xa8 &&
                             byte != 0xa9) ||
                            (byte >= 0x6c && byte <= 0x6f));
    }
  }
  return false;
}

BlockEnd kind_of(InsnClass insn) {
  switch (insn) {
    case InsnClass::kCondJump:
      return BlockEnd::kCondJump;
    case InsnClass::kJump:
      return BlockEnd::kJump;
    case InsnClass::kCall:
      return BlockEnd::kCall;
    case InsnClass::kIndirectJump:
      return BlockEnd::kIndirectJump;
    case InsnClass::kIndirectCall:
      return BlockEnd::kIndirectCall;
    case InsnClass::kReturn:
      return BlockEnd::kReturn;
    case InsnClass::kSyscall:
    case InsnClass::kSysret:
    case InsnClass::kInterrupt:
    case InsnClass::kIret:
    case InsnClass::kFarBranch:
    case InsnClass::kVmEntry:
    case InsnClass::kVmExit:
      return BlockEnd::kFarBranch;
    case InsnClass::kOther:
    case InsnClass::kMovToCr3:
    case InsnClass::kPtwrite:
      return BlockEnd::kFall;
  }
  return BlockEnd::kFall;
}

uint64_t wrap(uint64_t address) {
  return process.is_32bit ? static_cast<uint32_t>(address) : address;
}

void set_successors(Block& block, int32_t displacement) {
  const uint64_t target =
      wrap(block.end() + static_cast<int64_t>(displacement));
  switch (block.kind) {
    case BlockEnd::kFall:
      block.next = wrap(block.end());
      return;
    case BlockEnd::kCondJump:
      block.outcome_mask = -1;
      block.target = target;
      block.next = wrap(block.end());
      return;
    case BlockEnd::kJump:
    case BlockEnd::kCall:
      block.next = target;
      return;
    case BlockEnd::kIndirectCall:
    case BlockEnd::kRep:
    case BlockEnd::kStart:
    case BlockEnd::kOff:
    case BlockEnd::kIndirectJump:
    case BlockEnd::kReturn:
    case BlockEnd::kFarBranch:
      return;
  }
}

}  // namespace

// The emulator translates one block at a time.
Block* allocate_block() {
  constexpr size_t kBatchBytes = 1 << 20;
  static uint8_t* free_begin = nullptr;
  static uint8_t* free_end = nullptr;
  if (free_begin == nullptr || free_begin + sizeof(Block) > free_end) {
    void* batch = mmap(nullptr, kBatchBytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (batch == MAP_FAILED) abort();
    free_begin = static_cast<uint8_t*>(batch);
    free_end = free_begin + kBatchBytes;
  }
  Block* block = new (free_begin) Block;
  free_begin += sizeof(Block);
  return block;
}

void classify(Block& block, uint64_t ip, const uint8_t* bytes, uint32_t size,
              uint32_t last_offset, uint32_t instructions) {
  block.ip = ip;
  block.size = static_cast<uint16_t>(size);
  block.is_single = instructions == 1;
  const uint8_t* last = bytes + last_offset;
  const uint32_t last_size = size - last_offset;
  if (is_repeated_string(last, last_size)) {
    block.kind = BlockEnd::kRep;
    block.next = ip + last_offset;  // seldom the end
    return;
  }
  x86::Insn insn;
  const auto mode = process.is_32bit ? x86::Mode::k32 : x86::Mode::k64;
  // What it declines is no branch that this emulator executes.
  const bool known = x86::decode_insn({last, last_size}, mode, insn);
  block.kind = known ? kind_of(insn.kind) : BlockEnd::kFall;
  set_successors(block, known ? insn.displacement : 0);
}

}  // namespace ptcap::capture::emu::plugin
