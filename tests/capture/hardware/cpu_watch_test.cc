// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/cpu_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bindings/fake_kernel.h"

namespace ptcap::capture {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CpuWatchTest : public testing::Test {
 protected:
  void online(const std::string& list) {
    kernel_.files["/sys/devices/system/cpu/online"] = list;
  }
  bindings::FakeKernel kernel_;
  CpuWatch watch_{{0, 1}, kernel_};
};

TEST_F(CpuWatchTest, NothingChangesWhereAllTracedAreOnline) {
  online("0-1");
  EXPECT_THAT(watch_.look().gone, IsEmpty());
  EXPECT_THAT(watch_.look().came, IsEmpty());
}

TEST_F(CpuWatchTest, ACpuThatGoesIsToldOnce) {
  online("0");
  EXPECT_THAT(watch_.look().gone, ElementsAre(1));
  EXPECT_THAT(watch_.look().gone, IsEmpty());
  online("0-1");
  EXPECT_THAT(watch_.look().came, IsEmpty());
}

TEST_F(CpuWatchTest, ACpuThatComesIsToldOnce) {
  online("0-3");
  EXPECT_THAT(watch_.look().came, ElementsAre(2, 3));
  EXPECT_THAT(watch_.look().came, IsEmpty());
}

TEST_F(CpuWatchTest, AFileThatCannotBeReadIsNoChange) {
  EXPECT_THAT(watch_.look().gone, IsEmpty());
}

}  // namespace
}  // namespace ptcap::capture
