// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From PT bytes to packets.

#ifndef PTCAP_FORMATS_PT_SCANNER_H_
#define PTCAP_FORMATS_PT_SCANNER_H_

#include <cstdint>
#include <optional>
#include <span>

#include "formats/pt/packet.h"

namespace ptcap::pt {

// Where the next whole PSB at or after `from` begins.
std::optional<uint64_t> find_psb(std::span<const uint8_t> bytes, uint64_t from);
// Where the last whole PSB that begins before `before` does.
std::optional<uint64_t> find_last_psb(std::span<const uint8_t> bytes,
                                      uint64_t before);

// The TSC packet in the PSB+ header that begins at `psb_offset`, if any.
std::optional<uint64_t> psb_tsc(std::span<const uint8_t> bytes,
                                uint64_t psb_offset);

// Reads packet after packet of a span that it borrows. Never reads outside of
// it, and every byte belongs to exactly one packet: what cannot be decoded is
// a kUnknown that ends at the next PSB, and a kTruncated that ends the bytes.
class PacketScanner {
 public:
  explicit PacketScanner(std::span<const uint8_t> bytes, uint64_t offset = 0)
      : begin_(bytes.data()),
        at_(bytes.data() + (offset < bytes.size() ? offset : bytes.size())),
        end_(bytes.data() + bytes.size()) {}

  // The next packet, or false at the end. The first one is taken to begin
  // where the scanner was told to begin: find_psb() says where that is sane.
  bool next(Packet& packet) {
    if (at_ == end_) return false;
    const unsigned byte = *at_;
    if ((byte & 1) == 0 && byte > 2 && bip_size_ == 0) {
      tnt8(byte, packet);
      return true;
    }
    decode(packet);
    return true;
  }

  // Of the packet that next() returns next.
  uint64_t offset() const { return static_cast<uint64_t>(at_ - begin_); }

 private:
  void tnt8(unsigned byte, Packet& packet) {
    const unsigned stop = 31 - static_cast<unsigned>(__builtin_clz(byte));
    packet.type = PacketType::kTnt8;
    packet.flag = false;
    packet.detail = stop - 1;
    packet.size = 1;
    packet.value = (byte ^ (1u << stop)) >> 1;
    ++at_;
  }

  void decode(Packet& packet);
  void decode_extended(Packet& packet);
  void decode_ip(Packet& packet, PacketType type);
  void decode_mode(Packet& packet);
  void decode_cyc(Packet& packet);
  void decode_psb(Packet& packet);
  void decode_tnt64(Packet& packet);
  void decode_block_item(Packet& packet);
  void unknown(Packet& packet);

  // Sets `packet` to one of `size` bytes without fields; false (and a
  // kTruncated instead) where there are fewer.
  bool whole(Packet& packet, PacketType type, uint64_t size);
  // Little-endian, of bytes that whole() has checked.
  uint64_t load(unsigned offset, unsigned size) const;
  uint64_t left() const { return static_cast<uint64_t>(end_ - at_); }

  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  // Between BBP and BEP, where the one-byte TNT 100 is a block item (SDM
  // 33.4.2.25); else 0.
  unsigned bip_size_ = 0;
};

}  // namespace ptcap::pt

#endif  // PTCAP_FORMATS_PT_SCANNER_H_
