// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/decode/fast/corpus.h"

#include <gtest/gtest.h>

#include <map>

#include "decode/fast/counting_engine.h"

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
