// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/decode/fast/random_trace.h"

#include <algorithm>
#include <utility>

#include "formats/pt/packet_writer.h"
#include "formats/pt/scanner.h"

namespace ptcap::decode::fast {

namespace {

using pt::Packet;
using pt::PacketType;

pt::FlowEncoderOptions random_options(std::mt19937_64& random) {
  pt::FlowEncoderOptions options;
  options.psb_period_bytes = 128u << random() % 6;
  options.compress_returns = random() % 4 != 0;
  options.tsc = random() % 2 == 0;
  options.tsc_interval = 100 << random() % 12;
  return options;
}

std::shared_ptr<const CodeView> view_of(const pt::testing::Code& code) {
  CodeView view;
  for (const auto& [address, bytes] : code) view.add({address, bytes});
  return std::make_shared<const CodeView>(std::move(view));
}

class Rewriter {
 public:
  Rewriter(std::span<const uint8_t> trace, std::mt19937_64& random)
      : trace_(trace), random_(random) {
    // Some traces get none of a kind, so that every mixture occurs.
    for (unsigned& rate : rates_) {
      rate = random_() % 2 == 0 ? 0 : 1 + random_() % 30;
    }
  }

  std::vector<uint8_t> run() {
    pt::PacketScanner scanner(trace_);
    Packet packet;
    uint64_t begin = 0;
    while (scanner.next(packet)) {
      if (packet.type == PacketType::kTnt64 && chance(0)) {
        split(packet);
      } else {
        out_.insert(out_.end(), trace_.begin() + begin,
                    trace_.begin() + scanner.offset());
      }
      begin = scanner.offset();
      in_psb_plus_ = packet.type == PacketType::kPsb ||
                     (in_psb_plus_ && packet.type != PacketType::kPsbEnd);
      if (!in_psb_plus_) insert();
    }
    return std::move(out_);
  }

 private:
  bool chance(unsigned kind) {
    return rates_[kind] != 0 && random_() % 32 < rates_[kind];
  }

  template <typename... Values>
  void put(uint8_t* (*writer)(uint8_t*, Values...),
           std::type_identity_t<Values>... values) {
    uint8_t packet[2 * pt::kMaxWriteSize];
    out_.insert(out_.end(), packet, writer(packet, values...));
  }

  void split(const Packet& packet) {
    for (unsigned left = packet.detail; left > 0;) {
      const auto count =
          static_cast<unsigned>(1 + random_() % std::min(left, 6u));
      left -= count;
      put(pt::put_tnt8,
          static_cast<unsigned>(packet.value >> left & ((1u << count) - 1)),
          count);
    }
  }

  void insert() {
    const auto value = random_();
    if (chance(1)) put(pt::put_pad);
    if (chance(2)) put(pt::put_cyc, value >> (20 + value % 40));
    if (chance(3)) put(pt::put_mtc, static_cast<uint8_t>(value));
    if (chance(4)) put(pt::put_cbr, static_cast<uint8_t>(value | 1));
  }

  std::span<const uint8_t> trace_;
  std::mt19937_64& random_;
  std::vector<uint8_t> out_;
  unsigned rates_[5];
  bool in_psb_plus_ = false;
};

}  // namespace

RandomTrace::RandomTrace(uint64_t seed, int steps)
    : RandomTrace(std::mt19937_64(seed), steps) {}

RandomTrace::RandomTrace(std::mt19937_64 random, int steps) : program(random) {
  code = view_of(program.code());
  bytes =
      pt::testing::random_walk(program, steps, random_options(random), random)
          .trace;
  if (random() % 2 == 0) bytes = rewrite(bytes, random);
}

std::vector<uint8_t> rewrite(std::span<const uint8_t> trace,
                             std::mt19937_64& random) {
  return Rewriter(trace, random).run();
}

void damage(std::vector<uint8_t>& trace, std::mt19937_64& random) {
  const size_t at = random() % trace.size();
  const size_t size = std::min<size_t>(1 + random() % 100, trace.size() - at);
  switch (random() % 8) {
    case 0:
      trace.resize(std::max<size_t>(at, 1));
      return;
    case 1:
      trace.erase(trace.begin(), trace.begin() + at);
      return;
    case 2:
      trace[at] ^= static_cast<uint8_t>(1u << random() % 8);
      return;
    case 3:
      trace[at] = static_cast<uint8_t>(random());
      return;
    case 4:
      trace.erase(trace.begin() + at, trace.begin() + at + size);
      break;
    case 5: {
      const std::vector<uint8_t> part(trace.begin() + at,
                                      trace.begin() + at + size);
      trace.insert(trace.begin() + random() % trace.size(), part.begin(),
                   part.end());
      return;
    }
    case 6: {  // OVF
      const uint8_t packet[] = {0x02, 0xf3};
      trace.insert(trace.begin() + at, packet, packet + sizeof(packet));
      return;
    }
    case 7: {  // TraceStop, or PTW, or EXSTOP
      const uint8_t packets[][6] = {
          {0x02, 0x83}, {0x02, 0x12, 1, 2, 3, 4}, {0x02, 0x62}};
      const size_t which = random() % 3;
      trace.insert(trace.begin() + at, packets[which],
                   packets[which] + (which == 1 ? 6 : 2));
      return;
    }
  }
  if (trace.empty()) trace.push_back(0);
}

bool libipt_is_fickle(std::span<const uint8_t> bytes) {
  pt::PacketScanner scanner(bytes);
  pt::Packet packet;
  while (scanner.next(packet)) {
    const bool bad_tip =
        packet.type == pt::PacketType::kTip && packet.detail == 0;
    const bool bad_mode =
        packet.type == pt::PacketType::kModeExec && (packet.value & 3) != 1;
    if (bad_tip || bad_mode) return true;
  }
  return false;
}

}  // namespace ptcap::decode::fast
