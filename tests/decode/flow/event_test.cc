// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What a stream says beside the flow, each packet in its place; and none of it
// disturbs the flow.

#include "tests/decode/flow/flow_fixture.h"

namespace ptcap::decode {
namespace {

class EventTest : public FlowTest {
 protected:
  void SetUp() override {
    // nop; nop; ptwrite eax; ptwrite ecx; nop; jmp rax
    code(0x1000, "90 90 f30faee0 f30faee1 90 ffe0");
    code(0x1010, "0f05");
    code(0x1020, "90 48cf");  // nop; iretq
  }

  // The rest of the flow in front of which the events are.
  static Packets& finish(Packets& packets) { return packets.tip(0x1010).pgd(); }
  static constexpr const char* kRows =
      "on >1000\n"
      "ijmp 100b>1010\n"
      "off 1010> syscall\n";
};

TEST_F(EventTest, PtwriteHasItsPayloadAndIp) {
  Packets packets;
  packets.psb(0x1000)
      .packet([](uint8_t* out) { return pt::put_ptw(out, 0x1234, 8, true); })
      .fup(0x1002)
      .packet([](uint8_t* out) { return pt::put_ptw(out, 7, 4, false); });
  finish(packets);
  EXPECT_EQ(events(packets),
            "exec-mode 1000 bits=64\n"
            "ptwrite 1002 payload=1234 size=8\n"
            "ptwrite 1006 payload=7 size=4\n");
  EXPECT_EQ(branches(packets), kRows);
}

TEST_F(EventTest, PowerEventsSayTheStates) {
  Packets packets;
  packets.psb(0x1000)
      .packet([](uint8_t* out) { return pt::put_mwait(out, 0x20, 1); })
      .fup(0x1001)
      .packet([](uint8_t* out) { return pt::put_pwre(out, 2, 1, true); })
      .packet([](uint8_t* out) { return pt::put_exstop(out, true); })
      .fup(0x1002)
      .packet([](uint8_t* out) { return pt::put_pwrx(out, 3, 4, 1); })
      .packet([](uint8_t* out) { return pt::put_exstop(out, false); });
  finish(packets);
  EXPECT_EQ(events(packets),
            "exec-mode 1000 bits=64\n"
            "mwait 1001 hints=20 extensions=1\n"
            "pwre state=2 sub_state=1 hw=1\n"
            "exstop 1002\n"
            "pwrx last=3 deepest=4 interrupt=1\n"
            "exstop\n");
  EXPECT_EQ(branches(packets), kRows);
}

TEST_F(EventTest, StatesThatAPsbRepeatsAreToldOnce) {
  Packets packets;
  auto cbr = [](uint8_t* out) { return pt::put_cbr(out, 30); };
  packets.psb(0x1000)
      .packet(cbr)
      .packet(cbr)
      .packet([](uint8_t* out) { return pt::put_cbr(out, 31); })
      .psb(0x1000)
      .packet([](uint8_t* out) { return pt::put_mnt(out, 0xabc); });
  finish(packets);
  EXPECT_EQ(events(packets),
            "exec-mode 1000 bits=64\n"
            "cbr ratio=30\n"
            "cbr ratio=31\n"
            "mnt payload=abc\n");
}

TEST_F(EventTest, PagingAndVmcsSayTheirBases) {
  Packets packets;
  packets.psb(0x1020)
      .packet([](uint8_t* out) { return pt::put_vmcs(out, 0x5000); })
      .packet([](uint8_t* out) { return pt::put_pip(out, 0x7000, false); })
      .tip(0x1000);
  finish(packets);
  EXPECT_EQ(events(packets),
            "exec-mode 1020 bits=64\n"
            "vmcs base=5000\n"
            "paging cr3=7000 non_root=0\n");
}

TEST_F(EventTest, TransactionsBeginCommitAndAbort) {
  Packets packets;
  packets.psb(0x1000)
      .tsx(true, false)
      .fup(0x1001)
      .tsx(false, false)
      .fup(0x1002);
  finish(packets);
  EXPECT_EQ(events(packets),
            "exec-mode 1000 bits=64\n"
            "tx-begin 1001\n"
            "tx-commit 1002\n");
  EXPECT_EQ(branches(packets), kRows);
}

// Intel's event trace; libipt 2.0 knows none of it.
TEST_F(EventTest, EventTraceSaysWhyControlLeft) {
  Packets packets;
  packets.psb(0x1000)
      .packet([](uint8_t* out) { return pt::put_evd(out, 0, 0xdead000); })
      .packet([](uint8_t* out) { return pt::put_cfe(out, 1, 14, true); })
      .fup(0x1001)
      .tip(0x1020)
      .packet([](uint8_t* out) { return pt::put_cfe(out, 2, 0, true); })
      .fup(0x1021)
      .tip(0x1001);
  finish(packets);
  EXPECT_EQ(events(packets),
            "exec-mode 1000 bits=64\n"
            "page-fault payload=dead000\n"
            "interrupt vector=14\n"
            "iret 1021\n");
  EXPECT_EQ(branches(packets),
            "on >1000\n"
            "async 1001>1020\n"
            "iret 1021>1001\n"
            "ijmp 100b>1010\n"
            "off 1010> syscall\n");
}

// A block item looks like a TNT packet.
TEST_F(EventTest, PebsRecordsAreSteppedOver) {
  Packets packets;
  packets.psb(0x1000).packet(
      [](uint8_t* out) { return pt::put_bbp(out, 1, 8); });
  for (uint8_t i = 0; i < 18; ++i) {
    packets.packet([i](uint8_t* out) { return pt::put_bip(out, i, i, 8); });
  }
  packets.packet([](uint8_t* out) { return pt::put_bep(out, true); })
      .fup(0x1001);
  finish(packets);
  EXPECT_EQ(events(packets),
            "exec-mode 1000 bits=64\n"
            "pebs 1001 type=1 items=18\n");
  EXPECT_EQ(branches(packets), kRows);
}

TEST_F(EventTest, BytesThatAreNoPacketsAreCountedAndSteppedOver) {
  Packets packets;
  packets.psb(0x1000).raw({0x02, 0xff, 0x00, 0x00}).psb(0x1000);
  finish(packets);
  EXPECT_EQ(events(packets),
            "unknown bytes=4\n"
            "gap corrupt\n"
            "exec-mode 1000 bits=64\n");
}

}  // namespace
}  // namespace ptcap::decode
