// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/coverage/set_cover.h"

#include <gmock/gmock.h>

namespace ptcap::decode {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SetCover, TakesTheLargestThenWhatIsMissing) {
  EXPECT_THAT(cover({{{1, 2}, 10}, {{1, 2, 3}, 50}, {{3, 4}, 10}}),
              ElementsAre(1, 2));
}

TEST(SetCover, OfEqualsTheSmallerThenTheFirst) {
  EXPECT_THAT(cover({{{1}, 9}, {{1}, 3}, {{1}, 3}}), ElementsAre(1));
}

TEST(SetCover, NeedsNothingForNothing) {
  EXPECT_THAT(cover({}), IsEmpty());
  EXPECT_THAT(cover({{{}, 5}}), IsEmpty());
}

}  // namespace
}  // namespace ptcap::decode
