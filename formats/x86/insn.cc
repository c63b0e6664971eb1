// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// After the opcode maps of SDM vol. 2, appendix A.

#include "formats/x86/insn.h"

#include <array>
#include <cstring>
#include <initializer_list>

namespace ptcap::x86 {

namespace {

// What follows an opcode, as bits.
enum : uint8_t {
  kModrm = 1,
  kImm8 = 2,
  kImmZ = 4,  // 16 or 32 bits, by operand size
  kImm16 = 8,
  kSpecial = 16,  // a case of its own
  kBad = 32,
  kBad64 = 64,  // in 64-bit mode
};

using OpcodeMap = std::array<uint8_t, 256>;

constexpr void set(OpcodeMap& map, std::initializer_list<int> opcodes,
                   uint8_t what) {
  for (const int opcode : opcodes) map[opcode] = what;
}

constexpr void set_range(OpcodeMap& map, int first, int last, uint8_t what) {
  for (int opcode = first; opcode <= last; ++opcode) map[opcode] = what;
}

constexpr OpcodeMap make_one_byte_map() {
  OpcodeMap map = {};
  for (int row = 0; row < 0x40; row += 8) {
    set_range(map, row, row + 3, kModrm);
    map[row + 4] = kImm8;
    map[row + 5] = kImmZ;
  }
  set(map, {0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37, 0x3f},
      kBad64);
  set(map, {0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67}, kSpecial);
  set_range(map, 0x40, 0x4f, kBad64);  // REX was taken off before
  set(map, {0x60, 0x61}, kBad64);
  map[0x62] = kSpecial;
  map[0x63] = kModrm;
  map[0x68] = kImmZ;
  map[0x69] = kModrm | kImmZ;
  map[0x6a] = kImm8;
  map[0x6b] = kModrm | kImm8;
  set_range(map, 0x70, 0x7f, kSpecial);
  set(map, {0x80, 0x83, 0xc0, 0xc1, 0xc6}, kModrm | kImm8);
  set(map, {0x81, 0xc7}, kModrm | kImmZ);
  map[0x82] = kBad64 | kModrm | kImm8;
  set_range(map, 0x84, 0x8e, kModrm);
  map[0x8f] = kSpecial;
  map[0x9a] = kSpecial;
  set_range(map, 0xa0, 0xa3, kSpecial);
  map[0xa8] = kImm8;
  map[0xa9] = kImmZ;
  set_range(map, 0xb0, 0xb7, kImm8);
  set_range(map, 0xb8, 0xbf, kSpecial);
  set(map, {0xc2, 0xc3, 0xc4, 0xc5, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf},
      kSpecial);
  map[0xc8] = kImm16 | kImm8;
  set_range(map, 0xd0, 0xd3, kModrm);
  set(map, {0xd4, 0xd5}, kBad64 | kImm8);
  map[0xd6] = kBad;
  set_range(map, 0xd8, 0xdf, kModrm);
  set_range(map, 0xe0, 0xe3, kSpecial);
  set_range(map, 0xe4, 0xe7, kImm8);
  set_range(map, 0xe8, 0xeb, kSpecial);
  set(map, {0xf0, 0xf1, 0xf2, 0xf3, 0xf6, 0xf7, 0xff}, kSpecial);
  map[0xfe] = kModrm;
  return map;
}

constexpr OpcodeMap make_0f_map() {
  OpcodeMap map = {};
  set_range(map, 0x00, 0xff, kModrm);
  set(map,
      {0x06, 0x08, 0x09, 0x0b, 0x0e, 0x30, 0x31, 0x32, 0x33, 0x37, 0x77, 0xa0,
       0xa1, 0xa2, 0xa8, 0xa9},
      0);
  set_range(map, 0xc8, 0xcf, 0);
  set(map,
      {0x0f, 0x70, 0x71, 0x72, 0x73, 0xa4, 0xac, 0xba, 0xc2, 0xc4, 0xc5, 0xc6},
      kModrm | kImm8);
  set(map,
      {0x01, 0x05, 0x07, 0x34, 0x35, 0x38, 0x3a, 0x20, 0x21, 0x22, 0x23, 0x78,
       0x79, 0xaa, 0xae, 0xb8},
      kSpecial);
  set_range(map, 0x80, 0x8f, kSpecial);
  set(map, {0x04, 0x0a, 0x0c, 0x24, 0x25, 0x26, 0x27, 0x36, 0x39, 0x3b,
            0x3c, 0x3d, 0x3e, 0x3f, 0x7a, 0x7b, 0xa6, 0xa7, 0xb9, 0xff},
      kBad);
  return map;
}

constexpr OpcodeMap kOneByte = make_one_byte_map();
constexpr OpcodeMap kMap0f = make_0f_map();

// Bytes of ModRM, SIB and displacement by ModRM, for 32 and 64-bit addressing;
// the bit says that a SIB with base 101 adds four more.
constexpr uint8_t kSibDecides = 0x80;

constexpr std::array<uint8_t, 256> make_modrm_sizes() {
  std::array<uint8_t, 256> sizes = {};
  for (unsigned modrm = 0; modrm < 256; ++modrm) {
    const unsigned mod = modrm >> 6;
    const unsigned rm = modrm & 7;
    unsigned size = 1;
    if (mod != 3 && rm == 4) size = 2;
    if (mod == 0 && rm == 5) size = 5;
    if (mod == 1) size += 1;
    if (mod == 2) size += 4;
    sizes[modrm] = static_cast<uint8_t>(size);
    if (mod == 0 && rm == 4) sizes[modrm] |= kSibDecides;
  }
  return sizes;
}

constexpr std::array<uint8_t, 256> kModrmSizes = make_modrm_sizes();

// REQUIRES: a SIB is readable.
size_t modrm_size(const uint8_t* modrm) {
  const uint8_t size = kModrmSizes[*modrm];
  const bool base101 = (size & kSibDecides) != 0 && (modrm[1] & 7) == 5;
  return (size & ~kSibDecides) + (base101 ? 4u : 0u);
}

// An instruction can be read past its end by less than this.
constexpr size_t kSlack = 32;

class Decoder {
 public:
  // REQUIRES: kMaxInsnSize + kSlack readable bytes at `code`.
  Decoder(const uint8_t* code, Mode mode, Insn& insn)
      : code_(code), at_(code), long_mode_(mode == Mode::k64), insn_(insn) {}

  bool decode() {
    insn_.kind = InsnClass::kOther;
    insn_.displacement = 0;
    if (!prefixes()) return false;
    const uint8_t opcode = *at_++;
    if (!one_byte(opcode)) return false;
    const auto length = at_ - code_;
    if (length > static_cast<long>(kMaxInsnSize)) return false;
    insn_.length = static_cast<uint8_t>(length);
    return true;
  }

 private:
  bool prefixes();
  bool one_byte(uint8_t opcode);
  bool one_byte_special(uint8_t opcode);
  bool two_byte();
  bool two_byte_special(uint8_t opcode);
  bool system_group();
  bool branch_group();
  bool test_group(unsigned immediate);
  bool vex(uint8_t first);
  bool evex();
  bool vector_opcode(unsigned map);

  bool relative(InsnClass kind, unsigned size) {
    if (operand16_ && !long_mode_ && size != 1) return false;
    insn_.kind = kind;
    if (size == 1) {
      insn_.displacement = (*at_ ^ 0x80) - 0x80;  // sign-extended
    } else {
      std::memcpy(&insn_.displacement, at_, 4);
    }
    at_ += size;
    return true;
  }

  bool branch(InsnClass kind, unsigned immediate = 0) {
    insn_.kind = kind;
    at_ += immediate;
    return true;
  }

  unsigned immz() const { return operand16_ && !rex_w_ ? 2 : 4; }
  unsigned reg() const { return *at_ >> 3 & 7; }
  bool is_register() const { return *at_ >> 6 == 3; }

  void modrm() {
    if (address16_) {
      const unsigned mod = *at_ >> 6;
      const bool plain = mod == 0 && (*at_ & 7) == 6;
      at_ += mod == 1 ? 2 : (mod == 2 || plain) ? 3 : 1;
      return;
    }
    at_ += modrm_size(at_);
  }

  bool operands(uint8_t what) {
    if ((what & kModrm) != 0) modrm();
    if ((what & kImm8) != 0) at_ += 1;
    if ((what & kImm16) != 0) at_ += 2;
    if ((what & kImmZ) != 0) at_ += immz();
    return true;
  }

  const uint8_t* code_;
  const uint8_t* at_;
  bool long_mode_;
  bool operand16_ = false;
  bool address16_ = false;
  bool address_override_ = false;
  bool rex_w_ = false;
  bool rex_ = false;
  uint8_t repeat_ = 0;  // the last of F2 and F3
  Insn& insn_;
};

bool Decoder::prefixes() {
  for (;; ++at_) {
    if (at_ - code_ >= static_cast<long>(kMaxInsnSize)) return false;
    switch (*at_) {
      case 0x66:
        operand16_ = true;
        break;
      case 0x67:
        address_override_ = true;
        address16_ = !long_mode_;
        break;
      case 0xf2:
      case 0xf3:
        repeat_ = *at_;
        break;
      case 0xf0:
      case 0x26:
      case 0x2e:
      case 0x36:
      case 0x3e:
      case 0x64:
      case 0x65:
        break;
      default:
        if (long_mode_ && (*at_ & 0xf0) == 0x40) {
          rex_ = true;
          rex_w_ = (*at_++ & 8) != 0;
        }
        return true;
    }
  }
}

bool Decoder::one_byte(uint8_t opcode) {
  const uint8_t what = kOneByte[opcode];
  if ((what & (kBad | kSpecial | kBad64)) == 0) return operands(what);
  if ((what & kBad) != 0 || ((what & kBad64) != 0 && long_mode_)) return false;
  if ((what & kSpecial) == 0) return operands(what);
  return one_byte_special(opcode);
}

bool Decoder::one_byte_special(uint8_t opcode) {
  if ((opcode & 0xf0) == 0x70 || (opcode >= 0xe0 && opcode <= 0xe3)) {
    return relative(InsnClass::kCondJump, 1);
  }
  if ((opcode & 0xf8) == 0xb8) {
    at_ += rex_w_ ? 8 : immz();
    return true;
  }
  switch (opcode) {
    case 0x0f:
      return two_byte();
    case 0xe8:
      return relative(InsnClass::kCall, 4);
    case 0xe9:
      return relative(InsnClass::kJump, 4);
    case 0xeb:
      return relative(InsnClass::kJump, 1);
    case 0xff:
      return branch_group();
    case 0xc2:
      return branch(InsnClass::kReturn, 2);
    case 0xc3:
      return branch(InsnClass::kReturn);
    case 0xca:
      return branch(InsnClass::kFarBranch, 2);
    case 0xcb:
      return branch(InsnClass::kFarBranch);
    case 0xcc:
    case 0xf1:
      return branch(InsnClass::kInterrupt);
    case 0xcd:
      return branch(InsnClass::kInterrupt, 1);
    case 0xce:
      return !long_mode_ && branch(InsnClass::kInterrupt);
    case 0xcf:
      return branch(InsnClass::kIret);
    case 0x9a:
    case 0xea:
      return !long_mode_ && branch(InsnClass::kFarBranch, 2 + immz());
    case 0xf6:
      return test_group(1);
    case 0xf7:
      return test_group(immz());
    case 0x8f:  // other than POP it is AMD's XOP
      return reg() == 0 && operands(kModrm);
    case 0xa0:
    case 0xa1:
    case 0xa2:
    case 0xa3:
      at_ += long_mode_ ? (address_override_ ? 4 : 8) : (address16_ ? 2 : 4);
      return true;
    case 0xc4:
    case 0xc5:
      if (!long_mode_ && !is_register()) return operands(kModrm);
      return vex(opcode);
    case 0x62:
      if (!long_mode_ && !is_register()) return operands(kModrm);
      return evex();
    default:  // a prefix behind a REX
      return false;
  }
}

bool Decoder::test_group(unsigned immediate) {
  const bool is_test = reg() < 2;  // the rest of the group has no immediate
  modrm();
  if (is_test) at_ += immediate;
  return true;
}

bool Decoder::branch_group() {
  const unsigned selector = reg();
  if (selector == 7) return false;
  if ((selector == 3 || selector == 5) && is_register()) return false;
  // A 16-bit operand size truncates the target.
  if (operand16_ && selector >= 2 && selector <= 5) return false;
  if (selector == 2) insn_.kind = InsnClass::kIndirectCall;
  if (selector == 4) insn_.kind = InsnClass::kIndirectJump;
  if (selector == 3 || selector == 5) insn_.kind = InsnClass::kFarBranch;
  modrm();
  return true;
}

bool Decoder::two_byte() {
  const uint8_t opcode = *at_++;
  const uint8_t what = kMap0f[opcode];
  if ((what & (kBad | kSpecial)) == 0) return operands(what);
  if ((what & kBad) != 0) return false;
  return two_byte_special(opcode);
}

bool Decoder::two_byte_special(uint8_t opcode) {
  if ((opcode & 0xf0) == 0x80) return relative(InsnClass::kCondJump, 4);
  switch (opcode) {
    case 0x01:
      return system_group();
    case 0x05:
    case 0x34:
      return branch(InsnClass::kSyscall);
    case 0x07:
    case 0x35:
      return branch(InsnClass::kSysret);
    case 0xaa:
      return branch(InsnClass::kFarBranch);
    case 0x20:
    case 0x21:
    case 0x23:  // MOV CRn, DRn: mod is ignored
      at_ += 1;
      return true;
    case 0x22:
      if (reg() == 3) insn_.kind = InsnClass::kMovToCr3;
      at_ += 1;
      return true;
    case 0x38:
      at_ += 1;
      return operands(kModrm);
    case 0x3a:
      at_ += 1;
      return operands(kModrm | kImm8);
    case 0x78:
    case 0x79:  // with prefixes they are AMD's EXTRQ and INSERTQ
      return !operand16_ && repeat_ == 0 && operands(kModrm);
    case 0xae:
      if (repeat_ == 0xf3 && reg() == 4) insn_.kind = InsnClass::kPtwrite;
      return operands(kModrm);
    case 0xb8:
      return repeat_ == 0xf3 && operands(kModrm);
    default:
      return false;
  }
}

bool Decoder::system_group() {
  switch (*at_) {
    case 0xc1:
      insn_.kind = InsnClass::kVmExit;
      break;
    case 0xc2:
    case 0xc3:
      insn_.kind = InsnClass::kVmEntry;
      break;
    case 0xec:
      if (repeat_ == 0xf3) return false;  // UIRET
      break;
    default:
      break;
  }
  return operands(kModrm);
}

bool Decoder::vex(uint8_t first) {
  if (rex_ || operand16_ || repeat_ != 0) return false;
  unsigned map = 1;
  if (first == 0xc4) map = *at_++ & 0x1f;
  at_ += 1;
  return vector_opcode(map);
}

bool Decoder::evex() {
  if (rex_ || operand16_ || repeat_ != 0) return false;
  const unsigned map = at_[0] & 7;
  at_ += 3;
  return vector_opcode(map);
}

bool Decoder::vector_opcode(unsigned map) {
  const uint8_t opcode = *at_++;
  if (map == 1) {
    if (opcode == 0x77) return true;  // VZEROUPPER, VZEROALL
    const uint8_t what = kMap0f[opcode];
    const bool known = opcode == 0x78 || opcode == 0x79 || opcode == 0x7a ||
                       opcode == 0x7b || opcode == 0xae;
    if (known) return operands(kModrm);
    // KMOV and the like have the opcodes of CMOVcc and SETcc.
    if ((what & kModrm) == 0) return false;
    return operands(what);
  }
  if (map == 2 || map == 5 || map == 6) return operands(kModrm);
  if (map == 3) return operands(kModrm | kImm8);
  return false;
}

}  // namespace

namespace {

// Most instructions have at most a REX in front of an opcode byte that says
// all: its size with the immediate, and whether a ModRM follows.
constexpr uint8_t kPlainModrm = 0x80;

constexpr std::array<uint8_t, 256> make_plain_sizes(const OpcodeMap& map) {
  std::array<uint8_t, 256> sizes = {};
  for (int opcode = 0; opcode < 256; ++opcode) {
    const unsigned what = map[opcode];
    if ((what & (kSpecial | kBad | kBad64)) != 0) continue;
    unsigned size = 1;
    if ((what & kImm8) != 0) size += 1;
    if ((what & kImm16) != 0) size += 2;
    if ((what & kImmZ) != 0) size += 4;
    if ((what & kModrm) != 0) size |= kPlainModrm;
    sizes[opcode] = static_cast<uint8_t>(size);
  }
  return sizes;
}

constexpr auto kPlainOneByte = make_plain_sizes(kOneByte);
constexpr auto kPlain0f = make_plain_sizes(kMap0f);

// False where more has to be looked at. REQUIRES: as Decoder.
bool decode_plain(const uint8_t* code, Mode mode, Insn& insn) {
  const uint8_t* at = code;
  if (mode == Mode::k64 && (*at & 0xf0) == 0x40) ++at;  // REX
  unsigned size = kPlainOneByte[*at];
  if (size == 0) {
    if ((*at & 0xf0) == 0x70) {  // Jcc
      insn.kind = InsnClass::kCondJump;
      insn.displacement = (at[1] ^ 0x80) - 0x80;
      insn.length = static_cast<uint8_t>(at + 2 - code);
      return true;
    }
    if (*at != 0x0f) return false;
    size = kPlain0f[*++at];
    if (size == 0) return false;
  }
  ++at;
  size_t length = static_cast<size_t>(at - code) - 1 + (size & ~kPlainModrm);
  if ((size & kPlainModrm) != 0) {
    length += modrm_size(at);
  }
  insn.kind = InsnClass::kOther;
  insn.displacement = 0;
  insn.length = static_cast<uint8_t>(length);
  return true;
}

}  // namespace

bool decode_insn(std::span<const uint8_t> code, Mode mode, Insn& insn) {
  if (code.size() >= kMaxInsnSize + kSlack) {
    if (decode_plain(code.data(), mode, insn)) [[likely]]
      return true;
    return Decoder(code.data(), mode, insn).decode();
  }
  if (code.empty()) return false;
  std::array<uint8_t, kMaxInsnSize + kSlack> padded = {};
  std::memcpy(padded.data(), code.data(), code.size());
  return Decoder(padded.data(), mode, insn).decode() &&
         insn.length <= code.size();
}

}  // namespace ptcap::x86
