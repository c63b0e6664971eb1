// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From packets to PT bytes: each function writes one packet at `out` and
// returns the byte behind it. No state, no bounds, no library: the caller
// leaves kMaxWriteSize bytes of room, because some write a whole word and
// count only the part that belongs to the packet.

#ifndef PTCAP_FORMATS_PT_PACKET_WRITER_H_
#define PTCAP_FORMATS_PT_PACKET_WRITER_H_

#include <cstdint>
#include <cstring>

#include "formats/pt/packet.h"

namespace ptcap::pt {

// PSB; words written at the end of shorter packets stay below it.
inline constexpr size_t kMaxWriteSize = kPsbSize;

inline uint8_t* put_bytes(uint8_t* out, uint64_t value, size_t size) {
  std::memcpy(out, &value, size);
  return out + size;
}

inline uint8_t* put_pad(uint8_t* out) { return put_bytes(out, 0, 1); }

inline uint8_t* put_psb(uint8_t* out) {
  constexpr uint64_t kHalf = 0x8202820282028202;
  return put_bytes(put_bytes(out, kHalf, 8), kHalf, 8);
}

inline uint8_t* put_psbend(uint8_t* out) { return put_bytes(out, 0x2302, 2); }
inline uint8_t* put_ovf(uint8_t* out) { return put_bytes(out, 0xf302, 2); }
inline uint8_t* put_stop(uint8_t* out) { return put_bytes(out, 0x8302, 2); }

// `count` (1 to 6) branches, the oldest one in the highest bit of `bits`.
inline uint8_t* put_tnt8(uint8_t* out, uint64_t bits, unsigned count) {
  return put_bytes(out, ((1ull << count) | bits) << 1, 1);
}

// `count` (1 to 47) branches.
inline uint8_t* put_tnt64(uint8_t* out, uint64_t bits, unsigned count) {
  return put_bytes(out, 0xa302 | ((1ull << count) | bits) << 16, 8);
}

// The low five bits of the header of a packet that carries an IP.
enum class IpPacket : uint8_t {
  kTip = 0x0d,
  kTipPge = 0x11,
  kTipPgd = 0x01,
  kFup = 0x1d,
};

// With the compression given; `ip` is cut to what it has room for.
inline uint8_t* put_ip(uint8_t* out, IpPacket kind, IpCompression compression,
                       uint64_t ip) {
  const auto ip_bytes = static_cast<unsigned>(compression);
  out = put_bytes(out, static_cast<uint8_t>(kind) | ip_bytes << 5, 1);
  return put_bytes(out, ip, static_cast<size_t>(ip_payload_size(ip_bytes)));
}

// With the shortest compression that every CPU and decoder knows, as CPUs do
// it. An ip beyond 48 bits that is not canonical is sent in full.
inline uint8_t* put_tip(uint8_t* out, IpPacket kind, uint64_t ip,
                        uint64_t& last_ip) {
  const uint64_t changed = ip ^ last_ip;
  const auto header = static_cast<uint64_t>(kind);
  last_ip = ip;
  if (changed >> 16 == 0) {
    put_bytes(out, (header | 1u << 5) | (ip & 0xffff) << 8, 4);
    return out + 3;
  }
  if (changed >> 32 == 0) {
    put_bytes(out, (header | 2u << 5) | (ip & 0xffffffff) << 8, 8);
    return out + 5;
  }
  const auto sign_extended =
      static_cast<uint64_t>(static_cast<int64_t>(ip << 16) >> 16);
  if (sign_extended == ip) {
    put_bytes(out, (header | 3u << 5) | ip << 8, 8);
    return out + 7;
  }
  return put_ip(out, kind, IpCompression::kFull, ip);
}

inline uint8_t* put_pip(uint8_t* out, uint64_t cr3, bool non_root) {
  const uint64_t payload = (cr3 >> 5) << 1 | (non_root ? 1 : 0);
  return put_bytes(out, 0x4302 | payload << 16, 8);
}

inline uint8_t* put_vmcs(uint8_t* out, uint64_t base) {
  return put_bytes(out, 0xc802 | (base >> 12) << 16, 7);
}

inline uint8_t* put_cbr(uint8_t* out, uint8_t ratio) {
  return put_bytes(out, 0x0302u | static_cast<uint32_t>(ratio) << 16, 4);
}

inline uint8_t* put_tsc(uint8_t* out, uint64_t tsc) {
  return put_bytes(out, 0x19 | tsc << 8, 8);
}

inline uint8_t* put_tma(uint8_t* out, uint16_t ctc, uint16_t fast_counter) {
  return put_bytes(out,
                   0x7302 | static_cast<uint64_t>(ctc) << 16 |
                       static_cast<uint64_t>(fast_counter & 0x1ff) << 40,
                   7);
}

inline uint8_t* put_mtc(uint8_t* out, uint8_t ctc) {
  return put_bytes(out, 0x59u | static_cast<uint32_t>(ctc) << 8, 2);
}

inline uint8_t* put_cyc(uint8_t* out, uint64_t cycles) {
  uint64_t rest = cycles >> 5;
  *out++ = static_cast<uint8_t>((cycles & 0x1f) << 3 | (rest ? 4 : 0) | 3);
  while (rest != 0) {
    const uint64_t low = rest & 0x7f;
    rest >>= 7;
    *out++ = static_cast<uint8_t>(low << 1 | (rest ? 1 : 0));
  }
  return out;
}

// Bits as in Packet: CS.L, CS.D << 1, RFLAGS.IF << 2.
inline constexpr uint8_t kModeExec16 = 0;
inline constexpr uint8_t kModeExec64 = 1;
inline constexpr uint8_t kModeExec32 = 2;

inline uint8_t* put_mode_exec(uint8_t* out, uint8_t bits) {
  return put_bytes(out, 0x99u | static_cast<uint32_t>(bits & 0x1f) << 8, 2);
}

inline uint8_t* put_mode_tsx(uint8_t* out, bool in_tx, bool abort) {
  const uint32_t bits = (in_tx ? 1u : 0) | (abort ? 2u : 0);
  return put_bytes(out, 0x2099u | bits << 8, 2);
}

inline uint8_t* put_mnt(uint8_t* out, uint64_t payload) {
  return put_bytes(put_bytes(out, 0x88c302, 3), payload, 8);
}

inline uint8_t* put_exstop(uint8_t* out, bool fup_follows) {
  return put_bytes(out, fup_follows ? 0xe202 : 0x6202, 2);
}

inline uint8_t* put_mwait(uint8_t* out, uint32_t hints, uint32_t extensions) {
  out = put_bytes(out, 0xc202, 2);
  return put_bytes(put_bytes(out, hints, 4), extensions, 4);
}

inline uint8_t* put_pwre(uint8_t* out, uint8_t state, uint8_t sub_state,
                         bool hardware) {
  const uint64_t payload = (hardware ? 0x80u : 0) |
                           static_cast<uint64_t>(sub_state & 0xf) << 8 |
                           static_cast<uint64_t>(state & 0xf) << 12;
  return put_bytes(out, 0x2202 | payload << 16, 4);
}

// `wake` as in Packet: bit 0 interrupt, 2 store, 3 autonomous.
inline uint8_t* put_pwrx(uint8_t* out, uint8_t last, uint8_t deepest,
                         uint8_t wake) {
  const uint64_t payload = (deepest & 0xfu) | (last & 0xfu) << 4 |
                           static_cast<uint64_t>(wake & 0xf) << 8;
  return put_bytes(out, 0xa202 | payload << 16, 7);
}

// `size` of the payload is 4 or 8.
inline uint8_t* put_ptw(uint8_t* out, uint64_t payload, unsigned size,
                        bool fup_follows) {
  const unsigned opcode =
      0x12u | (size == 8 ? 1u << 5 : 0) | (fup_follows ? 0x80u : 0);
  return put_bytes(put_bytes(out, 0x02 | opcode << 8, 2), payload, size);
}

// `item_size` of the BIPs that follow, 4 or 8.
inline uint8_t* put_bbp(uint8_t* out, uint8_t type, unsigned item_size) {
  const uint32_t bits = (type & 0x1fu) | (item_size == 4 ? 0x80u : 0);
  return put_bytes(out, 0x6302u | bits << 16, 3);
}

inline uint8_t* put_bip(uint8_t* out, uint8_t id, uint64_t payload,
                        unsigned item_size) {
  return put_bytes(put_bytes(out, 4u | static_cast<uint32_t>(id) << 3, 1),
                   payload, item_size);
}

inline uint8_t* put_bep(uint8_t* out, bool fup_follows) {
  return put_bytes(out, fup_follows ? 0xb302 : 0x3302, 2);
}

inline uint8_t* put_cfe(uint8_t* out, uint8_t type, uint8_t vector,
                        bool fup_follows) {
  const uint32_t bits = (type & 0x1fu) | (fup_follows ? 0x80u : 0);
  return put_bytes(
      out, 0x1302u | bits << 16 | static_cast<uint32_t>(vector) << 24, 4);
}

inline uint8_t* put_evd(uint8_t* out, uint8_t type, uint64_t payload) {
  out = put_bytes(out, 0x5302u | (type & 0x3fu) << 16, 3);
  return put_bytes(out, payload, 8);
}

}  // namespace ptcap::pt

#endif  // PTCAP_FORMATS_PT_PACKET_WRITER_H_
