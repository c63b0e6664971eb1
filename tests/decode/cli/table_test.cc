// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/table.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace ptcap::decode {
namespace {

std::string written(Format format, const std::vector<Table::Row>& rows,
                    std::optional<uint64_t> limit = {},
                    std::optional<uint64_t> last = {}) {
  CommandLine line;
  line.format = format;
  line.limit = limit;
  line.last = last;
  const std::string path =
      testing::TempDir() + "/table_test." + std::to_string(getpid());
  {
    Output out({path, /*force=*/true});
    Table table(out, line);
    for (const Table::Row& row : rows) table.put(row);
    table.finish();
    out.flush();
  }
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  std::filesystem::remove(path);
  return text.str();
}

const std::vector<Table::Row> kRows = {
    {{"name", "a", true}, {"count", "12345678"}},
    {{"name", "longer", true}, {"count", "1"}}};

TEST(Table, TextIsAligned) {
  EXPECT_EQ(written(Format::kText, kRows),
            "name       count\n"
            "a       12345678\n"
            "longer         1\n");
}

TEST(Table, TsvHasTheNamesFirst) {
  EXPECT_EQ(written(Format::kTsv, kRows),
            "#name\tcount\n"
            "a\t12345678\n"
            "longer\t1\n");
}

TEST(Table, JsonHasOneObjectALineAndQuotesOnlyText) {
  EXPECT_EQ(written(Format::kJson, kRows),
            "{\"name\":\"a\",\"count\":12345678}\n"
            "{\"name\":\"longer\",\"count\":1}\n");
}

TEST(Table, LimitLeavesTheRestOut) {
  EXPECT_EQ(written(Format::kTsv, kRows, 1), "#name\tcount\na\t12345678\n");
}

TEST(Table, LastLeavesTheFirstOut) {
  EXPECT_EQ(written(Format::kTsv, kRows, {}, 1), "#name\tcount\nlonger\t1\n");
  EXPECT_EQ(written(Format::kText, kRows, {}, 1),
            "name    count\nlonger      1\n");
}

TEST(Table, WithoutRowsThereIsNothing) {
  EXPECT_EQ(written(Format::kText, {}), "");
}

TEST(Table, ManyRowsKeepTheWidthsOfTheFirst) {
  std::vector<Table::Row> rows(10'000, {{"n", "1"}, {"x", "2"}});
  rows.push_back({{"n", "123"}, {"x", "2"}});
  rows.push_back({{"n", "4"}, {"x", "2"}});
  const std::string text = written(Format::kText, rows);
  EXPECT_EQ(text.substr(0, 10), "n  x\n1  2\n");
  EXPECT_EQ(text.substr(text.size() - 14), "123  2\n  4  2\n");
}

}  // namespace
}  // namespace ptcap::decode
