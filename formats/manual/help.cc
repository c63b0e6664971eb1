// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include <algorithm>
#include <sstream>

#include "formats/manual/program_doc.h"

namespace ptcap::formats {

namespace {

constexpr size_t kWidth = 80;
constexpr size_t kMaxLeft = 28;  // a longer one has a line of its own

struct Row {
  std::string left, right;
};

// Fills lines up to kWidth with the words of `text`, from column `indent` on,
// where the first line already is.
void wrap(const std::string& text, size_t indent, std::string& out) {
  std::istringstream words(text);
  size_t column = indent;
  for (std::string word; words >> word;) {
    if (column > indent && column + 1 + word.size() > kWidth) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  out += '\n';
}

std::string two_columns(const std::vector<Row>& rows) {
  size_t left = 0;
  for (const Row& row : rows) {
    if (row.left.size() <= kMaxLeft) left = std::max(left, row.left.size());
  }
  const size_t indent = left + 4;
  std::string text;
  for (const Row& row : rows) {
    text += "  " + row.left;
    if (row.left.size() <= kMaxLeft) {
      text.append(indent - 2 - row.left.size(), ' ');
    } else {
      text += '\n' + std::string(indent, ' ');
    }
    wrap(row.right, indent, text);
  }
  return text;
}

}  // namespace

std::string option_synopsis(const OptionDoc& option) {
  std::string text;
  if (option.letter != 0) text = {'-', option.letter, ',', ' '};
  text += "--" + option.name;
  if (option.argument.empty()) return text;
  if (option.argument_optional) return text + "[=" + option.argument + "]";
  return text + " " + option.argument;
}

std::string help_options(std::span<const OptionDoc> options) {
  std::vector<Row> rows;
  for (const OptionDoc& option : options) {
    const std::string before = option.letter == 0 ? "    " : "";
    rows.push_back({before + option_synopsis(option), option.summary});
  }
  return two_columns(rows);
}

std::string help_commands(std::span<const CommandDoc> commands) {
  std::vector<Row> rows;
  for (const CommandDoc& command : commands) {
    rows.push_back({command.name, command.summary});
  }
  return two_columns(rows);
}

}  // namespace ptcap::formats
