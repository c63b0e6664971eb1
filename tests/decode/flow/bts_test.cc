// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// BTS records make the same rows as packets do.

#include "tests/decode/flow/flow_fixture.h"

namespace ptcap::decode {
namespace {

constexpr uint64_t kKernel = 0xffffffff81000000;

class BtsTest : public FlowTest {
 protected:
  void SetUp() override {
    code(0x1000, "7402 7404 90 e806000000 0f05");  // jz; jz 1008; call 1010
    code(0x1010, "90 c3");
    code(0x1020, "0f05 90 ffe0");
  }
};

TEST_F(BtsTest, FillsInWhatFellThrough) {
  EXPECT_EQ(bts({{0x1005, 0x1010}, {0x1011, 0x100a}}),
            "on >1005\n"
            "call 1005>1010\n"
            "ret 1011>100a\n"
            "off 1011> end\n");
  EXPECT_EQ(bts({{0x1011, 0x1000}, {0x1005, 0x1010}, {0x1011, 0x100a}},
                /*not_taken=*/true),
            "on >1011\n"
            "ret 1011>1000\n"
            "nt 1000>1002\n"
            "nt 1002>1004\n"
            "call 1005>1010\n"
            "ret 1011>100a\n"
            "off 1011> end\n");
}

TEST_F(BtsTest, SyscallsAreOffAndOn) {
  EXPECT_EQ(bts({{0x1011, 0x1020},
                 {0x1020, kKernel},
                 {kKernel + 8, 0x1022},
                 {0x1023, 0x1010}}),
            "on >1011\n"
            "ret 1011>1020\n"
            "off 1020> syscall\n"
            "on >1022\n"
            "ijmp 1023>1010\n"
            "off 1023> end\n");
}

// User-only tracing need not have a record of either way.
TEST_F(BtsTest, SyscallsWithoutRecordsAreOffAndOn) {
  EXPECT_EQ(bts({{0x1011, 0x1020}, {0x1023, 0x1010}}),
            "on >1011\n"
            "ret 1011>1020\n"
            "off 1020> syscall\n"
            "on >1022\n"
            "ijmp 1023>1010\n"
            "off 1023> end\n");
}

TEST_F(BtsTest, InterruptsAreOffAndOn) {
  EXPECT_EQ(bts({{0x1011, 0x1004},
                 {0x1005, kKernel},
                 {kKernel, 0x1005},
                 {0x1005, 0x1010}}),
            "on >1011\n"
            "ret 1011>1004\n"
            "off 1005> async\n"
            "on >1005\n"
            "call 1005>1010\n"
            "off 1005> end\n");
}

TEST_F(BtsTest, RecordsThatDoNotFitTheCodeAreGaps) {
  EXPECT_EQ(bts({{0x1011, 0x1010},
                 {0x1023, 0x1010},
                 {0x1011, 0x5000},
                 {0x5005, 0x1010}}),
            "on >1011\n"
            "ret 1011>1010\n"
            "gap 1010>1023 desync\n"
            "ijmp 1023>1010\n"
            "ret 1011>5000\n"
            "gap 5000>5005 nocode\n"
            "off 1011> end\n");
}

TEST_F(BtsTest, AHoleIsLost) {
  pieces_ = {{0, 24, 0}, {48, 24, 0}};
  EXPECT_EQ(bts({{0x1011, 0x1010}, {0, 0}, {0x1023, 0x1010}}),
            "on >1011\n"
            "ret 1011>1010\n"
            "gap 1010>1023 lost\n"
            "ijmp 1023>1010\n"
            "off 1023> end\n");
}

TEST_F(BtsTest, WhatTheKernelDroppedIsLostThoughTheOffsetsGoOn) {
  losses_ = {24};
  EXPECT_EQ(bts({{0x1011, 0x1010}, {0x1023, 0x1010}}),
            "on >1011\n"
            "ret 1011>1010\n"
            "gap 1010>1023 lost\n"
            "ijmp 1023>1010\n"
            "off 1023> end\n");
}

TEST_F(BtsTest, ARecordMayStraddlePieces) {
  pieces_ = {{0, 30, 0}, {30, 18, 0}};
  EXPECT_EQ(bts({{0x1011, 0x1010}, {0x1011, 0x1000}}),
            "on >1011\n"
            "ret 1011>1010\n"
            "ret 1011>1000\n"
            "off 1011> end\n");
}

}  // namespace
}  // namespace ptcap::decode
