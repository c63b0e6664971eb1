// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Traces per CPU come out thread by thread, exactly as the threads ran.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "decode/cli/command.h"
#include "tests/decode/threads/cpu_trace.h"

namespace ptcap::decode {
namespace {

using Lines = std::vector<std::string>;

// The fields of a tsv line.
Lines fields_of(const std::string& line) {
  Lines fields(1);
  for (const char c : line) {
    if (c == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

class CpuThreads : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("cpu_threads." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* name) const { return folder_ / name; }

  // The lines of `ptdec branches`, without the head.
  Lines branches(const Lines& options = {}) {
    return rows_of("branches", options);
  }
  Lines rows_of(const std::string& command, Lines options = {}) {
    options.insert(options.begin(), {command, path("t.ptz"), "--format", "tsv",
                                     "--force", "-o", path("rows")});
    EXPECT_EQ(ptdec_main(options), kExitOk);
    std::ifstream file(path("rows"));
    Lines lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    if (!lines.empty()) lines.erase(lines.begin());
    return lines;
  }

  static uint64_t time_of(const std::string& line) {
    const std::string time = fields_of(line)[3];
    return time.empty() ? 0 : std::stoull(time);
  }

  // By thread, without the time.
  static std::map<uint32_t, Lines> by_thread(const Lines& lines) {
    std::map<uint32_t, Lines> threads;
    for (const std::string& line : lines) {
      Lines fields = fields_of(line);
      fields.erase(fields.begin() + 3);
      std::string text = fields[0];
      for (size_t i = 1; i < fields.size(); ++i) text += '\t' + fields[i];
      threads[fields[1].empty() ? 0 : std::stoul(fields[1])].push_back(text);
    }
    return threads;
  }

  static void expect_same(const std::map<uint32_t, Lines>& truth,
                          const std::map<uint32_t, Lines>& got) {
    for (const auto& [tid, lines] : truth) {
      ASSERT_TRUE(got.contains(tid)) << tid;
      const Lines& others = got.at(tid);
      const auto [a, b] = std::mismatch(lines.begin(), lines.end(),
                                        others.begin(), others.end());
      ASSERT_TRUE(a == lines.end() && b == others.end())
          << "tid " << tid << ", row " << a - lines.begin() << " of "
          << lines.size() << ": " << (b == others.end() ? "nothing" : *b)
          << " instead of " << (a == lines.end() ? "nothing" : *a);
    }
    EXPECT_EQ(truth.size(), got.size());
  }

  std::filesystem::path folder_;
};

class EverySource : public CpuThreads,
                    public testing::WithParamInterface<SwitchSource> {};

TEST_P(EverySource, EachThreadsRowsAreThoseThatItRan) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    const CpuTrace truth = write_cpu_trace(
        path("t.ptz"),
        {.source = GetParam(), .seed = seed, .cpus = 1 + seed / 2});
    const Lines lines = branches();
    expect_same(truth.rows, by_thread(lines));
    if (HasFatalFailure()) return;
    EXPECT_TRUE(std::is_sorted(
        lines.begin(), lines.end(),
        [](const auto& a, const auto& b) { return time_of(a) < time_of(b); }));
  }
}

TEST_P(EverySource, OneThreadIsTheSameAlone) {
  const CpuTrace truth = write_cpu_trace(path("t.ptz"), {.source = GetParam()});
  for (const auto& [tid, rows] : truth.rows) {
    expect_same({{tid, rows}},
                by_thread(branches({"--tid", std::to_string(tid)})));
  }
}

// A call and its return, by the addresses they led to.
using Returned = std::pair<std::string, std::string>;

// The calls of a thread that returned, in the order in which they did.
std::vector<Returned> calls_of(const Lines& branch_rows) {
  std::vector<Returned> returned;
  std::vector<Returned> open;
  for (const std::string& line : branch_rows) {
    const Lines fields = fields_of(line);  // pid tid cpu from to kind
    if (fields[5] == "icall") open.emplace_back(fields[3], fields[4]);
    if (fields[5] != "ret") continue;
    returned.push_back(open.back());
    open.pop_back();
  }
  return returned;
}

TEST_P(EverySource, AThreadThatMovesKeepsItsStack) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    const CpuTrace truth = write_cpu_trace(
        path("t.ptz"), {.source = GetParam(), .seed = seed, .cpus = 3});
    std::map<std::string, std::vector<Returned>> got;
    std::map<std::string, size_t> resumed;
    for (const std::string& line : rows_of("calls")) {
      const Lines fields = fields_of(line);
      const std::string& tid = fields[1];
      if (fields[6] == "resumed") ++resumed[tid];
      if (fields[6] != "call") continue;
      EXPECT_TRUE(fields[7] == "return" || fields[7] == "open") << line;
      if (fields[7] == "return") got[tid].emplace_back(fields[11], fields[12]);
    }
    for (const auto& [tid, rows] : truth.rows) {
      EXPECT_EQ(got[std::to_string(tid)], calls_of(rows)) << tid;
      // Only where it began.
      EXPECT_EQ(resumed[std::to_string(tid)], 1u) << tid;
    }
  }
}

TEST_P(EverySource, AThreadThatMovesHasOneTrack) {
  const CpuTrace truth =
      write_cpu_trace(path("t.ptz"), {.source = GetParam(), .cpus = 3});
  ASSERT_EQ(ptdec_main({"timeline", path("t.ptz"), "--to", "chrome", "--force",
                        "-o", path("json")}),
            kExitOk);
  std::ifstream file(path("json"));
  const std::string json((std::istreambuf_iterator<char>(file)), {});
  for (const auto& [tid, rows] : truth.rows) {
    const std::string name = "simulated " + std::to_string(tid) + "\"";
    const size_t first = json.find(name);
    EXPECT_NE(first, std::string::npos) << tid;
    EXPECT_EQ(json.find(name, first + 1), std::string::npos) << tid;
  }
}

INSTANTIATE_TEST_SUITE_P(Switches, EverySource,
                         testing::Values(SwitchSource::kCpuWide,
                                         SwitchSource::kTask,
                                         SwitchSource::kTracepoint,
                                         SwitchSource::kAuxRecords));

TEST_F(CpuThreads, APartIsThatPartOfTheWhole) {
  const CpuTrace trace = write_cpu_trace(path("t.ptz"), {.cpus = 3});
  const Lines whole = branches();
  const uint64_t length = trace.last_ns - trace.first_ns;
  for (unsigned part = 0; part < 10; ++part) {
    const uint64_t begin = trace.first_ns + length * part / 10;
    const uint64_t end = begin + length / 7;
    Lines expected;
    std::copy_if(whole.begin(), whole.end(), std::back_inserter(expected),
                 [&](const std::string& line) {
                   return time_of(line) >= begin && time_of(line) < end;
                 });
    EXPECT_EQ(branches({"--time",
                        std::to_string(begin) + ".." + std::to_string(end)}),
              expected);
  }
}

TEST_F(CpuThreads, LastRowsAreThoseOfTheWhole) {
  write_cpu_trace(path("t.ptz"), {.cpus = 3});
  for (const Lines& options :
       {Lines{}, Lines{"--tid", "101"}, Lines{"--cpu", "1"}}) {
    const Lines whole = branches(options);
    for (const size_t count : {1, 7, 100, 1000}) {
      Lines with_last = options;
      with_last.insert(with_last.end(), {"--last", std::to_string(count)});
      const auto first =
          whole.end() - static_cast<long>(std::min(count, whole.size()));
      EXPECT_EQ(branches(with_last), Lines(first, whole.end())) << count;
    }
  }
}

// Of a hole on CPU 0 each thread that ran there meanwhile has a gap; all rows
// elsewhere are the true ones.
TEST_F(CpuThreads, AHoleIsAGapInEachThreadThatRanThere) {
  const CpuTrace truth = write_cpu_trace(path("t.ptz"), {.lose_bytes = true});
  const auto got = by_thread(branches());
  size_t gaps = 0;
  for (const auto& [tid, rows] : truth.rows) {
    const Lines& lines = got.at(tid);
    const auto gap =
        std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
          return line.find("\tgap\tlost") != std::string::npos;
        });
    gaps += gap == lines.end() ? 0 : 1;
    const auto before = static_cast<size_t>(gap - lines.begin());
    ASSERT_LE(before, rows.size());
    // The row in front of the gap may lack what the lost bytes said.
    const auto [wrong, right] =
        std::mismatch(lines.begin(), gap - (before != 0 ? 1 : 0), rows.begin());
    EXPECT_EQ(wrong, gap - (before != 0 ? 1 : 0))
        << "row " << wrong - lines.begin() << " of " << before << ": " << *wrong
        << " instead of " << *right;
    for (const std::string& line : lines) {
      if (line.find("\tgap\t") != std::string::npos) continue;
      EXPECT_NE(std::find(rows.begin(), rows.end(), line), rows.end()) << line;
    }
  }
  EXPECT_EQ(gaps, truth.rows.size());
}

}  // namespace
}  // namespace ptcap::decode
