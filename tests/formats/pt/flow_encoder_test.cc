// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/pt/flow_encoder.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "formats/pt/scanner.h"
#include "tests/formats/pt/random_program.h"

namespace ptcap::pt {
namespace {

using testing::Code;
using ::testing::ElementsAre;
using testing::libipt_block_flow;
using testing::libipt_insn_flow;
using testing::random_walk;
using testing::RandomProgram;
using testing::Walk;

// An encoder over a buffer that is large enough for a small test.
struct Small {
  explicit Small(const FlowEncoderOptions& options) : encoder(options) {
    encoder.set_buffer(bytes, bytes + sizeof(bytes));
  }
  std::span<const uint8_t> trace() const {
    return {bytes, static_cast<size_t>(encoder.buffered())};
  }
  std::vector<PacketType> types() const {
    std::vector<PacketType> result;
    PacketScanner scanner(trace());
    Packet packet;
    while (scanner.next(packet)) result.push_back(packet.type);
    return result;
  }
  uint8_t bytes[4 * FlowEncoder::kReserve];
  FlowEncoder encoder;
};

TEST(FlowEncoder, StartsWithPsbAndOpensAtTheIp) {
  Small small({});
  small.encoder.enable(0x401000, 5);
  EXPECT_THAT(
      small.types(),
      ElementsAre(PacketType::kPsb, PacketType::kTsc, PacketType::kModeExec,
                  PacketType::kPsbEnd, PacketType::kTipPge));
  EXPECT_EQ(psb_tsc(small.trace(), 0), 5u);
}

TEST(FlowEncoder, WithoutTscWritesNone) {
  Small small({.tsc = false});
  small.encoder.enable(0x401000, 5);
  small.encoder.disable();
  small.encoder.enable(0x401000, 6);
  EXPECT_THAT(small.types(),
              ElementsAre(PacketType::kPsb, PacketType::kModeExec,
                          PacketType::kPsbEnd, PacketType::kTipPge,
                          PacketType::kTipPgd, PacketType::kTipPge));
}

TEST(FlowEncoder, BranchesGoIntoTheShortestTnt) {
  for (unsigned count = 1; count <= 47; ++count) {
    Small small({});
    small.encoder.enable(0x401000, 5);
    const uint64_t start = small.encoder.position();
    for (unsigned i = 0; i < count; ++i) small.encoder.cond(i % 3 == 0);
    small.encoder.flush_tnt();
    PacketScanner scanner(small.trace(), start);
    Packet packet;
    unsigned seen = 0;
    while (scanner.next(packet)) {
      for (unsigned bit = packet.detail; bit-- > 0; ++seen) {
        EXPECT_EQ(packet.value >> bit & 1, seen % 3 == 0 ? 1u : 0u);
      }
    }
    EXPECT_EQ(seen, count);
    const uint64_t expected = count <= 6 ? 1 : count <= 12 ? 2 : 8;
    EXPECT_EQ(small.encoder.position() - start, expected) << count;
  }
}

TEST(FlowEncoder, TscComesWhenItsIntervalIsOver) {
  Small small({.tsc_interval = 100});
  small.encoder.enable(0x401000, 1000);
  small.encoder.maintain(0x401000, 1099);
  const uint64_t start = small.encoder.position();
  small.encoder.cond(true);
  small.encoder.maintain(0x401000, 1100);
  PacketScanner scanner(small.trace(), start);
  Packet packet;
  ASSERT_TRUE(scanner.next(packet));
  EXPECT_EQ(packet.type, PacketType::kTnt8);  // what came before the time
  ASSERT_TRUE(scanner.next(packet));
  EXPECT_EQ(packet.type, PacketType::kTsc);
  EXPECT_EQ(packet.value, 1100u);
}

TEST(FlowEncoder, ReturnIsCompressedOnlyToTheTopOfTheStack) {
  Small small({.tsc = false});
  FlowEncoder& encoder = small.encoder;
  encoder.enable(0x401000, 0);
  encoder.call(0x401005);
  encoder.call(0x401010);
  EXPECT_FALSE(encoder.ret(0x401010));  // a TNT bit, still pending
  EXPECT_TRUE(encoder.ret(0x401111));   // elsewhere: TIP, stack emptied
  encoder.call(0x401015);
  encoder.undo_call();
  EXPECT_TRUE(encoder.ret(0x401015));
  EXPECT_THAT(
      small.types(),
      ElementsAre(PacketType::kPsb, PacketType::kModeExec, PacketType::kPsbEnd,
                  PacketType::kTipPge, PacketType::kTnt8, PacketType::kTip,
                  PacketType::kTip));
}

TEST(FlowEncoder, StackHolds64ReturnsAndForgetsTheOldest) {
  Small small({.tsc = false});
  FlowEncoder& encoder = small.encoder;
  encoder.enable(0x401000, 0);
  for (uint64_t i = 0; i < 70; ++i) encoder.call(0x402000 + i);
  const uint64_t start = encoder.position();
  for (uint64_t i = 70; i-- > 6;) encoder.ret(0x402000 + i);
  EXPECT_EQ(encoder.position() - start, 8u);  // 47 of 64 bits are written
  EXPECT_TRUE(encoder.ret(0x402005));
  EXPECT_EQ(encoder.position() - start, 8u + 8 + 3);
}

TEST(FlowEncoder, PsbEmptiesTheStackAndUndoCallKeepsItEmpty) {
  Small small({.psb_period_bytes = 1, .tsc = false});
  FlowEncoder& encoder = small.encoder;
  encoder.enable(0x401000, 0);
  encoder.call(0x401005);
  encoder.maintain(0x402000, 0);  // PSB
  encoder.undo_call();
  EXPECT_TRUE(encoder.ret(0x401005));
}

TEST(FlowEncoder, OverflowResumesAtItsIp) {
  const Code code = {{0x401000, std::vector<uint8_t>(64, 0x90)}};
  Small small({});
  small.encoder.enable(0x401000, 5);
  small.encoder.overflow(0x401010);
  small.encoder.async_disable(0x401012);
  const auto flow = libipt_insn_flow(small.trace(), 0, code);
  EXPECT_EQ(flow.error, "");
  EXPECT_EQ(flow.overflows, 1);
  ASSERT_GE(flow.ips.size(), 2u);
  EXPECT_EQ(flow.ips[flow.ips.size() - 2], 0x401010u);
  EXPECT_EQ(flow.ips.back(), 0x401011u);
}

TEST(FlowEncoder, OverflowWhileDisabledNeedsANewEnable) {
  const Code code = {{0x401000, std::vector<uint8_t>(64, 0x90)}};
  Small small({});
  small.encoder.enable(0x401000, 5);
  small.encoder.async_disable(0x401001);
  small.encoder.overflow_disabled();
  small.encoder.enable(0x401010, 6);
  small.encoder.async_disable(0x401011);
  const auto flow = libipt_insn_flow(small.trace(), 0, code);
  EXPECT_EQ(flow.error, "");
  EXPECT_EQ(flow.overflows, 1);
  EXPECT_THAT(flow.ips, ElementsAre(0x401000, 0x401010));
}

TEST(FlowEncoder, ModeIsWrittenInFrontOfTheBranch) {
  // A far jump from 64-bit to 32-bit code.
  const Code code = {{0x401000, {0x90, 0xff, 0x28}}, {0x402000, {0x40, 0x90}}};
  Small small({});
  small.encoder.enable(0x401000, 5);
  small.encoder.set_mode(kModeExec32);
  small.encoder.indirect(0x402000);
  small.encoder.async_disable(0x402002);
  const auto flow = libipt_insn_flow(small.trace(), 0, code);
  EXPECT_EQ(flow.error, "");
  // 40 is INC EAX there, not a REX prefix.
  EXPECT_THAT(flow.ips, ElementsAre(0x401000, 0x401001, 0x402000, 0x402001));
}

TEST(FlowEncoder, ModeSetBeforeTheFirstPsbIsWrittenInIt) {
  Small small({.tsc = false});
  small.encoder.set_mode(kModeExec32);
  small.encoder.enable(0x401000, 5);
  EXPECT_THAT(small.types(),
              ElementsAre(PacketType::kPsb, PacketType::kModeExec,
                          PacketType::kPsbEnd, PacketType::kTipPge));
}

TEST(FlowEncoder, ModeSetWhileDisabledIsWrittenWithTheNextEnable) {
  // A system call that comes back to 32-bit code.
  const Code code = {{0x401000, {0x0f, 0x05}}, {0x402000, {0x40, 0x90}}};
  Small small({});
  small.encoder.enable(0x401000, 5);
  small.encoder.disable();
  small.encoder.set_mode(kModeExec32);
  small.encoder.enable(0x402000, 6);
  small.encoder.async_disable(0x402002);
  const auto flow = libipt_insn_flow(small.trace(), 0, code);
  EXPECT_EQ(flow.error, "");
  EXPECT_THAT(flow.ips, ElementsAre(0x401000, 0x402000, 0x402001));
}

TEST(FlowEncoder, BranchOutOfTheRangeNamesItsTarget) {
  const Code code = {{0x401000, {0x90, 0xff, 0xe0}}};  // jmp rax
  Small small({});
  small.encoder.enable(0x401000, 5);
  small.encoder.disable_towards(0x500000);
  const auto flow = libipt_insn_flow(small.trace(), 0, code);
  EXPECT_EQ(flow.error, "");
  EXPECT_EQ(flow.disabled, 1);
  EXPECT_THAT(flow.ips, ElementsAre(0x401000, 0x401001));
}

TEST(FlowEncoder, PendingBranchesCanBeWrittenBySomebodyElse) {
  Small small({});
  small.encoder.enable(0x401000, 5);
  small.encoder.cond(true);
  const FlowEncoder copy = small.encoder;
  uint8_t rest[8];
  EXPECT_EQ(copy.put_pending_tnt(rest) - rest, 1);
  EXPECT_EQ(rest[0], 0b110);
  EXPECT_EQ(copy.position(), small.encoder.position());
}

struct WalkCase {
  const char* name;
  FlowEncoderOptions options;
};

void PrintTo(const WalkCase& walk, std::ostream* out) { *out << walk.name; }

class FlowEncoderWalk : public ::testing::TestWithParam<WalkCase> {};

TEST_P(FlowEncoderWalk, LibiptFindsEveryInstruction) {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    std::mt19937_64 random(seed);
    const RandomProgram program(random);
    const Walk walk = random_walk(program, 30000, GetParam().options, random);
    const auto flow = libipt_insn_flow(walk.trace, 0, program.code());
    ASSERT_EQ(flow.error, "") << "seed " << seed;
    ASSERT_TRUE(flow.ips == walk.ips) << "seed " << seed;
    EXPECT_EQ(flow.disabled, walk.syscalls);
    EXPECT_EQ(flow.async_disabled, walk.signals + walk.restarts);
    EXPECT_EQ(flow.async_branches, walk.interrupts);
    if (GetParam().options.tsc) {
      EXPECT_EQ(flow.event_tscs, walk.enable_tscs);
    }
    const auto blocks = libipt_block_flow(walk.trace, program.code());
    EXPECT_EQ(blocks.error, "");
    EXPECT_EQ(blocks.instructions, walk.ips.size());
  }
}

TEST_P(FlowEncoderWalk, EveryPsbIsAStartingPoint) {
  std::mt19937_64 random(77);
  const RandomProgram program(random);
  const Walk walk = random_walk(program, 30000, GetParam().options, random);
  int psbs = 0;
  for (auto psb = find_psb(walk.trace, 0); psb;
       psb = find_psb(walk.trace, *psb + 1)) {
    ++psbs;
    const auto flow = libipt_insn_flow(walk.trace, *psb, program.code());
    ASSERT_EQ(flow.error, "") << "from offset " << *psb;
    ASSERT_LE(flow.ips.size(), walk.ips.size());
    ASSERT_TRUE(
        std::equal(flow.ips.rbegin(), flow.ips.rend(), walk.ips.rbegin()))
        << "from offset " << *psb;
    EXPECT_EQ(psb_tsc(walk.trace, *psb).has_value(), GetParam().options.tsc);
  }
  EXPECT_GE(psbs, 3);
}

INSTANTIATE_TEST_SUITE_P(
    Options, FlowEncoderWalk,
    ::testing::Values(
        WalkCase{"Default", {}},
        WalkCase{"ManyPsbs", {.psb_period_bytes = 2048}},
        WalkCase{"FullReturns",
                 {.psb_period_bytes = 4096, .compress_returns = false}},
        WalkCase{"NoTsc", {.psb_period_bytes = 4096, .tsc = false}},
        WalkCase{"DenseTsc", {.psb_period_bytes = 4096, .tsc_interval = 1}}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace ptcap::pt
