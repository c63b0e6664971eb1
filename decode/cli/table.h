// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Results that are a table: aligned columns for people, tsv, json.

#ifndef PTCAP_DECODE_CLI_TABLE_H_
#define PTCAP_DECODE_CLI_TABLE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "decode/cli/command_line.h"
#include "decode/cli/output.h"

namespace ptcap::decode {

// All rows have the same columns.
class Table {
 public:
  struct Cell {
    const char* name;
    std::string value;
    bool is_text = false;  // quoted in json, to the left in columns
  };
  using Row = std::vector<Cell>;

  // Borrows `out`. Leaves out what --limit or --last does.
  Table(Output& out, const CommandLine& line)
      : out_(out),
        format_(line.format),
        left_(line.limit.value_or(~0ull)),
        last_(line.last) {}

  void put(Row row);
  // Rows of text wait for each other's widths, those of --last for what comes
  // behind them; the last ones until here.
  void finish();

 private:
  // The widths are those of so many rows; wider ones stand out.
  static constexpr size_t kAligned = 10'000;

  void write(Row row);
  void write_waiting();
  void put_tsv(const Row& row);
  void put_json(const Row& row);
  void put_aligned(const Row& row, bool head);

  Output& out_;
  Format format_;
  uint64_t left_;
  std::optional<uint64_t> last_;
  std::deque<Row> newest_;  // at most last_
  bool first_ = true;
  std::vector<Row> waiting_;
  std::vector<size_t> widths_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_TABLE_H_
