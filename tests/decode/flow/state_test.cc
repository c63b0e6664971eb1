// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The states that a decoder keeps between packets: branches not yet used, the
// return stack, the last IP, the mode.

#include "tests/decode/flow/flow_fixture.h"

namespace ptcap::decode {
namespace {

class StateTest : public FlowTest {
 protected:
  static size_t count(const std::string& rows, std::string_view kind) {
    size_t count = 0;
    for (size_t at = 0; (at = rows.find(kind, at)) != std::string::npos; ++at) {
      ++count;
    }
    return count;
  }
  static Packets& ip(Packets& packets, pt::IpPacket kind,
                     pt::IpCompression compression, uint64_t ip) {
    return packets.packet(
        [=](uint8_t* out) { return pt::put_ip(out, kind, compression, ip); });
  }
};

TEST_F(StateTest, ALongTntHolds47Branches) {
  code(0x1000, "74fe 0f05");  // jz 1000; syscall
  const std::string rows =
      branches(Packets().psb(0x1000).tnt(std::string(46, 't') + "n").pgd());
  EXPECT_EQ(count(rows, "jcc 1000>1000\n"), 46u);
  EXPECT_TRUE(rows.ends_with("off 1002> syscall\n"));
}

// Branches that a packet in front of the PSB holds, used behind it.
TEST_F(StateTest, BranchesOutliveOtherPackets) {
  code(0x1000, "7400 7400 7400 ffe0");
  code(0x2000, "0f05");
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .tnt("tnt")
                         .raw({0, 0})
                         .mode(pt::kModeExec64)
                         .tip(0x2000)
                         .pgd(),
                     /*not_taken=*/true),
            "on >1000\n"
            "nt 1000>1002\n"
            "nt 1002>1004\n"
            "nt 1004>1006\n"
            "ijmp 1006>2000\n"
            "off 2000> syscall\n");
}

TEST_F(StateTest, APsbMayStandBetweenTwoBranchesOfABlockChain) {
  code(0x1000, "7402 9090 7402 9090 7402 9090 0f05");
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .tnt("t")
                         .psb(0x1004)
                         .tnt("n")
                         .psb(0x1007)
                         .tnt("t")
                         .pgd()),
            "on >1000\n"
            "jcc 1000>1004\n"
            "jcc 1008>100c\n"
            "off 100c> syscall\n");
}

// 1000: jz 1008; call 1000; ret / 1008: ret. Goes `depth` deep, and out again.
TEST_F(StateTest, ReturnsAreCompressed64Deep) {
  code(0x1000, "7406 e8f9ffffff c3 c3");
  for (const unsigned depth : {1, 63, 64}) {
    Packets packets;
    packets.psb(0x1000);
    for (unsigned i = 0; i < depth; ++i) packets.tnt("n");
    packets.tnt("t");
    for (unsigned i = 0; i < depth; ++i) packets.tnt("t");
    packets.pgd(0x3000);
    const std::string rows = branches(packets);
    EXPECT_EQ(count(rows, "\ncall 1002>1000"), depth);
    EXPECT_EQ(count(rows, ">1007\n"), depth);
    EXPECT_EQ(count(rows, "gap"), 0u) << rows;
    EXPECT_TRUE(rows.ends_with("off 3000> filter\n")) << rows;
  }
}

// Of more calls the oldest returns are forgotten, by the CPU as well.
TEST_F(StateTest, ReturnsBeyond64CallsHaveATarget) {
  code(0x1000, "7406 e8f9ffffff c3 c3");
  Packets packets;
  packets.psb(0x1000);
  for (unsigned i = 0; i < 70; ++i) packets.tnt("n");
  packets.tnt("t");
  for (unsigned i = 0; i < 64; ++i) packets.tnt("t");
  for (unsigned i = 0; i < 6; ++i) packets.tip(0x1007);
  packets.pgd(0x3000);
  const std::string rows = branches(packets);
  EXPECT_EQ(count(rows, ">1007\n"), 70u);
  EXPECT_EQ(count(rows, "gap"), 0u) << rows;
}

// A CPU forgets its calls at a PSB.
TEST_F(StateTest, APsbForgetsCalls) {
  code(0x1000, "e80b000000 0f05");  // call 1010
  code(0x1010, "90 c3");
  EXPECT_EQ(branches(Packets().psb(0x1000).psb(0x1011).tip(0x1005).pgd()),
            "on >1000\n"
            "call 1000>1010\n"
            "ret 1011>1005\n"
            "off 1005> syscall\n");
}

TEST_F(StateTest, AReturnThatMatchesNoCallHasATarget) {
  code(0x1000, "e80b000000 0f05");
  code(0x1010, "c3");
  code(0x2000, "0f05");
  EXPECT_EQ(branches(Packets().psb(0x1000).tip(0x2000).pgd()),
            "on >1000\n"
            "call 1000>1010\n"
            "ret 1010>2000\n"
            "off 2000> syscall\n");
}

TEST_F(StateTest, IpsOfEachCompressionBuildOnTheLast) {
  constexpr uint64_t kUser = 0x7f0000401000;
  code(kUser, "ffe0");
  code(0x7f0000402000, "ffe0");
  code(0x7f0012342000, "ffe0");
  code(0x123412342000, "ffe0");
  code(0xffffffff81000000, "ffe0");
  Packets packets;
  packets.psb(kUser);
  ip(packets, pt::IpPacket::kTip, pt::IpCompression::kUpdate16, 0x2000);
  ip(packets, pt::IpPacket::kTip, pt::IpCompression::kUpdate32, 0x12342000);
  ip(packets, pt::IpPacket::kTip, pt::IpCompression::kUpdate48, 0x123412342000);
  ip(packets, pt::IpPacket::kTip, pt::IpCompression::kSext48, 0xffff81000000);
  ip(packets, pt::IpPacket::kTipPgd, pt::IpCompression::kFull, 0x1000);
  EXPECT_EQ(branches(packets),
            "on >7f0000401000\n"
            "ijmp 7f0000401000>7f0000402000\n"
            "ijmp 7f0000402000>7f0012342000\n"
            "ijmp 7f0012342000>123412342000\n"
            "ijmp 123412342000>ffffffff81000000\n"
            "ijmp ffffffff81000000>1000\n"
            "off 1000> filter\n");
}

TEST_F(StateTest, TheModeChangesWithAFarBranch) {
  code(0x1000, "48ff28");      // jmp far [rax]
  code(0x2000, "40 48 ff28");  // 32 bit: inc eax; dec eax; jmp far [eax]
  code(0x3000, "40 ff28");     // 16 bit: inc ax; jmp far [bx+si]
  code(0x4000, "4890 0f05");   // 64 bit: rex nop; syscall
  Packets packets;
  packets.psb(0x1000)
      .mode(pt::kModeExec32)
      .tip(0x2000)
      .mode(pt::kModeExec16)
      .tip(0x3000)
      .mode(pt::kModeExec64)
      .tip(0x4000)
      .pgd();
  EXPECT_EQ(branches(packets),
            "on >1000\n"
            "farjmp 1000>2000\n"
            "farjmp 2002>3000\n"
            "farjmp 3001>4000\n"
            "off 4002> syscall\n");
  EXPECT_EQ(blocks(packets),
            "1000..1003 1\n"
            "2000..2004 3\n"
            "3000..3003 2\n"
            "4000..4004 2\n");
}

}  // namespace
}  // namespace ptcap::decode
