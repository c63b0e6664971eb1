// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Code, packets and the rows expected of them, in one place.

#ifndef PTCAP_TESTS_DECODE_FLOW_FLOW_FIXTURE_H_
#define PTCAP_TESTS_DECODE_FLOW_FLOW_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decode/image_store.h"
#include "decode/libipt/decoder.h"
#include "decode/libipt/section_cache.h"
#include "decode/stream.h"
#include "formats/pt/packet_writer.h"

namespace ptcap::decode {

// PT bytes, packet by packet; IPs are written in full.
class Packets {
 public:
  // PSB+ with tracing on at `ip`, or off.
  Packets& psb(std::optional<uint64_t> ip = std::nullopt,
               std::optional<uint64_t> tsc = std::nullopt);
  Packets& bare_psb();  // without MODE.Exec and FUP
  Packets& pge(uint64_t ip) { return ip_packet(pt::IpPacket::kTipPge, ip); }
  Packets& pgd() { return put(0x01, 1); }
  Packets& pgd(uint64_t ip) { return ip_packet(pt::IpPacket::kTipPgd, ip); }
  Packets& tip(uint64_t ip) { return ip_packet(pt::IpPacket::kTip, ip); }
  Packets& fup(uint64_t ip) { return ip_packet(pt::IpPacket::kFup, ip); }
  // "tnn": taken, not, not.
  Packets& tnt(std::string_view branches);
  Packets& tsc(uint64_t tsc);
  Packets& ovf();
  Packets& stop();
  Packets& mode(uint8_t bits);
  Packets& tsx(bool in_tx, bool abort);
  Packets& ptw(uint64_t payload);
  // Any packet: `write(out)` is a function of packet_writer.h.
  template <typename Write>
  Packets& packet(Write write) {
    uint8_t room[2 * pt::kMaxWriteSize];
    bytes_.insert(bytes_.end(), room, write(room));
    return *this;
  }
  Packets& raw(std::initializer_list<uint8_t> bytes);
  Packets& append(const std::vector<uint8_t>& bytes);

  uint64_t size() const { return bytes_.size(); }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  Packets& put(uint64_t value, size_t size);
  Packets& ip_packet(pt::IpPacket kind, uint64_t ip);

  std::vector<uint8_t> bytes_;
};

class FlowTest : public testing::Test {
 protected:
  // Hex digits, blanks ignored.
  void code(uint64_t address, std::string_view hex);
  CodeRange range(uint64_t address, std::string_view hex);

  // What the engine makes of the packets, one row a line, "jcc 1000>1010",
  // "off 1003> syscall"; the same for windows of every size, for both of
  // libipt's decoders and for the fast engine, or it says so.
  std::string branches(const Packets& packets, bool not_taken = false);
  // The same of BTS records {from, to}.
  std::string bts(const std::vector<std::pair<uint64_t, uint64_t>>& records,
                  bool not_taken = false);
  // What is no part of the flow but for gaps, "ptwrite 1001 payload=5 size=8".
  std::string events(const Packets& packets);
  // Of each conditional branch, "1000 1200 "; the same for both decoders.
  std::string times(const Packets& packets);
  // Of each block, what CYC packets count: "100 0 20 "; the same for both
  // decoders.
  std::string cycles(const Packets& packets);
  // "1000..1008 3"
  std::string blocks(const Packets& packets);

  enum class Engine : uint8_t { kBlocks, kInstructions, kFast };
  // The rows of one engine alone, with not taken branches; for what is done
  // thousands of times. Fails where bytes are not accounted for: each stands
  // between two items that are in order, the first of which begins the flow
  // (or is a gap), and the last of which ends it.
  std::string rows_of(const Packets& packets, Engine engine);

  // False where libipt's two decoders are known to disagree.
  bool compare_decoders_ = true;
  CodeView view_;
  PtSettings settings_;
  std::vector<CodeChange> by_time_;
  std::vector<CodeChange> by_offset_;
  // Of the stream; empty: one piece with everything.
  std::vector<formats::AuxPiece> pieces_;
  std::vector<uint64_t> losses_;  // as AuxBytes has them

 private:
  static constexpr uint64_t kFastLimit = 512 << 20;

  template <typename Show>
  std::string with_all_windows(const Packets& packets, Show show);
  FlowBatch decode(const Packets& packets, uint64_t window_size, IptKind kind,
                   EventLog* events = nullptr);
  FlowBatch decode_fast(const Packets& packets, uint64_t window_size,
                        uint64_t limit_bytes = kFastLimit);
  StreamCode stream_code() const;

  std::deque<std::vector<uint8_t>> memory_;
  ImageStore store_;
  SectionCache sections_{store_};
};

}  // namespace ptcap::decode

#endif  // PTCAP_TESTS_DECODE_FLOW_FLOW_FIXTURE_H_
