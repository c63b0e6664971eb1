// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Every byte of a file flipped, and the file cut anywhere: ptdec ends, in
// little memory, and says what is wrong, with file and offset. PTCAP_ROUNDS:
// so many values of every byte; without it, one of every few.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "decode/cli/command.h"
#include "tests/decode/threads/cpu_trace.h"

namespace ptcap::decode {
namespace {

using Content = std::string;

class FileDamage : public testing::TestWithParam<const char*> {
 protected:
  FileDamage()
      : folder_(std::filesystem::temp_directory_path() /
                ("file_damage." + std::to_string(::getpid()))) {}
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    write_cpu_trace(path("whole.ptz"), {.cpus = 2, .steps = 60});
    const std::string whole = path("whole." + std::string(GetParam()));
    if (std::string(GetParam()) == "data") {
      ASSERT_EQ(ptdec_main({"export", path("whole.ptz"), "-o", whole}),
                kExitOk);
    }
    content_ = read(whole);
    ASSERT_GT(content_.size(), 1000u);
    limit_memory();
  }
  void TearDown() override {
    setrlimit(RLIMIT_AS, &saved_);
    std::filesystem::remove_all(folder_);
  }

  void limit_memory() {
    getrlimit(RLIMIT_AS, &saved_);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    constexpr uint64_t kRoom = 512 << 20;
    uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlimit limit = {pages * 4096 + kRoom, saved_.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
#endif
  }

  std::string path(const std::string& name) const { return folder_ / name; }
  static Content read(const std::string& path) {
    std::ifstream file(path);
    return Content(std::istreambuf_iterator<char>(file), {});
  }

  struct Result {
    int status = 0;
    std::string rows;
    std::string said;
  };
  Result run(const Content& content) {
    std::ofstream(path("t")) << content;
    std::filesystem::remove(path("rows"));
    Result result;
    testing::internal::CaptureStderr();
    result.status = ptdec_main(
        {"branches", path("t"), "--format", "tsv", "-o", path("rows")});
    result.said = testing::internal::GetCapturedStderr();
    result.rows = read(path("rows"));
    return result;
  }

  // Names the file in what it says of bytes.
  void check(const Result& result) {
    EXPECT_TRUE(result.status == kExitOk || result.status == kExitFailed);
    if (result.status == kExitFailed) {
      EXPECT_NE(result.said, "");
    }
    std::istringstream lines(result.said);
    for (std::string line; std::getline(lines, line);) {
      if (line.find("the first at offset") != std::string::npos) continue;
      if (line.find(" at offset ") == std::string::npos) continue;
      EXPECT_NE(line.find(path("t")), std::string::npos) << line;
    }
  }

  static size_t rounds() {
    const char* rounds = std::getenv("PTCAP_ROUNDS");
    return rounds == nullptr ? 0 : static_cast<size_t>(std::atoi(rounds));
  }

  // A .ptz has checksums: what is not said changes nothing.
  bool has_checksums() const { return std::string(GetParam()) == "ptz"; }

  std::filesystem::path folder_;
  Content content_;
  rlimit saved_ = {};
};

TEST_P(FileDamage, AFlippedByteIsReportedOrChangesNothing) {
  const Result whole = run(content_);
  ASSERT_EQ(whole.status, kExitOk);
  const size_t step = rounds() != 0 ? 1 : content_.size() / 300 + 1;
  for (size_t at = 0; at < content_.size(); at += step) {
    for (size_t i = 0; i < std::max<size_t>(rounds(), 1); ++i) {
      Content damaged = content_;
      damaged[at] = static_cast<char>(damaged[at] ^ (0xff >> i % 8));
      const Result result = run(damaged);
      check(result);
      if (has_checksums() && result.said == whole.said) {
        EXPECT_EQ(result.rows, whole.rows);
      }
      ASSERT_FALSE(HasFailure()) << "byte " << at << ": " << result.said;
    }
  }
}

TEST_P(FileDamage, ACutFileIsReadAsFarAsItGoes) {
  const size_t step = rounds() != 0 ? 1 : content_.size() / 200 + 1;
  for (size_t size = 0; size < content_.size(); size += step) {
    const Result result = run(content_.substr(0, size));
    check(result);
    EXPECT_NE(result.said, "");
    ASSERT_FALSE(HasFailure()) << "cut at " << size << ": " << result.said;
  }
}

// Words that lie about sizes and counts.
TEST_P(FileDamage, HugeNumbersAreReported) {
  const size_t step = rounds() != 0 ? 4 : (content_.size() / 1200 + 1) * 4;
  for (size_t at = 0; at + 8 < content_.size(); at += step) {
    for (const char* lie : {"\xff\xff\xff\xff\xff\xff\xff\xff",
                            "\0\0\0\x40\0\0\0\0", "\xff\xff\xff\x7f\0\0\0\0"}) {
      Content damaged = content_;
      damaged.replace(at, 8, lie, 8);
      check(run(damaged));
      ASSERT_FALSE(HasFailure()) << "word at " << at;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, FileDamage, testing::Values("ptz", "data"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace ptcap::decode
