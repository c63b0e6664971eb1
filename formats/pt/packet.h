// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Intel PT packets (SDM vol. 3, 33.4): what the scanner reads and the packet
// writer writes.

#ifndef PTCAP_FORMATS_PT_PACKET_H_
#define PTCAP_FORMATS_PT_PACKET_H_

#include <cstddef>
#include <cstdint>

namespace ptcap::pt {

enum class PacketType : uint8_t {
  kPad,
  kPsb,
  kPsbEnd,
  kOvf,
  kTnt8,
  kTnt64,
  kTip,
  kTipPge,
  kTipPgd,
  kFup,
  kPip,
  kVmcs,
  kCbr,
  kTsc,
  kTma,
  kMtc,
  kCyc,
  kModeExec,
  kModeTsx,
  kStop,
  kMnt,
  kExstop,
  kMwait,
  kPwre,
  kPwrx,
  kPtw,
  kBbp,
  kBip,
  kBep,
  kCfe,
  kEvd,
  // Not packets, but what the scanner makes of bytes that are none: an opcode
  // that it does not know (up to the next PSB or the end), and a packet that
  // the end of the bytes cuts short.
  kUnknown,
  kTruncated,
};

inline constexpr size_t kPacketTypeCount =
    static_cast<size_t>(PacketType::kTruncated) + 1;

// As libipt's ptdump prints them (it knows no bbp, bip, bep).
inline constexpr const char* kPacketNames[kPacketTypeCount] = {
    "pad",     "psb",     "psbend", "ovf",       "tnt.8",     "tnt.64", "tip",
    "tip.pge", "tip.pgd", "fup",    "pip",       "vmcs",      "cbr",    "tsc",
    "tma",     "mtc",     "cyc",    "mode.exec", "mode.tsx",  "stop",   "mnt",
    "exstop",  "mwait",   "pwre",   "pwrx",      "ptw",       "bbp",    "bip",
    "bep",     "cfe",     "evd",    "unknown",   "truncated",
};

constexpr const char* packet_name(PacketType type) {
  return kPacketNames[static_cast<size_t>(type)];
}

// IPBytes, the top three bits of a TIP or FUP header.
enum class IpCompression : uint8_t {
  kSuppressed = 0,  // no payload
  kUpdate16 = 1,    // replaces the low 16 bits of the last IP
  kUpdate32 = 2,
  kSext48 = 3,  // 48 bits, sign-extended
  kUpdate48 = 4,
  kFull = 6,
};

// The bytes of payload; -1 for the reserved encodings 5 and 7.
constexpr int ip_payload_size(unsigned ip_bytes) {
  constexpr int kSizes[8] = {0, 2, 4, 6, 6, -1, 8, -1};
  return kSizes[ip_bytes & 7];
}

inline constexpr size_t kPsbSize = 16;
// PSB is the longest packet that has a fixed size.
inline constexpr size_t kMaxPacketSize = kPsbSize;

// One packet, decoded. What the fields hold:
//
//   type            value             detail            flag
//   tnt.8, tnt.64   bits, oldest      how many bits
//                   on top
//   tip*, fup       payload, zero-    IpCompression
//                   extended
//   pip             CR3                                 NR
//   vmcs            base address
//   cbr             core:bus ratio
//   tsc             TSC, 56 bits
//   tma             CTC               FastCounter, 9 bits
//   mtc             CTC, 8 bits
//   cyc             cycles
//   mode.exec       CS.L, CS.D << 1,
//                   RFLAGS.IF << 2
//   mode.tsx        InTX, abort << 1
//   mnt             payload
//   exstop, bep                                         a FUP follows
//   mwait           hints             extensions
//   pwre            C-state           sub C-state       by hardware
//   pwrx            deepest C-state   wake reason:
//                   | last << 4       bits 0, 2, 3
//   ptw             payload           its size (4, 8)   a FUP follows
//   bbp             block type        size of a BIP's
//                                     payload (4, 8)
//   bip             payload           item id
//   cfe             event type        vector            a FUP follows
//   evd             payload           event data type
struct Packet {
  PacketType type = PacketType::kPad;
  bool flag = false;
  uint32_t detail = 0;
  uint64_t size = 0;  // bytes, header included
  uint64_t value = 0;

  bool operator==(const Packet&) const = default;
};

// `ip` of a TIP or FUP, given the last one (0 after a PSB). Not for
// kSuppressed, which has none and leaves the last IP alone.
constexpr uint64_t expand_ip(const Packet& packet, uint64_t last_ip) {
  switch (static_cast<IpCompression>(packet.detail)) {
    case IpCompression::kSuppressed:
      return last_ip;
    case IpCompression::kUpdate16:
      return (last_ip & ~0xffffull) | packet.value;
    case IpCompression::kUpdate32:
      return (last_ip & ~0xffffffffull) | packet.value;
    case IpCompression::kUpdate48:
      return (last_ip & ~0xffffffffffffull) | packet.value;
    case IpCompression::kSext48:
      return static_cast<uint64_t>(static_cast<int64_t>(packet.value << 16) >>
                                   16);
    case IpCompression::kFull:
      return packet.value;
  }
  return packet.value;
}

}  // namespace ptcap::pt

#endif  // PTCAP_FORMATS_PT_PACKET_H_
