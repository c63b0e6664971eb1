// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/disasm/disassembler.h"

#include <Zydis/Zydis.h>

#include <algorithm>
#include <cassert>
#include <cstring>

namespace ptcap::decode {

struct Disassembler::Zydis {
  std::array<ZydisDecoder, 3> decoders;  // by ExecMode
  ZydisFormatter formatter;
};

Disassembler::Disassembler()
    : zydis_(std::make_unique<Zydis>()), slots_(kSlots) {
  auto init = [this](ExecMode mode, ZydisMachineMode machine,
                     ZydisStackWidth width) {
    ZydisDecoderInit(&zydis_->decoders[static_cast<size_t>(mode)], machine,
                     width);
  };
  init(ExecMode::k16, ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16);
  init(ExecMode::k32, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
  init(ExecMode::k64, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);

  ZydisFormatter* formatter = &zydis_->formatter;
  ZydisFormatterInit(formatter, ZYDIS_FORMATTER_STYLE_INTEL);
  auto set = [formatter](ZydisFormatterProperty property, ZyanUPointer value) {
    [[maybe_unused]] ZyanStatus status =
        ZydisFormatterSetProperty(formatter, property, value);
    assert(ZYAN_SUCCESS(status));
  };
  set(ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
  set(ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, ZYDIS_PADDING_DISABLED);
  set(ZYDIS_FORMATTER_PROP_DISP_PADDING, ZYDIS_PADDING_DISABLED);
  set(ZYDIS_FORMATTER_PROP_IMM_PADDING, ZYDIS_PADDING_DISABLED);
}

Disassembler::~Disassembler() = default;

bool Disassembler::format(Slot& slot, std::span<const uint8_t> bytes) {
  const ZydisDecoder* decoder =
      &zydis_->decoders[static_cast<size_t>(slot.mode)];
  ZydisDecodedInstruction insn;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(decoder, bytes.data(), bytes.size(),
                                           &insn, operands)))
    return false;
  if (!ZYAN_SUCCESS(ZydisFormatterFormatInstruction(
          &zydis_->formatter, &insn, operands, insn.operand_count_visible,
          slot.text.data(), slot.text.size(), slot.ip, nullptr)))
    return false;
  slot.size = insn.length;
  slot.text_size = static_cast<uint8_t>(strlen(slot.text.data()));
  std::copy_n(bytes.begin(), insn.length, slot.bytes.begin());
  return true;
}

InsnText Disassembler::at(uint64_t ip, std::span<const uint8_t> bytes,
                          ExecMode mode) {
  Slot& slot = slots_[(ip ^ ip >> 15) % kSlots];
  // The bytes are compared, since code changes under its address.
  bool known = slot.size != 0 && slot.ip == ip && slot.mode == mode &&
               slot.size <= bytes.size() &&
               std::memcmp(slot.bytes.data(), bytes.data(), slot.size) == 0;
  if (!known) {
    slot.ip = ip;
    slot.mode = mode;
    slot.size = 0;
    if (!format(slot, bytes)) return {.text = "(bad)"};
  }
  return {.text = {slot.text.data(), slot.text_size}, .size = slot.size};
}

}  // namespace ptcap::decode
