// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/table.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "decode/cli/row_printer.h"

namespace ptcap::decode {

void Table::put(Row row) {
  if (left_ == 0) return;
  --left_;
  if (!last_) return write(std::move(row));
  newest_.push_back(std::move(row));
  if (newest_.size() > *last_) newest_.pop_front();
}

void Table::finish() {
  for (Row& row : newest_) write(std::move(row));
  newest_.clear();
  write_waiting();
}

void Table::write(Row row) {
  switch (format_) {
    case Format::kTsv:
      return put_tsv(row);
    case Format::kJson:
      return put_json(row);
    case Format::kText:
      waiting_.push_back(std::move(row));
      if (waiting_.size() == kAligned) write_waiting();
      return;
  }
}

void Table::write_waiting() {
  if (waiting_.empty()) return;
  if (first_) {
    for (const Cell& cell : waiting_.front()) {
      widths_.push_back(std::strlen(cell.name));
    }
  }
  for (const Row& row : waiting_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths_[i] = std::max(widths_[i], row[i].value.size());
    }
  }
  if (first_) {
    Row head = waiting_.front();
    for (Cell& cell : head) cell.value = cell.name;
    put_aligned(head, /*head=*/true);
  }
  first_ = false;
  for (const Row& row : waiting_) put_aligned(row, /*head=*/false);
  waiting_.clear();
}

void Table::put_aligned(const Row& row, bool head) {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) {
    const std::string& value = row[i].value;
    const std::string space(widths_[i] - value.size(), ' ');
    if (i != 0) line += "  ";
    line += row[i].is_text ? value : space + value;
    if (row[i].is_text && i + 1 != row.size()) line += space;
  }
  out_.room();
  if (head) out_.begin(Style::kHead);
  out_.write(line);
  out_.room();
  if (head) out_.end_style();
  out_.put('\n');
}

void Table::put_tsv(const Row& row) {
  std::string names = "#";
  std::string values;
  for (const Cell& cell : row) {
    const char* const tab = &cell == &row.front() ? "" : "\t";
    names.append(tab).append(cell.name);
    values.append(tab).append(cell.value);
  }
  if (first_) out_.write(names + '\n');
  first_ = false;
  out_.write(values + '\n');
}

void Table::put_json(const Row& row) {
  std::string line;
  for (const Cell& cell : row) {
    line += line.empty() ? '{' : ',';
    line += '"' + std::string(cell.name) + "\":";
    line += cell.is_text ? '"' + json_escaped(cell.value) + '"' : cell.value;
  }
  out_.write(line + "}\n");
}

}  // namespace ptcap::decode
