// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/aux_stream.h"

#include <gtest/gtest.h>

#include "formats/perf/record.h"
#include "formats/pt/scanner.h"

namespace ptcap::capture {
namespace {

using Packets = std::vector<uint8_t>;

constexpr uint64_t kTruncated = abi::bits(abi::AuxFlag::kTruncated);
constexpr uint64_t kPartial = abi::bits(abi::AuxFlag::kPartial);

Packets mode32() {
  Packets bytes(2);
  pt::put_mode_exec(bytes.data(), pt::kModeExec32);
  return bytes;
}

Packets psb() {
  Packets bytes(pt::kMaxWriteSize);
  pt::put_psb(bytes.data());
  return bytes;
}

Packets pads(size_t count) { return Packets(count, 0); }

Packets operator+(Packets a, const Packets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// "psb mode.exec psbend": names of the packets.
std::string names_of(formats::Bytes bytes) {
  std::string names;
  pt::PacketScanner scanner(bytes);
  for (pt::Packet packet; scanner.next(packet);) {
    names +=
        (names.empty() ? "" : " ") + std::string(pt::packet_name(packet.type));
  }
  return names;
}

class AuxStreamTest : public testing::Test, public StreamSink {
 protected:
  // `wrap_at`: where the ring wraps within the piece.
  void append(const Packets& bytes, uint64_t flags, uint64_t time,
              size_t wrap_at = 0) {
    AuxPiece piece;
    piece.record = {kernel_offset_, bytes.size(), flags};
    kernel_offset_ += bytes.size();
    piece.sample_id.tid = 7;
    piece.sample_id.time = time;
    const formats::Bytes all(bytes);
    const size_t first = wrap_at != 0 ? wrap_at : all.size();
    piece.bytes = {all.first(first), all.subspan(first)};
    stream_.append(piece, /*reference=*/time);
  }

  std::string packets() const { return names_of(written_); }

  Packets written_;
  std::vector<formats::AuxRecord> records_;
  std::vector<formats::Loss> losses_;
  uint64_t synthetic_ = 0;

  static formats::RecordFormat format() {
    abi::perf_event_attr attr = {};
    attr.sample_type =
        abi::bits(abi::SampleType::kTid) | abi::bits(abi::SampleType::kTime);
    attr.sample_id_all = 1;
    return formats::RecordFormat::of(attr);
  }
  AuxStream stream_{{.idx = 3, .tid = 7}, format(), *this};

 private:
  void add_record(formats::Bytes record) override {
    const auto parsed = formats::parse_record(record, format());
    records_.push_back(std::get<formats::AuxRecord>(parsed.body));
  }
  void add_aux(const formats::AuxChunk& chunk) override {
    EXPECT_EQ(chunk.offset, written_.size());
    EXPECT_EQ(chunk.idx, 3u);
    for (const auto& part : {chunk.data1, chunk.data2}) {
      written_.insert(written_.end(), part.begin(), part.end());
    }
  }
  void add_loss(const formats::Loss& loss) override { losses_.push_back(loss); }
  void add_synthetic(uint64_t bytes) override { synthetic_ += bytes; }

  uint64_t kernel_offset_ = 0x1000;
};

TEST_F(AuxStreamTest, PiecesFollowEachOther) {
  append(pads(3), 0, 10);
  append(pads(2), 0, 20);
  EXPECT_EQ(packets(), "pad pad pad pad pad");
  EXPECT_EQ(synthetic_, 0u);
  ASSERT_EQ(records_.size(), 2u);
  EXPECT_EQ(records_[0].aux_offset, 0u);
  EXPECT_EQ(records_[1].aux_offset, 3u);
  EXPECT_EQ(records_[1].aux_size, 2u);
  stream_.finish();
  EXPECT_TRUE(losses_.empty());
}

TEST_F(AuxStreamTest, APsbWithTheModeFollowsALoss) {
  append(psb() + mode32() + pads(1), kTruncated, 10);
  append(pads(2), 0, 20);
  EXPECT_EQ(packets(), "psb mode.exec pad psb mode.exec psbend pad pad");
  EXPECT_EQ(synthetic_, 16u + 2 + 2);
  // The record of the second piece has the inserted bytes.
  ASSERT_EQ(records_.size(), 2u);
  EXPECT_EQ(records_[1].aux_offset, 19u);
  EXPECT_EQ(records_[1].aux_size, 20u + 2);
  EXPECT_EQ(written_[19 + 17], pt::kModeExec32);
}

TEST_F(AuxStreamTest, TheHardwaresOwnPsbIsEnough) {
  append(pads(1), kTruncated, 10);
  append(psb(), 0, 20);
  EXPECT_EQ(packets(), "pad psb");
  EXPECT_EQ(synthetic_, 0u);
}

TEST_F(AuxStreamTest, OverflowsOfAPieceAreOneLoss) {
  Packets ovf(pt::kMaxWriteSize);
  ovf.resize(static_cast<size_t>(pt::put_ovf(ovf.data()) - ovf.data()));
  // Bytes of an OVF inside of another packet are none.
  Packets tsc(pt::kMaxWriteSize);
  tsc.resize(
      static_cast<size_t>(pt::put_tsc(tsc.data(), 0xf302f302) - tsc.data()));
  append(psb() + tsc + ovf + pads(1) + tsc + ovf, 0, 10);
  append(tsc + pads(2), 0, 20);
  append(ovf + tsc + psb() + ovf, 0, 30, /*wrap_at=*/1);
  ASSERT_EQ(losses_.size(), 2u);
  EXPECT_EQ(losses_[0].cause, formats::LossCause::kPtOverflow);
  EXPECT_EQ(losses_[0].detail.substr(0, 13), "2 OVF packets");
  EXPECT_EQ(losses_[0].aux_offset, psb().size() + tsc.size());
  EXPECT_EQ(losses_[0].tid, 7u);
  EXPECT_EQ(losses_[0].end_ns, 10u);
  EXPECT_EQ(losses_[1].detail.substr(0, 13), "2 OVF packets");
  EXPECT_EQ(losses_[1].begin_ns, 20u);
  EXPECT_EQ(losses_[1].end_ns, 30u);
}

TEST_F(AuxStreamTest, ALossHasItsTimeSpan) {
  append(pads(1), kTruncated, 10);
  EXPECT_TRUE(losses_.empty());
  append({}, kTruncated, 15);  // still no room
  append(pads(1), 0, 20);
  ASSERT_EQ(losses_.size(), 1u);
  EXPECT_EQ(losses_[0].cause, formats::LossCause::kAuxTruncated);
  EXPECT_EQ(losses_[0].begin_ns, 10u);
  EXPECT_EQ(losses_[0].end_ns, 20u);
  EXPECT_EQ(losses_[0].aux_offset, 1u);
  EXPECT_EQ(losses_[0].tid, 7u);
}

TEST_F(AuxStreamTest, ALossAtTheEndIsTold) {
  append(pads(1), kTruncated, 10);
  stream_.finish();
  ASSERT_EQ(losses_.size(), 1u);
  EXPECT_EQ(losses_[0].end_ns, 0u);
}

TEST_F(AuxStreamTest, APartialPieceIsALossThatNeedsNoPsb) {
  append(pads(1), kPartial, 10);
  append(pads(1), 0, 20);
  EXPECT_EQ(packets(), "pad pad");
  ASSERT_EQ(losses_.size(), 1u);
  EXPECT_NE(losses_[0].detail.find("partial"), std::string::npos);
}

TEST_F(AuxStreamTest, AFullAreaWithoutAFlagIsALoss) {
  append(pads(1), 0, 10);
  stream_.note_full();
  append(pads(1), 0, 20);
  EXPECT_EQ(packets(), "pad psb mode.exec psbend pad");
  EXPECT_EQ(losses_.size(), 1u);
  // The stream itself tells, too.
  ASSERT_EQ(records_.size(), 3u);
  EXPECT_EQ(records_[1].aux_offset, 1u);
  EXPECT_EQ(records_[1].aux_size, 0u);
  EXPECT_EQ(records_[1].flags, kTruncated);
}

TEST_F(AuxStreamTest, FollowsTheModeAcrossTheEndOfTheRing) {
  // The MODE.Exec packet itself is split.
  append(psb() + mode32() + pads(2), kTruncated, 10, /*wrap_at=*/17);
  append(pads(1), 0, 20);
  EXPECT_EQ(written_[20 + 17], pt::kModeExec32);
}

TEST_F(AuxStreamTest, BtsGetsNoPackets) {
  stream_ = AuxStream({.idx = 3, .tid = 7, .is_pt = false}, format(), *this);
  append(pads(24), kTruncated, 10);
  append(pads(24), 0, 20);
  EXPECT_EQ(written_.size(), 48u);
}

}  // namespace
}  // namespace ptcap::capture
