// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// How fast the packet scanner is against libipt's packet decoder, on streams
// that a FlowEncoder wrote.

#include <intel-pt.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

#include "formats/pt/flow_encoder.h"
#include "formats/pt/scanner.h"

namespace {

using ptcap::pt::FlowEncoder;

constexpr size_t kBytes = 8 << 20;
constexpr int kRounds = 7;

// `indirect` of 100 branches have a TIP.
std::vector<uint8_t> make_stream(unsigned indirect) {
  std::vector<uint8_t> bytes(kBytes);
  std::mt19937_64 random(1);
  FlowEncoder encoder({});
  encoder.set_buffer(bytes.data(), bytes.data() + bytes.size());
  encoder.enable(0x401000, 1);
  for (uint64_t time = 2; !encoder.full(); ++time) {
    const uint64_t r = random();
    if (r % 100 < indirect) {
      encoder.indirect(0x401000 + (r >> 8) % 0x100000);
    } else {
      encoder.cond((r & 0x100) != 0);
    }
    if (encoder.due() && !encoder.full()) encoder.maintain(0x401000, time);
  }
  bytes.resize(encoder.buffered());
  return bytes;
}

uint64_t scan(std::vector<uint8_t>& bytes) {
  uint64_t count = 0;
  ptcap::pt::PacketScanner scanner(bytes);
  ptcap::pt::Packet packet;
  while (scanner.next(packet)) ++count;
  return count;
}

uint64_t scan_with_libipt(std::vector<uint8_t>& bytes) {
  pt_config config;
  pt_config_init(&config);
  config.begin = bytes.data();
  config.end = bytes.data() + bytes.size();
  pt_packet_decoder* decoder = pt_pkt_alloc_decoder(&config);
  pt_pkt_sync_set(decoder, 0);
  uint64_t count = 0;
  pt_packet packet;
  while (pt_pkt_next(decoder, &packet, sizeof(packet)) >= 0) ++count;
  pt_pkt_free_decoder(decoder);
  return count;
}

double best_seconds(uint64_t (*work)(std::vector<uint8_t>&),
                    std::vector<uint8_t>& bytes, uint64_t expected) {
  double best = 1e9;
  for (int i = 0; i < kRounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (work(bytes) != expected) return 0;
    const std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count());
  }
  return best;
}

}  // namespace

int main() {
  for (const unsigned indirect : {0u, 5u, 30u}) {
    auto bytes = make_stream(indirect);
    const uint64_t packets = scan(bytes);
    const double ours = best_seconds(scan, bytes, packets);
    const double theirs = best_seconds(scan_with_libipt, bytes, packets);
    if (ours == 0 || theirs == 0) {
      std::fprintf(stderr, "the scanner and libipt count other packets\n");
      return 1;
    }
    std::printf("%2u %% indirect: %.0f MB/s, %.1f times libipt\n", indirect,
                static_cast<double>(bytes.size()) / ours / 1e6, theirs / ours);
  }
}
