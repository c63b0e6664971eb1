// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Instruction text, in Intel syntax. What an instruction does to the flow is
// decode/insn_info.h's business.

#ifndef PTCAP_DECODE_DISASM_DISASSEMBLER_H_
#define PTCAP_DECODE_DISASM_DISASSEMBLER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "decode/flow.h"

namespace ptcap::decode {

struct InsnText {
  // "jz 0x401136": lower case, absolute addresses, no padding.
  // "(bad)" where the bytes are no whole instruction.
  std::string_view text;
  uint8_t size = 0;  // bytes; 0 of "(bad)"
};

// Remembers what it has formatted: flow comes by the same instructions again
// and again, and formatting costs much more than finding. The memory is
// bounded. Not thread-safe; one for each thread.
class Disassembler {
 public:
  Disassembler();
  ~Disassembler();

  // The instruction at the front of `bytes` (15 or as many as there are),
  // which runs at `ip`. The text is valid until the next call.
  InsnText at(uint64_t ip, std::span<const uint8_t> bytes, ExecMode mode);

 private:
  static constexpr size_t kMaxInsnBytes = 15;
  static constexpr size_t kSlots = 1 << 15;
  static constexpr size_t kMaxText = 128;

  struct Slot {
    uint64_t ip = 0;
    std::array<uint8_t, kMaxInsnBytes> bytes = {};
    uint8_t size = 0;  // of the instruction; 0: free
    ExecMode mode = ExecMode::k64;
    uint8_t text_size = 0;
    std::array<char, kMaxText> text;
  };

  struct Zydis;
  bool format(Slot& slot, std::span<const uint8_t> bytes);

  std::unique_ptr<Zydis> zydis_;
  std::vector<Slot> slots_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_DISASM_DISASSEMBLER_H_
