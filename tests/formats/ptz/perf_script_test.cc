// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Stock tools read a .ptz: zstd accepts it, and perf decodes what zstd makes
// of it.

#include "tests/formats/ptz/flow_fixture.h"

namespace ptcap::formats::testing {
namespace {

using ::testing::SizeIs;

using StockTools = FlowTest;

TEST_F(StockTools, ZstdAcceptsTheFile) {
  for (const int level : {0, 1}) {
    start({.level = level});
    comm("x");
    aux(0, psb_stretch(1, 1'000'000));
    const Buffer code(100, 0x90);
    writer().add_code_mapping({.image = writer().add_image(code)});
    finish();
    const CommandResult result = run_command("zstd -tq " + path());
    EXPECT_EQ(result.status, 0) << result.output;
  }
}

TEST_F(StockTools, PerfPrintsTheBranches) {
  if (!have_perf()) GTEST_SKIP() << "perf (package linux-perf) is not here";
  start();
  write_flow(1);
  finish();
  EXPECT_EQ(perf_branches("zstd -dcq " + path() + " |", "-"),
            expected_branches());
}

TEST_F(StockTools, PerfGoesOnFromFrameToFrame) {
  if (!have_perf()) GTEST_SKIP() << "perf (package linux-perf) is not here";
  constexpr int kPasses = 20'000;
  start({.frame_size_bytes = 4096});
  write_flow(kPasses);
  finish();
  EXPECT_GT(read().aux_streams()[0].pieces.size(), 10u);
  // The way in and the way out, and what is between.
  EXPECT_THAT(perf_branches("zstd -dcq " + path() + " |", "-"),
              SizeIs(kBranchesPerPass * kPasses + 2));
}

}  // namespace
}  // namespace ptcap::formats::testing
