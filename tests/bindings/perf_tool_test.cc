// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The bindings and the parser beside the perf tool, on the same work.

#include <gmock/gmock.h>

#include <cinttypes>
#include <fstream>
#include <sstream>

#include "bindings/abi/register_constants.h"
#include "tests/bindings/linux_support.h"

namespace ptcap::bindings {
namespace {

using abi::SampleType;
using formats::Sample;

// stdout of a shell command; nullopt where it fails.
std::optional<std::string> output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  char buffer[65536];
  size_t size;
  while ((size = ::fread(buffer, 1, sizeof(buffer), pipe)) > 0)
    text.append(buffer, size);
  return ::pclose(pipe) == 0 ? std::optional(text) : std::nullopt;
}

#define SKIP_WITHOUT_PERF()                     \
  if (!output_of("perf --version 2>/dev/null")) \
  GTEST_SKIP() << "no perf (Debian: linux-perf)"

// What perf stat counts, and what an inherited event enabled by exec does.
TEST(PerfStat, CountsTheSame) {
  SKIP_WITHOUT_PERF();
  for (const char* event : {"page-faults", "minor-faults"}) {
    auto text = output_of(std::string("perf stat -x, -e ") + event + ":u " +
                          TOUCH_PAGES + " 5000 2>&1 >/dev/null");
    ASSERT_TRUE(text);
    const uint64_t by_perf = std::strtoull(text->c_str(), nullptr, 10);
    if (!by_perf) GTEST_SKIP() << *text;

    Child child([] {
      ::execl(TOUCH_PAGES, TOUCH_PAGES, "5000", nullptr);
      return 98;
    });
    auto id = std::string(event) == "page-faults"
                  ? abi::SoftwareEvent::kPageFaults
                  : abi::SoftwareEvent::kPageFaultsMin;
    OPEN_OR_SKIP(ours, EventAttr::software(id).user_only().enable_on_exec(),
                 Target::thread(child.pid()));
    EXPECT_EQ(child.finish(), 0);
    const uint64_t counted = ours.read().value;
    // The loader's faults depend on where things are mapped.
    EXPECT_GE(counted, 5000u);
    EXPECT_LE(counted > by_perf ? counted - by_perf : by_perf - counted, 20u)
        << event << ": perf " << by_perf << ", ours " << counted;
  }
}

// A stream of `perf record -o -`, all records with their events' formats.
class PerfStream {
 public:
  explicit PerfStream(std::string bytes) : bytes_(std::move(bytes)) {
    formats::Bytes rest(reinterpret_cast<const uint8_t*>(bytes_.data()),
                        bytes_.size());
    EXPECT_EQ(bytes_.substr(0, 8), "PERFILE2");
    rest = rest.subspan(16);
    while (!rest.empty()) {
      uint64_t offset = bytes_.size() - rest.size();
      auto record =
          formats::parse_record(rest, formats_.of_record(rest), offset);
      if (auto* attr = std::get_if<formats::HeaderAttrRecord>(&record.body))
        formats_.add(attr->attr, attr->ids);
      rest = rest.subspan(record.header.size + formats::payload_size(record));
      records.push_back(std::move(record));
    }
  }
  std::vector<formats::Record> records;

 private:
  std::string bytes_;
  formats::EventFormats formats_;
};

class PerfRecord : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_PERF();
    auto stream = output_of(
        "perf record -q -e page-faults:u -c 1 -P -d --sample-cpu "
        "--switch-events --namespaces -W --data-page-size --code-page-size -g "
        "--user-regs=ip,sp -o - " TOUCH_PAGES " 200 2>/dev/null");
    if (!stream || stream->empty()) GTEST_SKIP() << "perf record is refused";
    path_ = testing::TempDir() + "perf_stream";
    std::ofstream(path_, std::ios::binary) << *stream;
    stream_.emplace(std::move(*stream));
    for (const auto& record : stream_->records)
      if (auto* sample = std::get_if<Sample>(&record.body))
        samples_.push_back(*sample);
    ASSERT_GE(samples_.size(), 200u);
  }
  // The lines of perf script, without those that are empty.
  std::vector<std::string> script(const std::string& options) {
    // Through a pipe: from a file perf seeks, and misreads a stream.
    auto text = output_of("cat " + path_ + " | perf script -i - --ns " +
                          options + " 2>/dev/null");
    std::vector<std::string> lines;
    std::istringstream stream(text.value_or(""));
    for (std::string line; std::getline(stream, line);)
      if (!line.empty()) lines.push_back(line);
    return lines;
  }

  std::string path_;
  std::optional<PerfStream> stream_;
  std::vector<Sample> samples_;
};

TEST_F(PerfRecord, EverySampleFieldEqualsPerfScript) {
  auto lines = script("-G -F pid,tid,cpu,time,period,addr");
  ASSERT_EQ(lines.size(), samples_.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    const Sample& s = samples_[i];
    unsigned pid, tid, cpu;
    uint64_t seconds, ns, period, addr;
    ASSERT_EQ(
        std::sscanf(lines[i].c_str(),
                    "%u/%u [%u] %" SCNu64 ".%" SCNu64 ": %" SCNu64 " %" SCNx64,
                    &pid, &tid, &cpu, &seconds, &ns, &period, &addr),
        7)
        << lines[i];
    EXPECT_EQ(s.pid, pid);
    EXPECT_EQ(s.tid, tid);
    EXPECT_EQ(s.cpu, cpu);
    EXPECT_EQ(s.time, seconds * 1000000000 + ns);
    EXPECT_EQ(s.period, period);
    EXPECT_EQ(s.addr, addr);
  }
}

TEST_F(PerfRecord, RegistersEqualPerfScript) {
  auto lines = script("-G -F uregs");
  ASSERT_EQ(lines.size(), samples_.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    uint64_t sp = 0, ip = 0;
    size_t at = lines[i].find(" SP:");
    ASSERT_NE(at, std::string::npos) << lines[i];
    std::sscanf(lines[i].c_str() + at, " SP:%" SCNx64, &sp);
    at = lines[i].find(" IP:");
    std::sscanf(lines[i].c_str() + at, " IP:%" SCNx64, &ip);
    EXPECT_EQ(samples_[i].user_registers[abi::X86Register::kSp], sp);
    EXPECT_EQ(samples_[i].user_registers[abi::X86Register::kIp], ip);
    EXPECT_EQ(samples_[i].ip, ip);
  }
}

// perf prints addresses within the file: equal up to the page.
TEST_F(PerfRecord, CallChainsEqualPerfScript) {
  std::vector<uint64_t> expected;
  for (const std::string& line : script("-F ip,sym")) {
    uint64_t ip = 0;
    if (std::sscanf(line.c_str(), "%" SCNx64, &ip) == 1)
      expected.push_back(ip & 0xfff);
  }
  std::vector<uint64_t> ours;
  const uint64_t first_context = abi::bits(abi::CallchainContext::kMax);
  for (const Sample& sample : samples_)
    for (uint64_t ip : sample.callchain)
      if (ip < first_context) ours.push_back(ip & 0xfff);
  // perf shows the call, not the return address: one less, where not first.
  ASSERT_EQ(ours.size(), expected.size());
  size_t equal = 0;
  for (size_t i = 0; i < ours.size(); ++i)
    equal += ours[i] == expected[i] || ((ours[i] - 1) & 0xfff) == expected[i];
  EXPECT_EQ(equal, ours.size());
}

TEST_F(PerfRecord, MappingsAndTasksEqualPerfScript) {
  std::vector<std::string> expected, ours;
  for (const std::string& line : script("--show-mmap-events -F tid")) {
    size_t at = line.find("PERF_RECORD_MMAP2");
    if (at == std::string::npos) continue;
    // "PERF_RECORD_MMAP2 7/7: [0x400000(0x1000) @ 0 fe:00 77 5]: r-xp NAME"
    unsigned pid, tid;
    uint64_t address, length;
    ASSERT_EQ(std::sscanf(line.c_str() + at,
                          "PERF_RECORD_MMAP2 %u/%u: [%" SCNx64 "(%" SCNx64,
                          &pid, &tid, &address, &length),
              4)
        << line;
    std::ostringstream text;
    text << pid << ' ' << address << ' ' << length << ' '
         << line.substr(line.rfind(' ') + 1);
    expected.push_back(text.str());
  }
  for (const auto& record : stream_->records) {
    auto* mmap = std::get_if<formats::Mmap2Record>(&record.body);
    if (!mmap || mmap->filename.find(' ') != std::string_view::npos) continue;
    std::ostringstream text;
    text << mmap->pid << ' ' << mmap->address << ' ' << mmap->length << ' '
         << mmap->filename;
    ours.push_back(text.str());
  }
  EXPECT_FALSE(ours.empty());
  EXPECT_THAT(ours, testing::UnorderedElementsAreArray(expected));
}

TEST_F(PerfRecord, NothingIsUnknown) {
  for (const auto& record : stream_->records) {
    EXPECT_FALSE(std::holds_alternative<formats::UnknownRecord>(record.body))
        << record.header.type;
    EXPECT_TRUE(record.extra.empty())
        << formats::record_type_name(record.header.type);
  }
}

}  // namespace
}  // namespace ptcap::bindings
