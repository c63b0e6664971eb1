// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Real traces: rows and instructions as published, in order.

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "decode/branch_rows.h"
#include "decode/fast/stretch.h"
#include "decode/image_store.h"
#include "decode/libipt/engine.h"
#include "decode/libipt/section_cache.h"
#include "tests/decode/fast/corpus.h"

namespace ptcap::decode {
namespace {

struct Expected {
  const char* name;
  uint64_t instructions;
  uint64_t gaps;
};

class CorpusRows : public testing::TestWithParam<Expected> {
 protected:
  void SetUp() override {
    if (!std::filesystem::is_directory(fast::corpus_folder())) {
      GTEST_SKIP() << "no corpus of real traces in " << fast::corpus_folder()
                   << "; PTCAP_SHARED says where it is";
    }
  }
};

TEST_P(CorpusRows, AreThePublishedOnesForWindowsOfEverySize) {
  const fast::CorpusTrace trace(GetParam().name);
  const auto edges = fast::published_edges(GetParam().name);
  ImageStore store;
  SectionCache sections(store);
  const fast::SpanAux aux(trace.bytes);
  for (const uint64_t window : {64, 4096, 1 << 20}) {
    LibiptEngine engine({.aux = &aux,
                         .code = StreamCode(trace.code),
                         .settings = trace.settings},
                        sections, window);
    BranchRows maker(/*not_taken=*/true);
    FlowBatch batch;
    batch.reserve(1024);
    std::vector<BranchRow> rows;
    uint64_t instructions = 0;
    while (engine.next(batch)) {
      maker.add(batch, rows);
      for (const FlowItem& item : batch) {
        if (item.kind == FlowKind::kBlock) instructions += item.ninsn;
      }
    }
    uint64_t gaps = 0;
    size_t at = 0;
    for (const BranchRow& row : rows) {
      if (row.kind == BranchKind::kGap) ++gaps;
      if (row.kind >= BranchKind::kOn) continue;
      ASSERT_LT(at, edges.size());
      ASSERT_EQ(row.from, edges[at].from) << "row " << at;
      ASSERT_EQ(row.to, edges[at].to) << "row " << at;
      ++at;
    }
    EXPECT_EQ(at, edges.size());
    EXPECT_EQ(instructions, GetParam().instructions);
    EXPECT_EQ(gaps, GetParam().gaps);
  }
}

INSTANTIATE_TEST_SUITE_P(All, CorpusRows,
                         testing::Values(Expected{"Unzip", 149576, 0},
                                         Expected{"foo", 117967, 0},
                                         Expected{"avscript_32", 1114194, 0},
                                         Expected{"icelake_tip", 15, 0},
                                         Expected{"dyn_test", 870, 14}),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace ptcap::decode
