// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// jit-PID.dump: what a JIT says of its code, and what is not whole.

#include "decode/symbols/jit_dump.h"

#include <gmock/gmock.h>

#include "formats/io/byte_writer.h"

namespace ptcap::decode {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Messages : public formats::Reporter {
 public:
  void warn(const std::string& message) override { all.push_back(message); }
  std::vector<std::string> all;
};

class JitDumpTest : public testing::Test {
 protected:
  JitDumpTest() { header(0); }

  void header(uint64_t flags) {
    bytes_.clear();
    formats::ByteWriter out(bytes_);
    out.u32(0x4A695444);
    out.u32(1);
    out.u32(40);
    out.u32(62);  // EM_X86_64
    out.u32(0);
    out.u32(123);
    out.u64(5);
    out.u64(flags);
  }
  void record(uint32_t id, uint64_t time, const formats::Buffer& body) {
    formats::ByteWriter out(bytes_);
    out.u32(id);
    out.u32(static_cast<uint32_t>(16 + body.size()));
    out.u64(time);
    out.bytes(body);
  }
  void load(uint64_t time, uint64_t address, const std::string& name,
            const formats::Buffer& code) {
    formats::Buffer body;
    formats::ByteWriter out(body);
    out.u32(123);
    out.u32(124);
    out.u64(address);
    out.u64(address);
    out.u64(code.size());
    out.u64(1);
    body.insert(body.end(), name.begin(), name.end());
    out.u8(0);
    out.bytes(code);
    record(0, time, body);
  }
  void move(uint64_t time, uint64_t from, uint64_t to) {
    formats::Buffer body;
    formats::ByteWriter out(body);
    out.u32(123);
    out.u32(124);
    out.u64(to);
    out.u64(from);
    out.u64(to);
    out.u64(2);
    out.u64(1);
    record(1, time, body);
  }
  std::optional<JitDump> parse() { return parse_jit_dump(bytes_, "d", said_); }

  formats::Buffer bytes_;
  Messages said_;
};

TEST_F(JitDumpTest, FunctionsHaveTimeNameAndCode) {
  load(100, 0x7000, "add", {0x90, 0xc3});
  record(2, 150, formats::Buffer(32));  // lines
  load(200, 0x7100, "mul", {0xc3});
  record(3, 300, {});
  const auto dump = parse();
  ASSERT_TRUE(dump);
  EXPECT_EQ(dump->pid, 123u);
  EXPECT_EQ(dump->clock, JitDump::Clock::kMonotonicNs);
  ASSERT_EQ(dump->code.size(), 2u);
  EXPECT_EQ(dump->code[0].time, 100u);
  EXPECT_EQ(dump->code[0].address, 0x7000u);
  EXPECT_EQ(dump->code[0].name, "add");
  EXPECT_THAT(dump->code[0].bytes, ElementsAre(0x90, 0xc3));
  EXPECT_EQ(dump->code[1].name, "mul");
  EXPECT_THAT(said_.all, IsEmpty());
}

TEST_F(JitDumpTest, TimesMayBeThoseOfTheTsc) {
  header(1);
  EXPECT_EQ(parse()->clock, JitDump::Clock::kTsc);
}

TEST_F(JitDumpTest, CodeThatMovesIsThereUnderItsName) {
  load(100, 0x7000, "add", {0x90, 0xc3});
  move(200, 0x7000, 0x9000);
  const auto dump = parse();
  ASSERT_EQ(dump->code.size(), 2u);
  EXPECT_EQ(dump->code[1].address, 0x9000u);
  EXPECT_EQ(dump->code[1].name, "add");
  EXPECT_EQ(dump->code[1].time, 200u);
}

TEST_F(JitDumpTest, EveryCutKeepsWhatIsWhole) {
  load(100, 0x7000, "add", {0x90, 0xc3});
  const size_t one = bytes_.size();
  load(200, 0x7100, "mul", {0xc3});
  const formats::Buffer whole = bytes_;
  for (size_t size = 0; size < whole.size(); ++size) {
    bytes_.assign(whole.begin(), whole.begin() + static_cast<long>(size));
    said_.all.clear();
    const auto dump = parse();
    const size_t expected = size < one ? 0 : 1;
    if (dump) {
      EXPECT_EQ(dump->code.size(), expected) << size;
    }
    if (size == one || size == 40) continue;  // between two records
    ASSERT_EQ(said_.all.size(), 1u) << size;
    EXPECT_THAT(said_.all[0], HasSubstr("d: "));
  }
}

TEST_F(JitDumpTest, EveryFlippedByteIsReadOrReported) {
  load(100, 0x7000, "add", {0x90, 0xc3});
  move(200, 0x7000, 0x9000);
  const formats::Buffer whole = bytes_;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const uint8_t flip : {0x01, 0x80, 0xff}) {
      bytes_ = whole;
      bytes_[at] ^= flip;
      if (const auto dump = parse()) {
        for (const JitCode& code : dump->code) EXPECT_FALSE(code.bytes.empty());
      }
    }
  }
}

TEST_F(JitDumpTest, AFileOfTheOtherByteOrderIsLeftOut) {
  std::reverse(bytes_.begin(), bytes_.begin() + 4);
  EXPECT_FALSE(parse());
  EXPECT_THAT(said_.all, ElementsAre(HasSubstr("byte order")));
}

TEST(JitDumpName, IsThatOfTheMarker) {
  EXPECT_TRUE(is_jit_dump("/home/x/.debug/jit/jit-123.dump"));
  EXPECT_TRUE(is_jit_dump("jit-1.dump"));
  EXPECT_FALSE(is_jit_dump("/tmp/jit-.dump"));
  EXPECT_FALSE(is_jit_dump("/tmp/jit-12x.dump"));
  EXPECT_FALSE(is_jit_dump("/tmp/xjit-12.dump"));
  EXPECT_FALSE(is_jit_dump("/tmp/jit-12.dump.old"));
}

}  // namespace
}  // namespace ptcap::decode
