// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Blocks end at branches and events, and nowhere else; code changes over time.

#include "tests/decode/flow/flow_fixture.h"

namespace ptcap::decode {
namespace {

class BlockTest : public FlowTest {};

TEST_F(BlockTest, EndAtEveryBranch) {
  // nop; jz 1005; nop; nop; nop; call 1010; / 1010: syscall
  code(0x1000, "90 7402 9090 90 e805000000");
  code(0x1010, "0f05");
  EXPECT_EQ(blocks(Packets().psb(0x1000).tnt("n").pgd()),
            "1000..1003 2\n"
            "1003..100b 4\n"
            "1010..1012 1\n");
}

TEST_F(BlockTest, DoNotEndAtAPsb) {
  code(0x1000, "90 90 90 ffe0");
  code(0x1010, "0f05");
  EXPECT_EQ(
      blocks(Packets().psb(0x1000).psb(0x1001).psb(0x1003).tip(0x1010).pgd()),
      "1000..1005 4\n"
      "1010..1012 1\n");
}

TEST_F(BlockTest, DoNotEndWherePiecesOfCodeMeet) {
  code(0x1000, "90");
  code(0x1001, "90 48");
  code(0x1003, "89c0 0f05");  // the second half of mov rax, rax
  EXPECT_EQ(blocks(Packets().psb(0x1000).pgd()), "1000..1007 4\n");
}

TEST_F(BlockTest, EndAtAnAsynchronousEvent) {
  code(0x1000, "90 90 0f05");
  EXPECT_EQ(blocks(Packets().psb(0x1000).fup(0x1001).pgd().pge(0x1001).pgd()),
            "1000..1001 1\n"
            "1001..1004 2\n");
}

TEST_F(BlockTest, CountRepAsOneInstruction) {
  code(0x1000, "f3a4 f348ab 0f05");  // rep movsb; rep stosq; syscall
  EXPECT_EQ(blocks(Packets().psb(0x1000).pgd()), "1000..1007 3\n");
}

TEST_F(BlockTest, AreCutAtTheIpOfAPsbOnce) {
  // A loop: 1000: nop; jz 1000; jmp 1000
  code(0x1000, "90 74fd ebfb");
  EXPECT_EQ(blocks(Packets()
                       .psb(0x1000)
                       .tnt("nt")
                       .psb(0x1001)
                       .tnt("n")
                       .psb(0x1003)
                       .tnt("n")
                       .fup(0x1003)
                       .pgd()),
            "1000..1003 2\n"
            "1003..1005 1\n"
            "1000..1003 2\n"
            "1000..1003 2\n"
            "1003..1005 1\n"
            "1000..1003 2\n");
}

TEST_F(BlockTest, UseTheModeThatIsAssumedUntilItIsSaid) {
  settings_.mode = ExecMode::k32;
  code(0x1000, "40 48 cd80");  // inc eax; dec eax; int 80
  EXPECT_EQ(blocks(Packets().bare_psb().pge(0x1000).pgd()), "1000..1004 3\n");
}

TEST_F(BlockTest, FollowCodeThatAStreamSaysHasChanged) {
  code(0x1000, "90 0f05");
  Packets packets;
  packets.psb(0x1000).fup(0x1001).pgd();
  by_offset_.push_back({packets.size(), 0, {range(0x1001, "9090 0f05")}});
  packets.psb().pge(0x1001).fup(0x1003).pgd();
  by_offset_.push_back({packets.size(), 0, {range(0x1003, "90 ffe0")}});
  packets.psb().pge(0x1003).pgd(0x2000);
  EXPECT_EQ(blocks(packets), "1000..1006 5\n");
  EXPECT_EQ(branches(packets),
            "on >1000\n"
            "ijmp 1004>2000\n"
            "off 2000> filter\n");
}

TEST_F(BlockTest, ARestartWithoutChangeIsNoRow) {
  code(0x1000, "90 90 0f05");
  Packets packets;
  packets.psb(0x1000).fup(0x1001).pgd();
  by_offset_.push_back({packets.size(), 0, {}});
  packets.psb().pge(0x1001).pgd();
  EXPECT_EQ(branches(packets), "on >1000\noff 1002> syscall\n");
}

TEST_F(BlockTest, FollowCodeThatChangesInTime) {
  settings_.clock = TimeConversion();
  code(0x1000, "0f05");
  by_time_.push_back({std::nullopt, 200, {range(0x1000, "90 0f05")}});
  EXPECT_EQ(blocks(Packets()
                       .psb(0x1000, 100)
                       .pgd()
                       .tsc(199)
                       .pge(0x1000)
                       .pgd()
                       .tsc(200)
                       .pge(0x1000)
                       .pgd()),
            "1000..1002 1\n"
            "1000..1002 1\n"
            "1000..1003 2\n");
}

}  // namespace
}  // namespace ptcap::decode
