// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A trace that cannot be written says so and stays readable.

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

#include "tests/formats/ptz/trace_fixture.h"

namespace ptcap::formats::testing {
namespace {

using ::testing::HasSubstr;

using WriteFailure = TraceTest;

// Writes to this file fail with EFBIG from `bytes` on, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit = {bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_;
  void (*old_handler_)(int);
};

TEST_F(WriteFailure, AFullDiskEndsThreadsToo) {
  start({.frame_size_bytes = 8192, .threads = 2});
  const FileSizeLimit limit(20'000);
  EXPECT_THROW(
      {
        for (uint64_t i = 0; i < 10'000; ++i) aux(0, psb_stretch(i, 1000));
      },
      std::system_error);
  EXPECT_THROW(writer().flush(), std::system_error);
  abandon();
  EXPECT_LE(bytes().size(), 20'000u);
}

TEST_F(WriteFailure, AFullDiskLeavesWholeFrames) {
  start({.level = 0, .frame_size_bytes = 8192});
  std::string error;
  {
    const FileSizeLimit limit(100'000);
    try {
      for (uint64_t i = 0; i < 1000; ++i) {
        comm("record " + std::to_string(i));
        aux(0, psb_stretch(i, 1000));
      }
    } catch (const std::system_error& e) {
      error = e.what();
    }
    EXPECT_THAT(error, HasSubstr("write to " + path() + ": File too large"));
    // No attempt to go on makes it worse.
    EXPECT_THROW(writer().flush(), std::system_error);
    EXPECT_THROW(writer().finish(), std::system_error);
    abandon();
  }
  EXPECT_LE(bytes().size(), 100'000u);
  const Content found = content();
  EXPECT_GT(found.comms.size(), 50u);
  EXPECT_GT(found.aux.at(0).size(), 50'000u);
  // Only the index is missing: the torn frame was cut off.
  EXPECT_THAT(messages(), ::testing::ElementsAre(HasSubstr("no index")));
}

TEST_F(WriteFailure, TheFileIsNamed) {
  const int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  try {
    const TraceWriter full(fd, "out.ptz", {});
    FAIL() << "written to a full device";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::no_space_on_device);
    EXPECT_THAT(error.what(), HasSubstr("out.ptz"));
  }
}

TEST_F(WriteFailure, AClosedPipeIsAnError) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  const auto old = std::signal(SIGPIPE, SIG_IGN);
  try {
    const TraceWriter broken(ends[1], "-", {});
    ADD_FAILURE() << "written to a closed pipe";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::broken_pipe);
  }
  std::signal(SIGPIPE, old);
}

}  // namespace
}  // namespace ptcap::formats::testing
