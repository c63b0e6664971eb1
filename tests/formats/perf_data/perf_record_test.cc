// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What `perf record` writes, in each form, has the records that perf itself
// finds in it.

#include <filesystem>
#include <map>

#include "formats/perf/record.h"
#include "tests/formats/ptz/flow_fixture.h"

namespace ptcap::formats::testing {
namespace {

using Counts = std::map<std::string, int>;

// perf does not show those of a file's head.
bool is_of_head(const std::string& name) {
  return name.find("_HEADER_") != std::string::npos ||
         name == "PERF_RECORD_ATTR" || name == "PERF_RECORD_FEATURE";
}

Counts counts_of_perf(const std::string& path) {
  const CommandResult shown =
      run_command("perf script -i " + path +
                  " -D 2>/dev/null | grep -ao 'PERF_RECORD_[A-Z0-9_]*'");
  Counts counts;
  for (const std::string& name : lines(shown.output)) {
    if (!is_of_head(name)) ++counts[name];
  }
  return counts;
}

class PerfRecord : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!have_perf()) GTEST_SKIP() << "perf (package linux-perf) is not here";
    name_ = ::testing::TempDir() + "perf.XXXXXX";
    ASSERT_NE(mkdtemp(name_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(name_); }

  // Records a program that takes a while, and some processes, with `options`.
  void record(const std::string& options, const std::string& output = "") {
    const std::string program =
        "sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; "
        "ls / >/dev/null; ls /usr >/dev/null'";
    const std::string perf = "perf record -q -e cpu-clock -F 5000 " + options;
    const CommandResult result = run_command(
        output.empty() ? perf + " -o " + file() + " -- " + program
                       : perf + " -o - -- " + program + " >" + output);
    if (result.status != 0) {
      skip_ =
          "perf record " + options + " does not work here: " + result.output;
    }
  }

  void expect_what_perf_finds(Container container) {
    if (!skip_.empty()) GTEST_SKIP() << skip_;
    Messages messages;
    const TraceReader reader(file(), messages);
    EXPECT_EQ(reader.container(), container);
    EXPECT_THAT(messages.all, ::testing::IsEmpty());
    Counts counts;
    int attrs = 0, features = 0;
    reader.for_each_record([&](Bytes bytes, uint64_t offset) {
      const uint32_t type = parse_record_header(bytes, offset).type;
      const std::string name(record_type_name(type));
      attrs += name == "PERF_RECORD_HEADER_ATTR";
      features += name == "PERF_RECORD_HEADER_FEATURE";
      if (!is_of_head(name)) ++counts[name];
    });
    EXPECT_GT(counts["PERF_RECORD_SAMPLE"], 0);
    EXPECT_EQ(attrs, 1);
    EXPECT_GT(features, 5);
    EXPECT_EQ(counts, counts_of_perf(file()));
  }

  std::string file() const { return name_ + "/perf.data"; }

 private:
  std::string name_;
  std::string skip_;
};

TEST_F(PerfRecord, File) {
  record("");
  expect_what_perf_finds(Container::kPerfFile);
}

TEST_F(PerfRecord, CompressedFile) {
  record("-z");
  expect_what_perf_finds(Container::kPerfFile);
}

TEST_F(PerfRecord, Directory) {
  record("--threads=cpu");
  expect_what_perf_finds(Container::kPerfDirectory);
}

TEST_F(PerfRecord, Pipe) {
  record("", file());
  expect_what_perf_finds(Container::kPerfPipe);
}

TEST_F(PerfRecord, CompressedPipe) {
  record("-z", file());
  expect_what_perf_finds(Container::kPerfPipe);
}

}  // namespace
}  // namespace ptcap::formats::testing
