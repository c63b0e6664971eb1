// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What goes wrong in a stream is a row, and what lies before and behind it is
// there.

#include "tests/decode/flow/flow_fixture.h"

namespace ptcap::decode {
namespace {

class GapTest : public FlowTest {
 protected:
  void SetUp() override {
    code(0x1000, "ffe0");  // jmp rax
    code(0x1010, "90 ffe0");
    code(0x1020, "0f05");
    code(0x1030, "7402 ffe0 0f05");
  }
};

// libipt does not run on to where the last packet before it led.
TEST_F(GapTest, OverflowThatResumesAtAnIp) {
  EXPECT_EQ(branches(Packets().psb(0x1000).tip(0x1010).ovf().fup(0x1020).pgd()),
            "on >1000\n"
            "gap 1000>1020 overflow\n"
            "off 1020> syscall\n");
}

TEST_F(GapTest, OverflowThatResumesDisabled) {
  EXPECT_EQ(branches(Packets().psb(0x1000).tip(0x1010).ovf().pge(0x1020).pgd()),
            "on >1000\n"
            "gap 1000> overflow\n"
            "on >1020\n"
            "off 1020> syscall\n");
}

TEST_F(GapTest, NoCodeResumesAtTheNextPsb) {
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .tip(0x7000)
                         .tip(0x1000)
                         .psb(0x1010)
                         .tip(0x1020)
                         .pgd()),
            "on >1000\n"
            "gap 7000>1010 nocode\n"
            "ijmp 1011>1020\n"
            "off 1020> syscall\n");
}

TEST_F(GapTest, NoCodeAtTheEndLeadsNowhere) {
  EXPECT_EQ(branches(Packets().psb(0x1000).tip(0x7000).tip(0x1000).pgd()),
            "on >1000\n"
            "gap 7000> nocode\n");
}

TEST_F(GapTest, NoCodeBeforeADisabledPsbIsFollowedByOn) {
  EXPECT_EQ(
      branches(Packets().psb(0x1000).tip(0x7000).pgd().psb().pge(0x1020).pgd()),
      "on >1000\n"
      "gap 7000> nocode\n"
      "on >1020\n"
      "off 1020> syscall\n");
}

// libipt reads ahead: its own resync would skip the PSB behind the error.
TEST_F(GapTest, ResumesAtAPsbThatWasReadAhead) {
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .tip(0x7000)
                         .fup(0x7010)
                         .pgd()
                         .psb()
                         .pge(0x1010)
                         .tip(0x1020)
                         .pgd()),
            "on >1000\n"
            "gap 7000> nocode\n"
            "on >1010\n"
            "ijmp 1011>1020\n"
            "off 1020> syscall\n");
}

TEST_F(GapTest, BytesThatAreNoPacketsAreCorrupt) {
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .tip(0x1010)
                         .raw({0x02, 0xff, 0x02, 0xff})
                         .psb(0x1020)
                         .pgd()),
            "on >1000\n"
            "gap 1000>1020 corrupt\n"
            "off 1020> syscall\n");
}

TEST_F(GapTest, APacketThatDoesNotFitIsDesync) {
  EXPECT_EQ(branches(Packets().psb(0x1000).tnt("t").psb(0x1020).pgd()),
            "on >1000\n"
            "gap 1000>1020 desync\n"
            "off 1020> syscall\n");
}

TEST_F(GapTest, AHoleInTheStreamIsLost) {
  Packets packets;
  packets.psb(0x1000).tip(0x1010);
  const uint64_t begin = packets.size();
  packets.tip(0x1030).tip(0x1030);
  const uint64_t end = packets.size();
  packets.psb(0x1020).pgd();
  pieces_ = {{0, begin, 0}, {end, packets.size() - end, 0}};
  EXPECT_EQ(branches(packets),
            "on >1000\n"
            "ijmp 1000>1010\n"
            "gap 1011>1020 lost\n"
            "off 1020> syscall\n");
}

TEST_F(GapTest, WhatTheKernelDroppedIsLostThoughTheOffsetsGoOn) {
  Packets packets;
  packets.psb(0x1000).tip(0x1010);
  losses_ = {packets.size()};
  packets.bare_psb().pge(0x1020).pgd();
  EXPECT_EQ(branches(packets),
            "on >1000\n"
            "ijmp 1000>1010\n"
            "gap 1011> lost\n"
            "on >1020\n"
            "off 1020> syscall\n");
}

TEST_F(GapTest, AfterALossDecodingGoesOnAtTheNextPsb) {
  Packets packets;
  packets.psb(0x1000).tip(0x1010);
  losses_ = {packets.size()};
  packets.tip(0x1030).psb(0x1020).pgd();
  EXPECT_EQ(branches(packets),
            "on >1000\n"
            "ijmp 1000>1010\n"
            "gap 1011>1020 lost\n"
            "off 1020> syscall\n");
}

TEST_F(GapTest, AStreamThatBeginsInTheMiddleBeginsWithAGap) {
  EXPECT_EQ(branches(Packets().tip(0x1010).psb(0x1020).pgd()),
            "gap >1020 desync\n"
            "off 1020> syscall\n");
}

TEST_F(GapTest, PaddingAndModeBeforeTheFirstPsbAreNoGap) {
  EXPECT_EQ(
      branches(
          Packets().raw({0, 0, 0}).mode(pt::kModeExec64).psb(0x1020).pgd()),
      "on >1020\n"
      "off 1020> syscall\n");
}

TEST_F(GapTest, AStreamWithoutPsbIsOneGap) {
  EXPECT_EQ(branches(Packets().tip(0x1010).tnt("t")), "gap > desync\n");
  EXPECT_EQ(branches(Packets().raw({0, 0, 0})), "");
  EXPECT_EQ(branches(Packets()), "");
}

// No packet ends it: a stream that belongs to other code leads there.
TEST_F(GapTest, ALoopWithoutPacketsEnds) {
  code(0x2000, "ebfe");  // jmp 2000
  const std::string rows =
      branches(Packets().psb(0x1000).tip(0x2000).tip(0x1000).psb());
  EXPECT_TRUE(rows.ends_with("gap 2000> desync\n"));
}

TEST_F(GapTest, TwoErrorsAreTwoGaps) {
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .tip(0x7000)
                         .tip(0x7000)
                         .psb(0x8000)
                         .tip(0x1000)
                         .psb(0x1020)
                         .pgd()),
            "on >1000\n"
            "gap 7000>8000 nocode\n"
            "gap 8000>1020 nocode\n"
            "off 1020> syscall\n");
}

}  // namespace
}  // namespace ptcap::decode
