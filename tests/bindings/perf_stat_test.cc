// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What we count is what `perf stat` counts of the same work.

#include <fcntl.h>
#include <gmock/gmock.h>

#include <fstream>
#include <map>

#include "bindings/event_names.h"
#include "tests/bindings/linux_support.h"
#include "tests/bindings/perf_command.h"

namespace ptcap::bindings {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

constexpr uint64_t kCalls = 1000;

class PerfStat : public testing::Test {
 protected:
  void SetUp() override { SKIP_WITHOUT_PERF(); }

  // The counts of `perf stat -e EVENTS COMMAND`, in order; those that perf
  // could not count are missing. The command's stdout is kept.
  std::vector<uint64_t> counts_of_perf(const std::string& events,
                                       const std::string& command) {
    auto output = output_of("perf stat -x, -o " + file_.path() + " -e " +
                            events + " -- " + command + " 2>&1");
    stdout_ = output.value_or("");
    std::vector<uint64_t> counts;
    std::ifstream file(file_.path());
    for (std::string line; std::getline(file, line);) {
      shown_ += line + '\n';
      char* end;
      // "12.34,msec,task-clock:u": times are in ms.
      double value = std::strtod(line.c_str(), &end);
      if (end == line.c_str() || *end != ',') continue;
      if (std::string_view(end).starts_with(",msec,")) value *= 1e6;
      counts.push_back(static_cast<uint64_t>(value));
    }
    return counts;
  }

  TemporaryFile file_;
  std::string stdout_, shown_;
};

// Our count of known_work with these arguments, enabled by exec.
uint64_t count_work(EventAttr attr, const char* pages, const char* calls) {
  Child child([&] {
    ::execl(KNOWN_WORK, KNOWN_WORK, pages, calls, nullptr);
    return 98;
  });
  Event event(std::move(attr.enable_on_exec()), Target::thread(child.pid()));
  EXPECT_EQ(child.finish(), 0);
  return event.read().value;
}

TEST_F(PerfStat, Faults) {
  auto by_perf =
      counts_of_perf("page-faults:u,minor-faults:u", KNOWN_WORK " 5000");
  if (by_perf.size() != 2) GTEST_SKIP() << shown_;
  MAKE_OR_SKIP(faults, count_work(parse_event("page-faults:u"), "5000", "0"));
  const uint64_t minor = count_work(parse_event("minor-faults:u"), "5000", "0");
  // The loader's faults depend on where things are mapped.
  constexpr uint64_t kSlack = 20;
  EXPECT_GE(faults, 5000u);
  EXPECT_THAT(faults, AllOf(Ge(by_perf[0] - kSlack), Le(by_perf[0] + kSlack)));
  EXPECT_THAT(minor, AllOf(Ge(by_perf[1] - kSlack), Le(by_perf[1] + kSlack)));
}

// One run, counted by both: perf counts our counter's program too.
TEST_F(PerfStat, ClocksAndSwitches) {
  const std::string events = "task-clock:u,cpu-clock:u,context-switches";
  auto by_perf = counts_of_perf(
      events, PERF_COUNTERS " " + events + " " KNOWN_WORK " 100 200000 100");
  if (by_perf.size() != 3) GTEST_SKIP() << shown_ << stdout_;
  std::vector<uint64_t> ours;
  for (const std::string& line : lines_of(stdout_))
    if (ours.size() < 3)
      ours.push_back(std::strtoull(line.c_str(), nullptr, 10));
  ASSERT_EQ(ours.size(), 3u) << stdout_;
  for (size_t i = 0; i < ours.size(); ++i) {
    EXPECT_LE(ours[i], by_perf[i]);
    EXPECT_GE(ours[i], by_perf[i] / 2) << "of which most is the work";
  }
  EXPECT_GE(ours[2], 90u) << "sleeps";
}

TEST_F(PerfStat, Breakpoints) {
  uint64_t function = 0, variable = 0;
  std::sscanf(output_of(KNOWN_WORK " where").value_or("").c_str(), "%lx %lx",
              &function, &variable);
  char events[100];
  std::snprintf(events, sizeof(events), "mem:0x%lx:x:u,mem:0x%lx/8:w:u",
                function, variable);
  auto by_perf = counts_of_perf(events, KNOWN_WORK " 0 1000");
  if (by_perf.size() != 2) GTEST_SKIP() << shown_;
  EXPECT_THAT(by_perf, testing::Each(kCalls));
  std::string_view names = events;
  for (int i : {0, 1}) {
    const std::string_view name = names.substr(0, names.find(','));
    MAKE_OR_SKIP(ours, count_work(parse_event(name), "0", "1000"));
    EXPECT_EQ(ours, by_perf[i]) << name;
    names.remove_prefix(name.size() + 1 - i);
  }
}

TEST_F(PerfStat, Tracepoints) {
  if (!mount_tracefs()) GTEST_SKIP() << "tracefs cannot be mounted";
  const char* name = "syscalls:sys_enter_getppid";
  auto by_perf = counts_of_perf(name, KNOWN_WORK " 0 1000");
  if (by_perf.size() != 1) GTEST_SKIP() << shown_;
  EXPECT_EQ(by_perf[0], kCalls);
  MAKE_OR_SKIP(ours, count_work(parse_event(name), "0", "1000"));
  EXPECT_EQ(ours, by_perf[0]);
}

// A probe of tracefs, which perf takes by name.
class TracefsUprobe {
 public:
  TracefsUprobe(const char* file, uint64_t offset) {
    char text[4096];
    std::snprintf(text, sizeof(text), "p:ptcap_test/probed %s:0x%jx\n", file,
                  uintmax_t{offset});
    ok_ = write(text);
  }
  TracefsUprobe(const TracefsUprobe&) = delete;
  ~TracefsUprobe() { write("-:ptcap_test/probed\n"); }
  bool ok() const { return ok_; }

 private:
  // In one piece, as tracefs wants it.
  static bool write(std::string_view text) {
    const std::string path = tracefs_path() + "/uprobe_events";
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND);
    if (fd < 0) return false;
    const ssize_t written = ::write(fd, text.data(), text.size());
    ::close(fd);
    return written == static_cast<ssize_t>(text.size());
  }
  bool ok_ = false;
};

TEST_F(PerfStat, Uprobes) {
  if (!mount_tracefs()) GTEST_SKIP() << "tracefs cannot be mounted";
  uint64_t function = 0;
  std::sscanf(output_of(KNOWN_WORK " where").value_or("").c_str(), "%lx",
              &function);
  // Not PIE: its segments are mapped from 0x400000 on.
  const uint64_t offset = function - 0x400000;
  TracefsUprobe probe(KNOWN_WORK, offset);
  if (!probe.ok()) GTEST_SKIP() << "uprobe_events refuses";
  auto by_perf = counts_of_perf("ptcap_test:probed", KNOWN_WORK " 0 1000");
  if (by_perf.size() != 1) GTEST_SKIP() << shown_;
  EXPECT_EQ(by_perf[0], kCalls);
  MAKE_OR_SKIP(attr, EventAttr::uprobe(KNOWN_WORK, offset));
  EXPECT_EQ(count_work(attr, "0", "1000"), by_perf[0]);
}

}  // namespace
}  // namespace ptcap::bindings
