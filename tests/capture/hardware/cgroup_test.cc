// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where the cgroups that perf knows are.

#include "capture/hardware/cgroup.h"

#include <gtest/gtest.h>

#include <sstream>

#include "capture/error.h"

namespace ptcap::capture {
namespace {

std::string mount_in(const std::string& mounts) {
  std::istringstream text(mounts);
  return cgroup_mount(text);
}

TEST(CgroupMount, TheHierarchyWithPerfEventComesFirst) {
  EXPECT_EQ(mount_in("proc /proc proc rw 0 0\n"
                     "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n"
                     "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu,cpuacct 0 0\n"
                     "cgroup /sys/fs/cgroup/perf_event cgroup "
                     "rw,nosuid,perf_event 0 0\n"),
            "/sys/fs/cgroup/perf_event");
}

TEST(CgroupMount, ElseTheUnifiedOne) {
  EXPECT_EQ(mount_in("cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n"
                     "cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n"),
            "/sys/fs/cgroup");
  EXPECT_EQ(mount_in("proc /proc proc rw 0 0\n"), "");
}

TEST(Cgroup, OneThatIsNotThereIsNamed) {
  EXPECT_THROW(find_cgroup("no/such/cgroup"), CaptureError);
}

}  // namespace
}  // namespace ptcap::capture
