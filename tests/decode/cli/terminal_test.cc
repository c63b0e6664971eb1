// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/terminal.h"

#include <gtest/gtest.h>

namespace ptcap::decode {
namespace {

TEST(Progress, TellsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_text(25'000'000, 100'000'000, 5),
            "ptdec: 25 %, 5.0 MB/s, 15 s left");
  EXPECT_EQ(progress_text(100, 100, 2), "ptdec: 100 %, 0.0 MB/s, 0 s left");
}

TEST(Progress, OfASecondPassOnlyTheRate) {
  EXPECT_EQ(progress_text(150'000'000, 100'000'000, 10),
            "ptdec: 150.0 MB, 15.0 MB/s");
}

TEST(Progress, OfNothingDividesByNothing) {
  EXPECT_EQ(progress_text(0, 100, 2), "ptdec: 0.0 MB, 0.0 MB/s");
}

}  // namespace
}  // namespace ptcap::decode
