// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Several threads count what one counts, whatever the parts.

#include <gtest/gtest.h>

#include "decode/fast/counting_engine.h"
#include "decode/fast/parallel_counter.h"
#include "decode/fast/stretch.h"
#include "tests/decode/fast/corpus.h"
#include "tests/decode/fast/random_trace.h"

namespace ptcap::decode::fast {
namespace {

// Parts so small that there are many, but for the last one.
constexpr uint64_t kPartSizes[] = {1, 200, 1500};

struct Counted {
  FlowCounts counts;
  uint64_t gaps = 0;
};

Counted by_one(std::span<const uint8_t> trace,
               std::shared_ptr<const CodeView> code,
               const PtSettings& settings) {
  CountingEngine engine(std::move(code), {.settings = settings});
  engine.decode(trace);
  return {engine.take_counts(), engine.stats().gaps};
}

void expect_the_same(std::span<const uint8_t> trace,
                     const std::shared_ptr<const CodeView>& code,
                     const PtSettings& settings, uint64_t& retries) {
  const Counted expected = by_one(trace, code, settings);
  const SpanAux aux(trace);
  for (const uint64_t part_size : kPartSizes) {
    SCOPED_TRACE("parts of " + std::to_string(part_size));
    ParallelCounter counter(code, {.settings = settings}, 3);
    counter.decode(aux, 0, trace.size(), part_size);
    ASSERT_EQ(difference(expected.counts, counter.take_counts()), "");
    ASSERT_EQ(counter.gaps(), expected.gaps);
    retries += counter.retries();
  }
}

TEST(Parallel, CountsAsOneThread) {
  uint64_t retries = 0;
  for (uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomTrace trace(seed, 20 + static_cast<int>(seed % 7) * 300);
    expect_the_same(trace.bytes, trace.code, {}, retries);
    if (HasFatalFailure()) return;
  }
  // Where a part is so short that no branch is in it.
  EXPECT_LT(retries, 150u);
}

TEST(Parallel, CountsAsOneThreadWhereBytesAreDamaged) {
  uint64_t retries = 0;
  for (uint64_t seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomTrace trace(seed, 800);
    std::mt19937_64 random(seed);
    for (uint64_t i = 0; i <= seed % 4; ++i) damage(trace.bytes, random);
    if (libipt_is_fickle(trace.bytes)) continue;
    expect_the_same(trace.bytes, trace.code, {}, retries);
    if (HasFatalFailure()) return;
  }
  EXPECT_LT(retries, 1200u);
}

TEST(Parallel, StaysWarmAndAddsUp) {
  const RandomTrace trace(2, 2000);
  const SpanAux aux(trace.bytes);
  Counted expected = by_one(trace.bytes, trace.code, {});
  ParallelCounter counter(trace.code, {}, 2);
  counter.decode(aux, 0, trace.bytes.size(), 500);
  ASSERT_EQ(difference(expected.counts, counter.take_counts()), "");
  counter.decode(aux, 0, trace.bytes.size(), 500);
  counter.decode(aux, 0, trace.bytes.size(), 500);
  expected.counts.add(FlowCounts(expected.counts));
  expected.counts.normalize();
  EXPECT_EQ(difference(expected.counts, counter.take_counts()), "");
}

class ParallelCorpus : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::is_directory(corpus_folder())) {
      GTEST_SKIP() << "no corpus of real traces in " << corpus_folder()
                   << "; PTCAP_SHARED says where it is";
    }
  }
};

TEST_P(ParallelCorpus, CountsAsOneThread) {
  const CorpusTrace trace(GetParam());
  uint64_t retries = 0;
  expect_the_same(trace.bytes, trace.code, trace.settings, retries);
}

INSTANTIATE_TEST_SUITE_P(Traces, ParallelCorpus,
                         testing::Values("Unzip", "foo", "avscript_32",
                                         "icelake_tip", "dyn_test"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace ptcap::decode::fast
