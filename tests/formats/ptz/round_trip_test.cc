// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What is written is read.

#include <algorithm>
#include <atomic>
#include <thread>

#include "formats/perf/record_builder.h"
#include "formats/pt/packet.h"
#include "formats/ptz/frame_map.h"
#include "tests/formats/ptz/trace_fixture.h"

namespace ptcap::formats::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using RoundTrip = TraceTest;

Buffer joined(const std::vector<Buffer>& parts) {
  Buffer all;
  for (const Buffer& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

TEST_F(RoundTrip, EmptyTrace) {
  start();
  finish();
  const Content found = content();
  EXPECT_THAT(found.comms, IsEmpty());
  EXPECT_THAT(found.aux, IsEmpty());
  EXPECT_THAT(messages(), IsEmpty());
  EXPECT_FALSE(read().salvaged());
  ASSERT_TRUE(read().ledger());
  EXPECT_EQ(read().ledger()->produced_bytes, 0u);
}

TEST_F(RoundTrip, RecordsKeepTheirOrder) {
  start({.frame_size_bytes = 4096});
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) {
    names.push_back("name" + std::to_string(i));
    comm(names.back());
  }
  finish();
  EXPECT_EQ(content().comms, names);
  EXPECT_THAT(messages(), IsEmpty());
}

TEST_F(RoundTrip, AuxOfSeveralStreams) {
  start();
  const Buffer first = psb_stretch(7, 1001);
  const Buffer second = psb_stretch(8, 50);
  const Buffer third = psb_stretch(9, 3);
  aux(0, first);
  aux(5, second);
  aux(0, third);
  finish();
  const Content found = content();
  EXPECT_EQ(found.aux.at(0), joined({first, third}));
  EXPECT_EQ(found.aux.at(5), second);
  const auto streams = read().aux_streams();
  ASSERT_EQ(streams.size(), 2u);
  EXPECT_EQ(streams[0].idx, 0u);
  EXPECT_EQ(streams[0].tid, 100u);
  EXPECT_EQ(streams[0].cpu, ~0u);
  ASSERT_EQ(streams[0].psbs.size(), 2u);
  EXPECT_EQ(streams[0].psbs[0].tsc, 7u);
  EXPECT_EQ(streams[0].psbs[1].tsc, 9u);
  EXPECT_EQ(streams[0].psbs[1].offset, first.size());
}

TEST_F(RoundTrip, AuxIsReadAtAnyOffset) {
  start({.frame_size_bytes = 4096});
  Buffer all;
  for (uint64_t i = 0; i < 40; ++i) all = joined({all, psb_stretch(i, 999)});
  aux(3, all);
  finish();
  TraceReader& reader = read();
  const AuxStream& stream = reader.aux_streams()[0];
  EXPECT_GT(stream.pieces.size(), 8u);
  for (size_t offset = 0; offset < all.size(); offset += 977) {
    Buffer part(5000);
    part.resize(reader.read_aux(stream, offset, part));
    const size_t size = std::min<size_t>(5000, all.size() - offset);
    ASSERT_EQ(part.size(), size);
    EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + offset));
  }
  Buffer none(10);
  EXPECT_EQ(reader.read_aux(stream, all.size(), none), 0u);
}

TEST_F(RoundTrip, FramesAreCutAtPsbs) {
  start({.frame_size_bytes = 8192});
  for (uint64_t i = 0; i < 40; ++i) aux(0, psb_stretch(i, 1000));
  finish();
  TraceReader& reader = read();
  const AuxStream& stream = reader.aux_streams()[0];
  ASSERT_EQ(stream.psbs.size(), 40u);
  for (const AuxPiece& piece : stream.pieces) {
    EXPECT_TRUE(std::any_of(
        stream.psbs.begin(), stream.psbs.end(),
        [&](const PsbEntry& psb) { return psb.offset == piece.offset; }))
        << piece.offset;
  }
}

TEST_F(RoundTrip, WithoutPsbFramesAreCutAtWholeWords) {
  start({.frame_size_bytes = 4096});
  const Buffer all(100001, 0x04);
  aux(0, all);
  finish();
  EXPECT_EQ(content().aux.at(0), all);
  const auto& pieces = read().aux_streams()[0].pieces;
  EXPECT_GT(pieces.size(), 20u);
  for (const AuxPiece& piece : pieces) EXPECT_EQ(piece.offset % 8, 0u);
}

TEST_F(RoundTrip, BothSlicesOfARing) {
  start();
  const Buffer bytes = psb_stretch(1, 100);
  writer().add_aux({.idx = 1,
                    .data1 = Bytes(bytes).first(41),
                    .data2 = Bytes(bytes).subspan(41)});
  finish();
  EXPECT_EQ(content().aux.at(1), bytes);
}

TEST_F(RoundTrip, AHoleIsBetweenPieces) {
  start();
  const Buffer bytes = psb_stretch(1, 100);
  writer().add_aux({.idx = 0, .offset = 0, .data1 = bytes});
  writer().add_aux({.idx = 0, .offset = 5000, .data1 = bytes});
  finish();
  TraceReader& reader = read();
  const auto& pieces = reader.aux_streams()[0].pieces;
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].size, bytes.size());
  EXPECT_EQ(pieces[1].offset, 5000u);
  Buffer part(10000);
  EXPECT_EQ(reader.read_aux(reader.aux_streams()[0], 0, part), bytes.size());
  EXPECT_EQ(reader.read_aux(reader.aux_streams()[0], 3000, part), 0u);
  EXPECT_EQ(reader.ledger()->produced_bytes, 5000 + bytes.size());
  EXPECT_EQ(reader.ledger()->written_bytes, 2 * bytes.size());
}

TEST_F(RoundTrip, ChunksThatGoBackAreRefused) {
  start();
  const Buffer bytes = psb_stretch(1, 100);
  writer().add_aux({.idx = 0, .offset = 100, .data1 = bytes});
  EXPECT_THROW(writer().add_aux({.idx = 0, .offset = 99, .data1 = bytes}),
               std::invalid_argument);
}

TEST_F(RoundTrip, ImagesAreStoredOnce) {
  start();
  Buffer code(3'000'000);
  for (size_t i = 0; i < code.size(); ++i) {
    code[i] = static_cast<uint8_t>(i * i >> 7);
  }
  const ImageId id = writer().add_image(code);
  const uint64_t size = writer().bytes_written();
  EXPECT_EQ(writer().add_image(code), id);
  EXPECT_EQ(writer().bytes_written(), size);
  const ImageId empty = writer().add_image({});
  finish();
  EXPECT_EQ(read().image(id), code);
  EXPECT_EQ(read().image_size(id), code.size());
  EXPECT_EQ(read().image(empty), Buffer());
  EXPECT_EQ(read().image(ImageId{}), std::nullopt);
  EXPECT_THAT(messages(), IsEmpty());
}

TEST_F(RoundTrip, CodeMappings) {
  start();
  const Buffer code = {0x90, 0xc3};
  const CodeMapping mapping = {.pid = 42,
                               .aux_idx = 3,
                               .aux_offset = 77,
                               .time_ns = 123456789012,
                               .address = 0x7fff00001000,
                               .size = 2,
                               .image = writer().add_image(code),
                               .image_offset = 0,
                               .name = "//anon"};
  writer().add_code_mapping(mapping);
  writer().add_code_mapping({});
  finish();
  EXPECT_THAT(read().code_mappings(), ElementsAre(mapping, CodeMapping{}));
}

TEST_F(RoundTrip, LedgerAddsUp) {
  start();
  std::vector<Loss> losses;
  for (uint64_t i = 0; i < 5000; ++i) {
    losses.push_back({.cause = LossCause::kPtOverflow,
                      .idx = 1,
                      .aux_offset = i,
                      .bytes = 1,
                      .detail = "overflow " + std::to_string(i)});
    writer().add_loss(losses.back());
  }
  aux(1, psb_stretch(1, 74));
  writer().add_synthetic(26);
  finish();
  const auto ledger = read().ledger();
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->losses, losses);
  EXPECT_EQ(ledger->written_bytes, 74u);
  EXPECT_EQ(ledger->synthetic_bytes, 26u);
  EXPECT_EQ(ledger->produced_bytes, 74u);
}

TEST_F(RoundTrip, KindsUnknownToPerfAreKept) {
  Buffer record = comm_record("later");
  record[0] = 200;
  start();
  comm("one");
  writer().add_record(record);
  finish();
  EXPECT_THAT(content().comms, ElementsAre("one"));
  EXPECT_THAT(content().other_types, ElementsAre(200u));
}

TEST_F(RoundTrip, RecordsThatLieAboutTheirSizeAreRefused) {
  start();
  Buffer record = comm_record("x");
  record[6] += 8;
  EXPECT_THROW(writer().add_record(record), std::invalid_argument);
}

TEST_F(RoundTrip, EachLevelReadsBack) {
  const Buffer bytes = psb_stretch(1, 300'000);
  for (const int level : {-5, 0, 1, 3, 19}) {
    start({.level = level, .frame_size_bytes = 1 << 18});
    comm("at level");
    aux(0, bytes);
    finish();
    EXPECT_EQ(content().aux.at(0), bytes) << level;
    EXPECT_THAT(content().comms, ElementsAre("at level"));
    EXPECT_THAT(messages(), IsEmpty());
  }
}

TEST_F(RoundTrip, ThreadsGiveTheSameFile) {
  Buffer alone;
  for (const unsigned threads : {0u, 1u, 3u}) {
    start({.frame_size_bytes = 1 << 14, .threads = threads});
    for (uint64_t i = 0; i < 200; ++i) {
      comm("record " + std::to_string(i));
      aux(static_cast<uint32_t>(i % 3), psb_stretch(i, 1000 + 40 * i));
      if (i == 50) writer().set_level(0);
      if (i == 100) writer().set_level(3);
      if (i % 64 == 0) writer().flush();
    }
    finish();
    if (threads == 0) alone = bytes();
    EXPECT_EQ(bytes(), alone) << threads;
  }
}

TEST_F(RoundTrip, WithThreadsAFlushLeavesNothingBehind) {
  start({.frame_size_bytes = 1 << 14, .threads = 2});
  comm("one");
  aux(0, psb_stretch(1, 100'000));
  writer().flush();
  abandon();
  EXPECT_EQ(content().aux.at(0), psb_stretch(1, 100'000));
}

TEST_F(RoundTrip, ManyIndexFramesAreOne) {
  start({.level = 0, .frame_size_bytes = 1 << 20});
  // Nothing but PSBs: the largest index that AUX data can have.
  Buffer psbs((1 << 16) * pt::kPsbSize);
  for (size_t i = 0; i < psbs.size(); i += 2) {
    psbs[i] = 0x02;
    psbs[i + 1] = 0x82;
  }
  for (int i = 0; i < 12; ++i) aux(0, psbs);
  finish();
  TraceReader& reader = read();
  EXPECT_FALSE(reader.salvaged());
  EXPECT_EQ(reader.aux_streams()[0].psbs.size(), 12 * (1u << 16));
  EXPECT_THAT(messages(), IsEmpty());
}

TEST_F(RoundTrip, TenThousandStreamsStayBelowTheLimit) {
  start({.buffer_limit_bytes = 8 << 20});
  std::map<uint32_t, Buffer> expected;
  for (uint64_t round = 0; round < 4; ++round) {
    for (uint32_t idx = 0; idx < 10'000; ++idx) {
      const Buffer bytes = psb_stretch(idx + round, 300);
      aux(idx, bytes);
      if (idx % 1000 == 0) {
        expected[idx] = joined({expected[idx], bytes});
      }
    }
  }
  // What exceeded the limit has been written by now.
  EXPECT_GT(writer().bytes_written(), 1u << 20);
  finish();
  TraceReader& reader = read();
  EXPECT_EQ(reader.aux_streams().size(), 10'000u);
  const Content found = read_content(reader);
  for (const auto& [idx, bytes] : expected) EXPECT_EQ(found.aux.at(idx), bytes);
}

TEST_F(RoundTrip, SeveralThreadsReadOneTrace) {
  start({.frame_size_bytes = 8192});
  Buffer all;
  for (uint64_t i = 0; i < 100; ++i) all = joined({all, psb_stretch(i, 1000)});
  aux(0, all);
  finish();
  TraceReader& reader = read();
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const AuxStream& stream = reader.aux_streams()[0];
      Buffer found(all.size());
      reader.read_aux(stream, 0, found);
      right += found == all ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 4);
}

TEST_F(RoundTrip, FramesSayWhenTheirRecordsWereMade) {
  abi::perf_event_attr attr = {};
  attr.sample_type = abi::bits(abi::SampleType::kTime);
  attr.sample_id_all = 1;
  Buffer head;
  append_header_attr(head, attr, {});
  start();
  writer().add_record(head);
  for (const uint64_t time : {300, 100, 200}) {
    Buffer record;
    RecordBuilder(RecordFormat::of(attr))
        .append(record, CommRecord{.comm = "c"}, {.time = time});
    writer().add_record(record);
  }
  finish();
  const auto map = ptz::load_frame_map(InputFile(path()));
  ASSERT_TRUE(map);
  const auto frame = std::find_if(
      map->frames.begin(), map->frames.end(),
      [](const auto& f) { return f.kind == ptz::FrameKind::kRecords; });
  ASSERT_NE(frame, map->frames.end());
  EXPECT_EQ(frame->records.first_ns, 100u);
  EXPECT_EQ(frame->records.last_ns, 300u);
}

TEST_F(RoundTrip, AnEndedStreamIsWhole) {
  start();
  const Buffer bytes = psb_stretch(1, 100);
  aux(4, bytes);
  writer().end_stream(4);
  const uint64_t size = writer().bytes_written();
  EXPECT_GT(size, bytes.size() / 8);
  finish();
  EXPECT_EQ(content().aux.at(4), bytes);
}

}  // namespace
}  // namespace ptcap::formats::testing
