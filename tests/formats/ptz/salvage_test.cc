// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Damage is reported, and the rest is read.

#include <algorithm>
#include <cstring>

#include "formats/io/error.h"
#include "tests/formats/ptz/trace_fixture.h"

namespace ptcap::formats::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Salvage : public TraceTest {
 protected:
  // Frames: header, image, mappings, records, AUX of stream 0, records, AUX of
  // stream 1, ledger, index, seek table.
  void write_small() {
    start();
    const Buffer code = {0x90, 0xc3};
    writer().add_code_mapping({.size = 2, .image = writer().add_image(code)});
    writer().add_record(intel_pt_info_record());
    comm("first");
    aux(0, psb_stretch(1, 200));
    writer().flush();
    comm("second");
    aux(1, psb_stretch(2, 100));
    writer().flush();
  }

  // All that `found` has is in the whole trace, in its order.
  static void expect_part_of(const Content& found, const Content& whole) {
    EXPECT_TRUE(is_subsequence(found.comms, whole.comms));
    for (const auto& [idx, bytes] : found.aux) {
      ASSERT_TRUE(whole.aux.contains(idx));
      EXPECT_TRUE(bytes.empty() || bytes == whole.aux.at(idx));
    }
    EXPECT_LE(found.mappings, whole.mappings);
    EXPECT_LE(found.images, found.mappings);
  }

  // How many of its five parts (two names, two streams, one image) it lacks.
  static size_t missing(const Content& found) {
    size_t parts = found.comms.size() + found.images;
    for (const auto& [idx, bytes] : found.aux) parts += bytes.empty() ? 0 : 1;
    return 5 - parts;
  }

 private:
  static bool is_subsequence(const std::vector<std::string>& part,
                             const std::vector<std::string>& whole) {
    auto at = whole.begin();
    for (const std::string& item : part) {
      at = std::find(at, whole.end(), item);
      if (at == whole.end()) return false;
      ++at;
    }
    return true;
  }
};

TEST_F(Salvage, ATraceThatWasNotFinishedIsRead) {
  write_small();
  abandon();
  EXPECT_EQ(missing(content()), 0u);
  TraceReader& reader = read();
  EXPECT_TRUE(reader.salvaged());
  EXPECT_EQ(reader.ledger(), std::nullopt);
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("no index")));
  ASSERT_THAT(reader.aux_streams()[1].psbs, SizeIs(1));
  EXPECT_EQ(reader.aux_streams()[1].psbs[0].tsc, 2u);
}

TEST_F(Salvage, EveryCutLosesAtMostTheTornFrame) {
  write_small();
  const size_t end_of_data = bytes().size();
  finish();
  const Content whole = content();
  const Buffer all = bytes();
  size_t parts_before = 5;
  for (size_t size = all.size(); size-- > 0;) {
    cut(size);
    if (const std::string error = read_error(); !error.empty()) {
      EXPECT_THAT(error, HasSubstr(path()));
      parts_before = 0;
      continue;
    }
    EXPECT_TRUE(read().salvaged());
    const Content found = content();
    expect_part_of(found, whole);
    const size_t parts = 5 - missing(found);
    EXPECT_TRUE(size < end_of_data || parts == 5) << size;
    // Frame after frame goes; none that was lost comes back.
    EXPECT_LE(parts, parts_before) << size;
    EXPECT_GE(parts + 2, parts_before) << size;
    parts_before = parts;
  }
}

TEST_F(Salvage, EveryFlippedByteLosesAtMostItsFrame) {
  write_small();
  finish();
  const Content whole = content();
  const Buffer all = bytes();
  for (size_t at = 0; at < all.size(); ++at) {
    SCOPED_TRACE(at);
    flip(at);
    ASSERT_EQ(read_error(), "");
    const Content found = content();
    expect_part_of(found, whole);
    // A frame of records, mappings or an image holds at most one part; that
    // of the mapping is needed to find the image.
    EXPECT_LE(missing(found), 1u);
    if (missing(found) > 0) {
      EXPECT_THAT(messages(), ::testing::Not(IsEmpty()));
    }
    set_bytes(all);
  }
}

TEST_F(Salvage, AMissingStretchLosesWhatItTouches) {
  start({.level = 0, .frame_size_bytes = 4096});
  for (uint64_t i = 0; i < 50; ++i) aux(0, psb_stretch(i, 1000));
  finish();
  const Content whole = content();
  drop(bytes().size() / 2, 10'000);
  const Content found = content();
  EXPECT_TRUE(read().salvaged());
  EXPECT_GT(found.aux.at(0).size(), whole.aux.at(0).size() - 20'000);
  EXPECT_LE(found.aux.at(0).size(), whole.aux.at(0).size() - 10'000);
  EXPECT_THAT(messages(), ::testing::Contains(HasSubstr("passed over")));
}

TEST_F(Salvage, AGapIsWhereADamagedFrameIs) {
  start({.level = 0, .frame_size_bytes = 4096});
  Buffer all;
  for (uint64_t i = 0; i < 10; ++i) {
    const Buffer stretch = psb_stretch(i, 2998);
    all.insert(all.end(), stretch.begin(), stretch.end());
  }
  aux(0, all);
  finish();
  flip(bytes().size() / 2);
  TraceReader& reader = read();
  EXPECT_FALSE(reader.salvaged());  // nobody has read the frame yet
  const AuxStream& stream = reader.aux_streams()[0];
  Buffer part(all.size());
  const uint64_t before = reader.read_aux(stream, 0, part);
  EXPECT_TRUE(std::equal(part.begin(), part.begin() + before, all.begin()));
  EXPECT_TRUE(reader.salvaged());
  EXPECT_THAT(messages(), ElementsAre(HasSubstr("checksum")));
  // From the next piece on all is there, and the damage is said once.
  const auto damaged = std::find_if(
      stream.pieces.begin(), stream.pieces.end(),
      [&](const AuxPiece& piece) { return piece.offset == before; });
  ASSERT_NE(damaged, stream.pieces.end());
  const uint64_t next = before + damaged->size;
  EXPECT_EQ(reader.read_aux(stream, next, part), all.size() - next);
  EXPECT_EQ(reader.read_aux(stream, before, part), 0u);
  EXPECT_THAT(messages(), SizeIs(1));
}

TEST_F(Salvage, AnImageInADamagedFileIsNotTakenForRecords) {
  // An image whose bytes are a trace: a search for frames must not go in.
  start();
  comm("inner");
  finish();
  const Buffer inner = bytes();
  start();
  comm("outer");
  writer().add_code_mapping({.image = writer().add_image(inner)});
  const size_t end = bytes().size();
  finish();
  EXPECT_EQ(content().images, 1u);
  flip(end - 9);  // in the image's frame
  drop(bytes().size() - 5, 5);
  const Content found = content();
  EXPECT_THAT(found.comms, ElementsAre("outer"));
  EXPECT_EQ(found.images, 0u);
}

TEST_F(Salvage, TwoTracesJoinedAreBothRead) {
  start();
  comm("one");
  finish();
  const Buffer first = bytes();
  start();
  comm("two");
  finish();
  Buffer both = first;
  const Buffer second = bytes();
  both.insert(both.end(), second.begin(), second.end());
  set_bytes(both);
  EXPECT_THAT(content().comms, ElementsAre("one", "two"));
  EXPECT_TRUE(read().salvaged());
}

}  // namespace
}  // namespace ptcap::formats::testing
