// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Random programs, options and damage: the fast engine counts what libipt
// counts. PTCAP_ROUNDS says how many (10,000 with the label all).

#include <gtest/gtest.h>

#include <cstdlib>

#include "decode/fast/counting_engine.h"
#include "decode/psb_header.h"
#include "formats/pt/packet.h"
#include "tests/decode/fast/corpus.h"
#include "tests/decode/fast/random_trace.h"

namespace ptcap::decode::fast {
namespace {

uint64_t rounds(uint64_t by_default) {
  const char* text = std::getenv("PTCAP_ROUNDS");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : by_default;
}

// Twice with the same engine: cold, then from memory.
void expect_equal_counts(const RandomTrace& trace, bool by_segment,
                         EngineStats& stats) {
  const EngineOptions options;
  const FlowCounts expected = count_with_libipt(
      trace.bytes, trace.code, options.settings, {.by_segment = by_segment});
  CountingEngine engine(trace.code, options);
  for (int round = 0; round < 2; ++round) {
    engine.decode(trace.bytes);
    const FlowCounts got = engine.take_counts();
    ASSERT_EQ(difference(expected, got), "") << "round " << round;
  }
  stats.bytes += engine.stats().bytes;
  stats.stretches += engine.stats().stretches;
  stats.gaps += engine.stats().gaps;
}

TEST(FastRandom, CountsAsLibipt) {
  EngineStats stats;
  for (uint64_t seed = 0; seed < rounds(700); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomTrace trace(seed, 20 + static_cast<int>(seed % 7) * 300);
    expect_equal_counts(trace, false, stats);
    if (HasFatalFailure()) return;
  }
  // What is well-formed needs no second opinion.
  EXPECT_EQ(stats.gaps, 0u);
  EXPECT_EQ(stats.stretches, 0u);
}

TEST(FastRandom, DamageCountsAsLibipt) {
  EngineStats stats;
  for (uint64_t seed = 0; seed < rounds(700); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomTrace trace(seed, 800);
    std::mt19937_64 random(seed);
    for (uint64_t i = 0; i <= seed % 4; ++i) damage(trace.bytes, random);
    if (libipt_is_fickle(trace.bytes)) continue;
    expect_equal_counts(trace, true, stats);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(stats.gaps, 100u);
}

// Bytes are missing in front of PSBs: the packet there goes on into the PSB,
// which is none for who follows packet by packet.
TEST(FastRandom, PacketsThatReachIntoAPsbCountAsLibipt) {
  EngineStats stats;
  for (uint64_t seed = 0; seed < rounds(200); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomTrace trace(seed, 800);
    const uint64_t missing = 1 + seed % 6;
    for (auto psb = find_sync(trace.bytes, 1 + missing); psb;
         psb = find_sync(trace.bytes, *psb + pt::kPsbSize)) {
      const auto at = trace.bytes.begin() + static_cast<long>(*psb);
      trace.bytes.erase(at - static_cast<long>(missing), at);
      *psb -= missing;
    }
    if (libipt_is_fickle(trace.bytes)) continue;
    expect_equal_counts(trace, true, stats);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(stats.gaps, 100u);
}

TEST(FastRandom, LittleMemoryKeepsCountsExact) {
  uint64_t evicting = 0;
  for (uint64_t seed = 0; seed < rounds(50); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomTrace trace(seed, 20'000);
    const EngineOptions options{.limit_bytes = 600'000};
    const FlowCounts expected =
        count_with_libipt(trace.bytes, trace.code, options.settings);
    CountingEngine engine(trace.code, options);
    engine.decode(trace.bytes);
    ASSERT_EQ(difference(expected, engine.take_counts()), "");
    ASSERT_LT(engine.size_bytes(), 2 * options.limit_bytes);
    if (engine.stats().evictions != 0) ++evicting;
  }
  // A few programs are so small that all of them fits.
  EXPECT_GT(evicting, rounds(50) * 9 / 10);
}

// With all that belongs to it: runs, records and the code's graph.
TEST(FastRandom, ChunksTakeLessThan300BytesEach) {
  const RandomTrace trace(5, 1'000'000);
  CountingEngine engine(trace.code, {});
  const size_t fresh = engine.size_bytes();
  engine.decode(trace.bytes);
  ASSERT_GT(engine.stats().chunk_misses, 50'000u);
  EXPECT_LT((engine.size_bytes() - fresh) / engine.stats().chunk_misses, 300u);
}

}  // namespace
}  // namespace ptcap::decode::fast
