// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The fast engine in order: item by item what libipt's block decoder gives,
// with windows of every size. PTCAP_ROUNDS says how many random programs
// (10,000 with the label all).

#include <gtest/gtest.h>

#include <cstdlib>

#include "decode/psb_header.h"
#include "formats/pt/packet.h"
#include "formats/pt/scanner.h"
#include "tests/decode/fast/corpus.h"
#include "tests/decode/fast/flow_check.h"
#include "tests/decode/fast/random_trace.h"

namespace ptcap::decode::fast {
namespace {

uint64_t rounds(uint64_t by_default) {
  const char* text = std::getenv("PTCAP_ROUNDS");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : by_default;
}

// What these say depends on all that came before, so that libipt decodes such
// streams alone where there is a clock.
bool has_fine_time(std::span<const uint8_t> bytes) {
  pt::PacketScanner scanner(bytes);
  pt::Packet packet;
  while (scanner.next(packet)) {
    if (packet.type == pt::PacketType::kMtc ||
        packet.type == pt::PacketType::kCyc) {
      return true;
    }
  }
  return false;
}

TEST(OrderedRandom, GivesTheFlowOfLibipt) {
  for (uint64_t seed = 0; seed < rounds(300); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomTrace trace(seed, 20 + static_cast<int>(seed % 7) * 300);
    PtSettings settings;
    if (!has_fine_time(trace.bytes)) settings.clock = TimeConversion{};
    const uint64_t window = seed % 3 == 0 ? 256 : 1 << 20;
    const auto expected =
        flow_by_libipt(trace.bytes, trace.code, settings, window);
    const auto got = flow_by_memory(trace.bytes, trace.code, settings, window);
    ASSERT_EQ(flow_difference(expected, got), "");
  }
}

// A TraceStop that belongs to a TIP.PGD in front of the PSB: the reference, to
// which each PSB is a new beginning, does not see that.
bool stops_behind_psb(std::span<const uint8_t> bytes) {
  pt::PacketScanner scanner(bytes);
  pt::Packet packet;
  bool at_start = true;
  while (scanner.next(packet)) {
    if (packet.type == pt::PacketType::kPsb) at_start = true;
    if (at_start && packet.type == pt::PacketType::kStop) return true;
    if (packet.type == pt::PacketType::kTipPge) at_start = false;
  }
  return false;
}

// Nor that such an end belongs to what is before it: DamageTest, which cuts a
// stream everywhere, does.
bool ends_in_psb_plus(std::span<const uint8_t> bytes) {
  const auto last = pt::find_last_psb(bytes, bytes.size());
  return last && !parse_psb_header(bytes.subspan(*last)).whole;
}

// Where the front is missing and libipt fails right behind the first PSB, what
// it makes of that (one gap or two, with or without an `on`) depends on what
// exactly it had read ahead.
void join_first_gaps(std::vector<FlowItem>& items) {
  while (items.size() > 1 && items[0].kind == FlowKind::kGap &&
         !items[0].has_to &&
         (items[1].kind == FlowKind::kGap || items[1].kind == FlowKind::kOn)) {
    items[0].has_to = items[1].has_to;
    items[0].to = items[1].to;
    items.erase(items.begin() + 1);
  }
}

TEST(OrderedRandom, GivesTheGapsOfLibiptWhereBytesAreDamaged) {
  for (uint64_t seed = 0; seed < rounds(300); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomTrace trace(seed, 800);
    std::mt19937_64 random(seed);
    for (uint64_t i = 0; i <= seed % 4; ++i) damage(trace.bytes, random);
    if (libipt_is_fickle(trace.bytes) || stops_behind_psb(trace.bytes) ||
        ends_in_psb_plus(trace.bytes)) {
      continue;
    }
    auto expected =
        flow_of_libipt(trace.bytes, trace.code, {}, {.by_segment = true});
    auto got = flow_by_memory(trace.bytes, trace.code, {},
                              seed % 3 == 0 ? 256 : 1 << 20);
    join_first_gaps(expected);
    join_first_gaps(got);
    ASSERT_EQ(flow_difference(expected, got), "");
  }
}

class OrderedCorpus : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::is_directory(corpus_folder())) {
      GTEST_SKIP() << "no corpus of real traces in " << corpus_folder()
                   << "; PTCAP_SHARED says where it is";
    }
  }
};

TEST_P(OrderedCorpus, GivesTheFlowOfLibipt) {
  const CorpusTrace trace(GetParam());
  for (const uint64_t window : {256, 4096, 1 << 20}) {
    const auto expected =
        flow_by_libipt(trace.bytes, trace.code, trace.settings, window);
    const auto got =
        flow_by_memory(trace.bytes, trace.code, trace.settings, window);
    ASSERT_EQ(flow_difference(expected, got), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Traces, OrderedCorpus,
                         testing::Values("Unzip", "foo", "avscript_32",
                                         "icelake_tip", "dyn_test"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace ptcap::decode::fast
