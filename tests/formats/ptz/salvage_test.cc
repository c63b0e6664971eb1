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

}  // namespace
}  // namespace ptcap::formats::testing
