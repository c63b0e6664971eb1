// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/decode/fast/corpus.h"

#include <gtest/gtest.h>

#include <map>

#include "decode/fast/counting_engine.h"
#include "formats/coverage/coverage_writers.h"
#include "tests/decode/fast/murmur3.h"

namespace ptcap::decode::fast {
namespace {

class Corpus : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::is_directory(corpus_folder())) {
      GTEST_SKIP() << "no corpus of real traces in " << corpus_folder()
                   << "; PTCAP_SHARED says where it is";
    }
  }
};

TEST_P(Corpus, CountsEdgesAsPublished) {
  const CorpusTrace trace(GetParam());
  std::map<Edge, uint64_t> expected;
  for (const Edge& edge : published_edges(GetParam())) ++expected[edge];
  CountingEngine engine(trace.code, {.settings = trace.settings});
  engine.decode(trace.bytes);
  std::map<Edge, uint64_t> got;
  for (const EdgeCount& count : engine.take_counts().edges) {
    got[count.edge] = count.count;
  }
  for (const auto& [edge, count] : expected) {
    ASSERT_EQ(got[edge], count) << std::hex << edge.from << "->" << edge.to;
  }
  EXPECT_EQ(got.size(), expected.size());
}

TEST_P(Corpus, CountsAsLibipt) {
  const CorpusTrace trace(GetParam());
  const FlowCounts expected =
      count_with_libipt(trace.bytes, trace.code, trace.settings);
  CountingEngine engine(trace.code, {.settings = trace.settings});
  for (int round = 0; round < 3; ++round) {
    engine.decode(trace.bytes);
    const FlowCounts got = engine.take_counts();
    ASSERT_EQ(difference(expected, got), "") << "round " << round;
  }
}

// What a second decoder, which is not libipt, made of the conditional branches.
TEST_P(Corpus, HasThePublishedFingerprint) {
  static const std::map<std::string, uint64_t> kPublished = {
      {"Unzip", 0x15b89190dfa291b2},
      {"foo", 0xa76b8b44c4d3fe97},
      {"avscript_32", 0x22792c81fccf4f70},
      {"icelake_tip", 0xeb2a5b786860a79f}};
  const auto published = kPublished.find(GetParam());
  if (published == kPublished.end()) {
    GTEST_SKIP() << "no fingerprint of it was published";
  }
  const CorpusTrace trace(GetParam());
  CountingEngine engine(trace.code, {.settings = trace.settings});
  engine.decode(trace.bytes);
  std::vector<uint8_t> map(formats::kAflMapSize);
  for (const EdgeCount& count : engine.take_counts().edges) {
    if (count.branch != BranchClass::kCondJump) continue;
    map[formats::edge_hash(formats::EdgeHash::kMix, count.edge.from,
                           count.edge.to)] += static_cast<uint8_t>(count.count);
  }
  EXPECT_EQ(murmur3(map, 0xaaaaaaaa), published->second);
}

// The real traces but the one that runs out of code need no second opinion.
TEST_P(Corpus, FollowsWithoutLibipt) {
  const CorpusTrace trace(GetParam());
  CountingEngine engine(trace.code, {.settings = trace.settings});
  engine.decode(trace.bytes);
  const EngineStats& stats = engine.stats();
  RecordProperty("stretches", std::to_string(stats.stretches));
  if (std::string_view(GetParam()) == "dyn_test") {
    EXPECT_EQ(stats.gaps, 14u);
  } else {
    EXPECT_EQ(stats.stretches, 0u);
    EXPECT_EQ(stats.gaps, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Traces, Corpus,
                         testing::Values("Unzip", "foo", "avscript_32",
                                         "icelake_tip", "dyn_test"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace ptcap::decode::fast
