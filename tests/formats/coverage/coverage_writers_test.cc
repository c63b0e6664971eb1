// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/coverage/coverage_writers.h"

#include <gtest/gtest.h>

namespace ptcap::formats {
namespace {

CoverageData two_blocks() {
  CoverageData data;
  data.modules = {{.path = "/bin/a",
                   .base = 0x400000,
                   .size = 0x2000,
                   .image_base = 0x400000}};
  data.blocks[{{0, 0x10}, 4}] = {.size = 4, .ninsn = 2, .count = 3};
  data.blocks[{{0, 0x20}, 6}] = {.size = 6, .ninsn = 1, .count = 1};
  data.edges[{{0, 0x12}, {0, 0x20}}] = 5;
  return data;
}

TEST(CoverageWriters, DrcovHasModulesThenBlocks) {
  const std::string file = write_drcov(two_blocks());
  const std::string blocks("\x10\0\0\0\x04\0\0\0\x20\0\0\0\x06\0\0\0", 16);
  EXPECT_EQ(file,
            "DRCOV VERSION: 2\n"
            "DRCOV FLAVOR: ptdec\n"
            "Module Table: version 2, count 1\n"
            "Columns: id, base, end, entry, checksum, timestamp, path\n"
            "  0, 0x0000000000400000, 0x0000000000402000, 0x0000000000000000, "
            "0x00000000, 0x00000000, /bin/a\n"
            "BB Table: 2 bbs\n" +
                blocks);
}

TEST(CoverageWriters, SancovHasTheFilesOwnAddresses) {
  const std::string expected(
      "\x64\xff\xff\xff\xff\xff\xbf\xc0"
      "\x10\0\x40\0\0\0\0\0"
      "\x20\0\x40\0\0\0\0\0",
      24);
  EXPECT_EQ(write_sancov(two_blocks(), 0), expected);
}

TEST(CoverageWriters, LcovCountsLinesAndFunctions) {
  LineCoverage lines;
  lines.files["a.c"].lines = {{3, 7}, {4, 0}};
  lines.files["a.c"].functions = {{"f", 2, 7}, {"g", 9, 0}};
  EXPECT_EQ(write_lcov(lines),
            "TN:\nSF:a.c\nFN:2,f\nFN:9,g\nFNDA:7,f\nFNDA:0,g\nFNF:2\nFNH:1\n"
            "DA:3,7\nDA:4,0\nLF:2\nLH:1\nend_of_record\n");
}

// afl-showmap's table: count_class_human in afl-showmap.c.
TEST(CoverageWriters, AflClassesAreThoseOfShowmap) {
  const std::pair<int, int> expected[] = {
      {0, 0},  {1, 1},  {2, 2},  {3, 3},  {4, 4},   {7, 4},   {8, 5},
      {15, 5}, {16, 6}, {31, 6}, {32, 7}, {127, 7}, {128, 8}, {255, 8}};
  for (const auto& [hits, klass] : expected) {
    EXPECT_EQ(afl_class(static_cast<uint8_t>(hits)), klass) << hits;
  }
}

TEST(CoverageWriters, AflMapSaturates) {
  CoverageData data = two_blocks();
  const size_t index = edge_hash(EdgeHash::kQemu, 0x12, 0x20);
  EXPECT_EQ(afl_map(data, EdgeHash::kQemu)[index], 5);
  data.edges[{{0, 0x12}, {0, 0x20}}] = 1000;
  EXPECT_EQ(afl_map(data, EdgeHash::kQemu)[index], 255);
  EXPECT_NE(edge_hash(EdgeHash::kQemu, 0x12, 0x20),
            edge_hash(EdgeHash::kQemu, 0x20, 0x12));
}

}  // namespace
}  // namespace ptcap::formats
