// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The rows of `ptdec branches`, as DESIGN section 6 says them.

#include "tests/decode/flow/flow_fixture.h"

namespace ptcap::decode {
namespace {

class BranchRowsTest : public FlowTest {};

TEST_F(BranchRowsTest, BeginWhereTracingIsEnabled) {
  code(0x1000, "90 0f05");  // nop; syscall
  EXPECT_EQ(branches(Packets().psb().pge(0x1000).pgd()),
            "on >1000\n"
            "off 1001> syscall\n");
}

TEST_F(BranchRowsTest, BeginAtAPsbWithTracingOn) {
  code(0x1000, "90 0f05");
  EXPECT_EQ(branches(Packets().psb(0x1000).pgd()),
            "on >1000\n"
            "off 1001> syscall\n");
}

TEST_F(BranchRowsTest, ShowConditionalBranchesThatWereTaken) {
  // 1000: jz 1004; 1002: jz 1000; 1004: syscall
  code(0x1000, "7402 74fc 0f05");
  const auto packets = Packets().psb(0x1000).tnt("ntt").pgd();
  EXPECT_EQ(branches(packets),
            "on >1000\n"
            "jcc 1002>1000\n"
            "jcc 1000>1004\n"
            "off 1004> syscall\n");
  EXPECT_EQ(branches(packets, /*not_taken=*/true),
            "on >1000\n"
            "nt 1000>1002\n"
            "jcc 1002>1000\n"
            "jcc 1000>1004\n"
            "off 1004> syscall\n");
}

TEST_F(BranchRowsTest, ShowDirectAndIndirectBranches) {
  code(0x1000, "eb0e");        // jmp 1010
  code(0x1010, "e80b000000");  // call 1020
  code(0x1015, "ffe0");        // jmp rax
  code(0x1020, "ffd0 c3");     // call rax; ret
  code(0x1030, "c3");
  code(0x1040, "0f05");
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .tip(0x1030)
                         .tip(0x1022)
                         .tip(0x1015)
                         .tip(0x1040)
                         .pgd()),
            "on >1000\n"
            "jmp 1000>1010\n"
            "call 1010>1020\n"
            "icall 1020>1030\n"
            "ret 1030>1022\n"
            "ret 1022>1015\n"
            "ijmp 1015>1040\n"
            "off 1040> syscall\n");
}

TEST_F(BranchRowsTest, FollowCompressedReturns) {
  code(0x1000, "e80b000000 0f05");  // call 1010; syscall
  code(0x1010, "c3");
  EXPECT_EQ(branches(Packets().psb(0x1000).tnt("t").pgd()),
            "on >1000\n"
            "call 1000>1010\n"
            "ret 1010>1005\n"
            "off 1005> syscall\n");
}

TEST_F(BranchRowsTest, ShowSyscallsAsOffAndOn) {
  code(0x1000, "0f05 90 0f05");
  EXPECT_EQ(branches(Packets().psb(0x1000).pgd().pge(0x1002).pgd()),
            "on >1000\n"
            "off 1000> syscall\n"
            "on >1002\n"
            "off 1003> syscall\n");
}

TEST_F(BranchRowsTest, SayWhatWouldHaveRunNextBeforeAnInterrupt) {
  code(0x1000, "7402 9090 90 0f05");  // jz 1004; nop; nop; nop; syscall
  EXPECT_EQ(
      branches(
          Packets().psb(0x1000).tnt("t").fup(0x1004).pgd().pge(0x1004).pgd()),
      "on >1000\n"
      "jcc 1000>1004\n"
      "off 1004> async\n"
      "on >1004\n"
      "off 1005> syscall\n");
}

TEST_F(BranchRowsTest, KeepABranchThatLeavesTheRangeToAKnownTarget) {
  code(0x1000, "ffe0");
  code(0x1010, "e9eb0f0000");  // jmp 2000
  code(0x1020, "740e");        // jz 1030
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .pgd(0x3000)
                         .pge(0x1010)
                         .pgd(0x2000)
                         .pge(0x1020)
                         .pgd(0x1030)),
            "on >1000\n"
            "ijmp 1000>3000\n"
            "off 3000> filter\n"
            "on >1010\n"
            "jmp 1010>2000\n"
            "off 2000> filter\n"
            "on >1020\n"
            "jcc 1020>1030\n"
            "off 1030> filter\n");
}

TEST_F(BranchRowsTest, EndAtABranchThatLeavesTheRangeToNobodyKnowsWhere) {
  code(0x1000, "ffe0");
  code(0x1010, "740e");
  // The instruction decoder binds a TIP.PGD without IP to far branches only.
  compare_decoders_ = false;
  EXPECT_EQ(branches(Packets().psb(0x1000).pgd().pge(0x1010).pgd()),
            "on >1000\n"
            "off 1000> filter\n"
            "on >1010\n"
            "off 1010> filter\n");
}

TEST_F(BranchRowsTest, SayStopWhereARangeStoppedTracing) {
  code(0x1000, "ffe0");
  EXPECT_EQ(branches(Packets().psb(0x1000).pgd(0x3000).stop()),
            "on >1000\n"
            "ijmp 1000>3000\n"
            "off 3000> stop\n");
}

TEST_F(BranchRowsTest, SayEndWhereTheStreamEndsWithTracingOn) {
  code(0x1000, "7402 90 7400");
  EXPECT_EQ(branches(Packets().psb(0x1000).tnt("n")),
            "on >1000\n"
            "off 1003> end\n");
}

TEST_F(BranchRowsTest, ShowAsynchronousBranchesWithTracingOn) {
  code(0x1000, "ffe0");
  code(0x1010, "90 90 0f05");
  code(0x2000, "90 48cf");  // nop; iretq
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .tip(0x1010)
                         .fup(0x1011)
                         .tip(0x2000)
                         .tip(0x1011)
                         .pgd()),
            "on >1000\n"
            "ijmp 1000>1010\n"
            "async 1011>2000\n"
            "iret 2001>1011\n"
            "off 1012> syscall\n");
}

TEST_F(BranchRowsTest, ShowFarTransfersWithTracingOn) {
  code(0x1000, "0f05");    // syscall
  code(0x1002, "cd80");    // int 80
  code(0x2000, "480f07");  // sysretq
  code(0x2010, "48cf");    // iretq
  code(0x1004, "48ff28");  // jmp far [rax]
  code(0x1010, "ffe0");
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .tip(0x2000)
                         .tip(0x1002)
                         .tip(0x2010)
                         .tip(0x1004)
                         .tip(0x1010)
                         .pgd(0x3000)),
            "on >1000\n"
            "syscall 1000>2000\n"
            "sysret 2000>1002\n"
            "int 1002>2010\n"
            "iret 2010>1004\n"
            "farjmp 1004>1010\n"
            "ijmp 1010>3000\n"
            "off 3000> filter\n");
}

TEST_F(BranchRowsTest, ShowTransactionAborts) {
  code(0x1000, "90 90 90 ffe0");
  code(0x2000, "0f05");
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .tsx(true, false)
                         .fup(0x1001)
                         .tsx(false, true)
                         .fup(0x1002)
                         .tip(0x2000)
                         .pgd()),
            "on >1000\n"
            "txabort 1002>2000\n"
            "off 2000> syscall\n");
}

// The handler is not traced: what comes when tracing is on again is no abort.
TEST_F(BranchRowsTest, AnAbortThatLeavesTracingEndsThere) {
  code(0x1000, "90 90 90 ffe0");
  code(0x2000, "0f05");
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .tsx(false, true)
                         .fup(0x1000)
                         .pgd()
                         .pge(0x1000)
                         .fup(0x1000)
                         .tip(0x2000)
                         .pgd()),
            "on >1000\n"
            "off 1000> async\n"
            "on >1000\n"
            "async 1000>2000\n"
            "off 2000> syscall\n");
}

// The kernel emulates what stands there: its code is nowhere, and not needed.
TEST_F(BranchRowsTest, AVsyscallIsLeftBeforeItsFirstInstruction) {
  constexpr uint64_t kVsyscall = 0xffffffffff600000;
  code(0x1000, "ffd0 0f05");
  EXPECT_EQ(branches(Packets()
                         .psb(0x1000)
                         .tip(kVsyscall)
                         .fup(kVsyscall)
                         .pgd()
                         .pge(0x1002)
                         .pgd()),
            "on >1000\n"
            "icall 1000>ffffffffff600000\n"
            "off ffffffffff600000> async\n"
            "on >1002\n"
            "off 1002> syscall\n");
}

}  // namespace
}  // namespace ptcap::decode
