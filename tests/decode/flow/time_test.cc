// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The time of each branch: TSC, and between those MTC and CYC.

#include "tests/decode/flow/flow_fixture.h"

namespace ptcap::decode {
namespace {

// 100 TSC ticks to a tick of the crystal (CTC), of which each 8th has an MTC:
// 800 TSC ticks between two. The perf clock counts TSC ticks.
class TimeTest : public FlowTest {
 protected:
  void SetUp() override {
    code(0x1000, "74fe");  // jz 1000
    settings_.clock = TimeConversion();
    settings_.mtc_freq = 3;
    settings_.tsc_ctc_numerator = 100;
    settings_.tsc_ctc_denominator = 1;
    settings_.nom_freq = 20;
  }

  // A PSB+ at TSC `tsc`, `fast` ticks after the CTC became `ctc`.
  static Packets psb(uint64_t tsc, uint16_t ctc, uint16_t fast,
                     uint8_t ratio = 20) {
    Packets packets;
    packets.packet(pt::put_psb)
        .tsc(tsc)
        .packet([=](uint8_t* out) { return pt::put_tma(out, ctc, fast); })
        .packet([=](uint8_t* out) { return pt::put_cbr(out, ratio); })
        .mode(pt::kModeExec64)
        .fup(0x1000)
        .packet(pt::put_psbend);
    return packets;
  }
  static auto mtc(uint8_t ctc) {
    return [=](uint8_t* out) { return pt::put_mtc(out, ctc); };
  }
  static auto cyc(uint64_t cycles) {
    return [=](uint8_t* out) { return pt::put_cyc(out, cycles); };
  }
};

TEST_F(TimeTest, IsThatOfTheLastTsc) {
  EXPECT_EQ(
      times(psb(1000, 0, 0).tnt("t").tsc(5000).tnt("tt").tsc(6000).tnt("t")),
      "1000 5000 5000 6000 ");
}

TEST_F(TimeTest, MtcGoesOnFromTheTma) {
  EXPECT_EQ(times(psb(100000, 0x10, 50)
                      .tnt("t")
                      .packet(mtc(3))
                      .tnt("t")
                      .packet(mtc(4))
                      .tnt("t")),
            "100000 100750 101550 ");
}

TEST_F(TimeTest, MtcWrapsAround) {
  EXPECT_EQ(times(psb(100000, 0x7f0, 0)
                      .packet(mtc(0xff))
                      .tnt("t")
                      .packet(mtc(0x00))
                      .tnt("t")
                      .packet(mtc(0x01))
                      .tnt("t")),
            "100800 101600 102400 ");
}

TEST_F(TimeTest, LostMtcsAreCounted) {
  EXPECT_EQ(
      times(
          psb(100000, 0x10, 0).packet(mtc(3)).tnt("t").packet(mtc(7)).tnt("t")),
      "100800 104000 ");
}

// At twice the nominal frequency two cycles are one tick.
TEST_F(TimeTest, CyclesAreConvertedByTheBusRatio) {
  EXPECT_EQ(times(psb(100000, 0x10, 0, /*ratio=*/40)
                      .packet(cyc(100))
                      .tnt("t")
                      .packet(cyc(20))
                      .tnt("t")),
            "100050 100060 ");
  EXPECT_EQ(times(psb(100000, 0x10, 0, /*ratio=*/20)
                      .packet(cyc(100))
                      .tnt("t")
                      .packet(cyc(5000))
                      .tnt("t")),
            "100100 105100 ");
}

TEST_F(TimeTest, ATscCorrectsWhatCyclesHaveSaid) {
  EXPECT_EQ(
      times(psb(100000, 0x10, 0)
                .packet(cyc(100))
                .tnt("t")
                .tsc(100090)
                .packet([](uint8_t* out) { return pt::put_tma(out, 0x10, 90); })
                .tnt("t")
                .packet(cyc(10))
                .tnt("t")),
      "100100 100090 100100 ");
}

// ------------------------------------------------------------------- cycles

TEST_F(TimeTest, CyclesAreThoseOfTheBlockWhosePacketTheyStandBefore) {
  settings_.cycles = true;
  EXPECT_EQ(cycles(psb(100000, 0x10, 0)
                       .packet(cyc(100))
                       .tnt("t")
                       .tnt("t")
                       .packet(cyc(20))
                       .packet(cyc(5000))
                       .tnt("tt")
                       .fup(0x1000)
                       .packet(cyc(7))
                       .pgd()),
            "100 0 5020 7 ");
}

TEST_F(TimeTest, CyclesInFrontOfAPsbAreNotLost) {
  settings_.cycles = true;
  Packets packets = psb(100000, 0x10, 0).packet(cyc(100)).tnt("t");
  packets.packet(cyc(20));
  packets.append(psb(200000, 0x20, 0).bytes());
  packets.packet(cyc(3)).tnt("t").fup(0x1000).pgd();
  EXPECT_EQ(cycles(packets), "100 23 ");
}

TEST_F(TimeTest, CyclesThatPassedUntracedAreNotCounted) {
  settings_.cycles = true;
  EXPECT_EQ(cycles(psb(100000, 0x10, 0)
                       .packet(cyc(100))
                       .tnt("t")
                       .fup(0x1000)
                       .pgd()
                       .packet(cyc(9000))
                       .pge(0x1000)
                       .packet(cyc(4))
                       .tnt("t")
                       .fup(0x1000)
                       .pgd()),
            "100 4 ");
}

TEST_F(TimeTest, ThereAreNoCyclesWithoutCyc) {
  settings_.cycles = true;
  EXPECT_EQ(cycles(psb(100000, 0x10, 0).tnt("tt").fup(0x1000).pgd()), "0 0 ");
}

}  // namespace
}  // namespace ptcap::decode
