// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/insn_info.h"

#include <Zydis/Zydis.h>

#include <array>

#include "formats/x86/insn.h"

namespace ptcap::decode {

namespace {

ZydisDecoder make_decoder(ExecMode mode, bool minimal) {
  ZydisDecoder decoder;
  switch (mode) {
    case ExecMode::k16:
      ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LEGACY_16,
                       ZYDIS_STACK_WIDTH_16);
      break;
    case ExecMode::k32:
      ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LEGACY_32,
                       ZYDIS_STACK_WIDTH_32);
      break;
    case ExecMode::k64:
      ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64,
                       ZYDIS_STACK_WIDTH_64);
      break;
  }
  ZydisDecoderEnableMode(&decoder, ZYDIS_DECODER_MODE_MINIMAL,
                         minimal ? ZYAN_TRUE : ZYAN_FALSE);
  return decoder;
}

const ZydisDecoder& decoder_for(ExecMode mode, bool minimal) {
  static const std::array<ZydisDecoder, 6> decoders = {
      make_decoder(ExecMode::k16, false), make_decoder(ExecMode::k16, true),
      make_decoder(ExecMode::k32, false), make_decoder(ExecMode::k32, true),
      make_decoder(ExecMode::k64, false), make_decoder(ExecMode::k64, true)};
  return decoders[static_cast<size_t>(mode) * 2 + (minimal ? 1 : 0)];
}

BranchClass near_class(const ZydisDecodedInstruction& insn) {
  const bool direct = insn.raw.imm[0].is_relative != 0;
  switch (insn.meta.category) {
    case ZYDIS_CATEGORY_COND_BR:
      return BranchClass::kCondJump;
    case ZYDIS_CATEGORY_UNCOND_BR:
      return direct ? BranchClass::kJump : BranchClass::kIndirectJump;
    case ZYDIS_CATEGORY_CALL:
      return direct ? BranchClass::kCall : BranchClass::kIndirectCall;
    case ZYDIS_CATEGORY_RET:
      return BranchClass::kReturn;
    default:
      return BranchClass::kNone;
  }
}

BranchClass class_of(const ZydisDecodedInstruction& insn) {
  switch (insn.mnemonic) {
    case ZYDIS_MNEMONIC_SYSCALL:
    case ZYDIS_MNEMONIC_SYSENTER:
      return BranchClass::kSyscall;
    case ZYDIS_MNEMONIC_SYSRET:
    case ZYDIS_MNEMONIC_SYSEXIT:
      return BranchClass::kSysret;
    case ZYDIS_MNEMONIC_INT:
    case ZYDIS_MNEMONIC_INT1:
    case ZYDIS_MNEMONIC_INT3:
    case ZYDIS_MNEMONIC_INTO:
      return BranchClass::kInterrupt;
    case ZYDIS_MNEMONIC_IRET:
    case ZYDIS_MNEMONIC_IRETD:
    case ZYDIS_MNEMONIC_IRETQ:
    case ZYDIS_MNEMONIC_UIRET:
      return BranchClass::kIret;
    case ZYDIS_MNEMONIC_VMLAUNCH:
    case ZYDIS_MNEMONIC_VMRESUME:
      return BranchClass::kVmEntry;
    case ZYDIS_MNEMONIC_VMCALL:
      return BranchClass::kVmExit;
    // Zydis counts them among the conditional branches; PT does not (SDM vol.
    // 3, 33.2.1).
    case ZYDIS_MNEMONIC_XBEGIN:
    case ZYDIS_MNEMONIC_XABORT:
    case ZYDIS_MNEMONIC_XEND:
      return BranchClass::kNone;
    default:
      break;
  }
  if (insn.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR) {
    return BranchClass::kFarBranch;
  }
  return near_class(insn);
}

uint64_t target_of(const ZydisDecodedInstruction& insn, uint64_t ip,
                   ExecMode mode) {
  const uint64_t target =
      ip + insn.length + static_cast<uint64_t>(insn.raw.imm[0].value.s);
  if (mode == ExecMode::k64) return target;
  return insn.operand_width == 16 ? target & 0xffff : target & 0xffffffff;
}

}  // namespace

InsnInfo decode_insn(std::span<const uint8_t> bytes, uint64_t ip,
                     ExecMode mode) {
  ZydisDecodedInstruction insn;
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder_for(mode, false),
                                                  nullptr, bytes.data(),
                                                  bytes.size(), &insn))) {
    return {};
  }
  InsnInfo info;
  info.size = insn.length;
  info.branch = class_of(insn);
  if (is_direct(info.branch)) info.target = target_of(insn, ip, mode);
  return info;
}

uint8_t insn_size(std::span<const uint8_t> bytes, ExecMode mode) {
  if (mode != ExecMode::k16) {
    x86::Insn insn;
    const x86::Mode x86_mode =
        mode == ExecMode::k64 ? x86::Mode::k64 : x86::Mode::k32;
    if (x86::decode_insn(bytes, x86_mode, insn)) return insn.length;
  }
  ZydisDecodedInstruction insn;
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder_for(mode, true),
                                                  nullptr, bytes.data(),
                                                  bytes.size(), &insn))) {
    return 0;
  }
  return insn.length;
}

void InsnCache::fill(Slot& slot, const CodeView& code, uint64_t ip,
                     ExecMode mode) {
  std::array<uint8_t, kMaxInsnSize> bytes;
  const size_t size = code.read(ip, bytes);
  slot = {ip, decode_insn({bytes.data(), size}, ip, mode), epoch_, mode};
}

}  // namespace ptcap::decode
