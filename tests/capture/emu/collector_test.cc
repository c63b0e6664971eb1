// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The collector against slots as a plugin would fill them, and as a program
// that scribbles over its memory might leave them. The test's own process
// plays the traced one.

#include "capture/emu/collector.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstring>
#include <new>

#include "formats/ptz/trace_reader.h"
#include "tests/capture/emu/run_ptcap.h"

namespace ptcap::capture::emu {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kIp = 0x401000;

class CollectingReporter : public formats::Reporter {
 public:
  void warn(const std::string& message) override { ADD_FAILURE() << message; }
};

class CollectorTest : public ::testing::Test {
 protected:
  CollectorTest()
      : owner_(ArenaConfig{}),
        options_{.target = RunProgram{{"program"}}},
        recorder_(open_trace(), trace(), options_),
        collector_(
            owner_, recorder_,
            {.detail = [this](const std::string& text) { notes_ += text; },
             .less_exact =
                 [this](const std::string& text) { warnings_ += text; }}) {
    recorder_.begin({SoftwarePtTerms{}, "emu"});
    Slot& process = make_slot(0);
    ProcessMessage message;
    message.pid = static_cast<uint32_t>(getpid());
    message.time_ns = 1;
    send(process, MessageKind::kProcess, &message, sizeof(message));
    publish(0, SlotState::kProcess);
  }

  std::string trace() const { return folder_.file("trace.ptz"); }
  int open_trace() const {
    return open(trace().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  }

  Slot& make_slot(uint32_t number) {
    Slot& slot = *new (owner_.arena().slot_memory(number))
                     Slot(pt::FlowEncoderOptions{});
    slot.ring = owner_.arena().ring(number);
    slot.generation = number + 1;
    slot.pid = static_cast<uint32_t>(getpid());
    slot.tid = slot.pid + number;
    slot.encoder.set_buffer(slot.ring, slot.ring + kChunkSize);
    return slot;
  }

  void publish(uint32_t number, SlotState state) {
    owner_.header().high_slot.store(16);
    owner_.header().state[number].store(state);
  }

  Slot& make_thread(uint32_t number) {
    Slot& slot = make_slot(number);
    slot.encoder.enable(kIp, 5);
    slot.block_ip = kIp;
    publish(number, SlotState::kThread);
    return slot;
  }

  static void send(Slot& slot, MessageKind kind, const void* body,
                   uint32_t size) {
    const MessageHeader header = {kind, size};
    uint8_t* out = slot.ring + slot.fill.load();
    std::memcpy(out, &header, sizeof(header));
    std::memcpy(out + sizeof(header), body, size);
    slot.fill.fetch_add(sizeof(header) + size);
  }

  SlotState state(uint32_t number) const {
    return owner_.header().state[number].load();
  }

  formats::Ledger finish() {
    collector_.finish();
    recorder_.finish();
    return recorder_.summary().ledger;
  }

  // Of the only stream.
  std::vector<uint8_t> stream() const {
    CollectingReporter reporter;
    const formats::TraceReader reader(trace(), reporter);
    EXPECT_EQ(reader.aux_streams().size(), 1u);
    const auto& stream = reader.aux_streams().front();
    std::vector<uint8_t> bytes(stream.pieces.back().offset +
                               stream.pieces.back().size);
    reader.read_aux(stream, 0, bytes);
    return bytes;
  }

  TestFolder folder_;
  ArenaOwner owner_;
  CaptureOptions options_;
  Recorder recorder_;
  std::string notes_;
  std::string warnings_;
  Collector collector_;
};

TEST_F(CollectorTest, ClosedThreadGivesItsSlotBack) {
  Slot& thread = make_thread(1);
  thread.encoder.disable();
  const uint64_t size = thread.encoder.buffered();
  thread.end.store(StreamEnd::kClosed);
  collector_.collect();
  EXPECT_EQ(state(1), SlotState::kFree);
  EXPECT_EQ(finish().written_bytes, size);
}

TEST_F(CollectorTest, SlotIsUsedAgainForAnotherStream) {
  for (int i = 0; i < 3; ++i) {
    Slot& thread = make_thread(1);
    thread.generation = 100 + static_cast<uint32_t>(i);
    thread.encoder.disable();
    thread.end.store(StreamEnd::kClosed);
    collector_.collect();
  }
  finish();
  EXPECT_EQ(recorder_.summary().streams, 3u);
}

TEST_F(CollectorTest, FullChunkIsTakenAndReleased) {
  Slot& thread = make_thread(1);
  while (!thread.encoder.full()) thread.encoder.indirect(kIp);
  thread.chunk_size[0] = static_cast<uint32_t>(thread.encoder.buffered());
  const uint64_t size = thread.encoder.buffered();
  thread.head.store(1);
  thread.encoder.set_buffer(thread.ring + kChunkSize,
                            thread.ring + chunk_offset(2));
  collector_.collect();
  EXPECT_EQ(thread.tail.load(), 1u);
  EXPECT_EQ(finish().written_bytes, size);
}

TEST_F(CollectorTest, FlushTakesWholePacketsOfTheCurrentChunk) {
  Slot& thread = make_thread(1);
  const uint64_t first = thread.encoder.buffered();
  collector_.flush();
  thread.encoder.indirect(kIp + 1);
  collector_.flush();
  collector_.flush();
  EXPECT_EQ(finish().written_bytes, first + 3);
  EXPECT_EQ(stream().back(), 0x10);  // 0d update16 01 10
}

TEST_F(CollectorTest, WhatStillRunsAtTheEndIsALoss) {
  make_thread(1);
  const auto ledger = finish();
  ASSERT_EQ(ledger.losses.size(), 1u);
  EXPECT_THAT(ledger.losses[0].detail, HasSubstr("still ran"));
  EXPECT_EQ(owner_.header().detached.load(), 1u);
}

TEST_F(CollectorTest, MoreChunksThanThereAreIsALoss) {
  Slot& thread = make_thread(1);
  thread.head.store(1000);
  collector_.collect();
  collector_.collect();
  const auto ledger = finish();
  ASSERT_FALSE(ledger.losses.empty());
  EXPECT_THAT(ledger.losses[0].detail, HasSubstr("wrote over"));
}

TEST_F(CollectorTest, ChunkLargerThanAChunkIsALoss) {
  Slot& thread = make_thread(1);
  thread.chunk_size[0] = 0x7fffffff;
  thread.head.store(1);
  collector_.collect();
  EXPECT_FALSE(finish().losses.empty());
}

TEST_F(CollectorTest, WritePositionOutsideOfTheRingIsNotFollowed) {
  Slot& thread = make_thread(1);
  thread.ring = reinterpret_cast<uint8_t*>(0x1000);
  collector_.flush();
  EXPECT_EQ(finish().written_bytes, 0u);
}

TEST_F(CollectorTest, ForeignProcessSlotIsNoProcess) {
  Slot& thread = make_thread(1);
  thread.process_slot = 0xffffffff;
  thread.end.store(StreamEnd::kClosed);
  collector_.collect();
  finish();
  EXPECT_EQ(recorder_.summary().streams, 1u);
}

TEST_F(CollectorTest, DamagedMessagesEndMessagesOnly) {
  const uint8_t garbage[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  collector_.collect();
  Slot& process = owner_.arena().slot(0);
  std::memcpy(process.ring + process.fill.load(), garbage, sizeof(garbage));
  process.fill.fetch_add(sizeof(garbage));
  Slot& thread = make_thread(1);
  collector_.flush();
  EXPECT_THAT(notes_, HasSubstr("wrote over its trace memory"));
  const formats::Ledger ledger = finish();
  EXPECT_EQ(ledger.written_bytes, thread.encoder.buffered());
  EXPECT_EQ(ledger.losses.front().cause, formats::LossCause::kCutShort);
  EXPECT_THAT(ledger.losses.front().detail, HasSubstr("wrote over"));
}

TEST_F(CollectorTest, ImpossibleMessageChunkIsALossOnce) {
  collector_.collect();
  owner_.arena().slot(0).head.store(100);
  collector_.flush();
  collector_.flush();
  EXPECT_EQ(finish().losses.size(), 1u);
}

TEST_F(CollectorTest, SentenceOnWhatIsLessExactIsSaidOnce) {
  const std::string text = "it is less exact";
  for (int i = 0; i < 2; ++i) {
    send(owner_.arena().slot(0), MessageKind::kDegraded, text.data(),
         static_cast<uint32_t>(text.size()));
  }
  collector_.flush();
  EXPECT_EQ(warnings_, text);
}

TEST_F(CollectorTest, UntracedProgramIsNamedInTheLedger) {
  const std::string text = "/usr/bin/sudo: it is setuid or setgid";
  send(owner_.arena().slot(0), MessageKind::kNotFollowed, text.data(),
       static_cast<uint32_t>(text.size()));
  collector_.flush();
  const auto ledger = finish();
  ASSERT_EQ(ledger.losses.size(), 1u);
  EXPECT_EQ(ledger.losses[0].cause, formats::LossCause::kNotFollowed);
  EXPECT_EQ(ledger.losses[0].detail, text);
}

TEST_F(CollectorTest, ChangedCodeHoldsFromTheRestartOn) {
  Slot& process = owner_.arena().slot(0);
  const auto send_code = [&](MessageKind kind, uint32_t epoch, uint8_t byte) {
    uint8_t body[sizeof(CodeMessage) + 1];
    const CodeMessage message = {kIp, epoch, 0};
    std::memcpy(body, &message, sizeof(message));
    body[sizeof(message)] = byte;
    send(process, kind, body, sizeof(body));
  };
  Slot& thread = make_thread(1);
  send_code(MessageKind::kCode, 0, 0x90);
  send_code(MessageKind::kChangedCode, 1, 0xc3);
  send_code(MessageKind::kChangedCode, 2, 0xcc);
  const RestartMessage restart = {1, thread.generation, 0, 2, 77, 5};
  send(process, MessageKind::kRestart, &restart, sizeof(restart));
  collector_.flush();
  finish();
  CollectingReporter reporter;
  const formats::TraceReader reader(trace(), reporter);
  const auto mappings = reader.code_mappings();
  ASSERT_EQ(mappings.size(), 2u);
  for (const auto& mapping : mappings) {
    const bool own = mapping.aux_idx != formats::CodeMapping::kAllStreams;
    EXPECT_EQ(mapping.address, kIp);
    EXPECT_EQ(mapping.aux_offset, own ? 77u : 0u);
    const auto image = reader.image(mapping.image);
    ASSERT_TRUE(image.has_value());
    // Of two changes to the same bytes the later one counts.
    EXPECT_EQ((*image)[mapping.image_offset], own ? 0xcc : 0x90);
  }
}

}  // namespace
}  // namespace ptcap::capture::emu
