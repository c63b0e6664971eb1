// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/address_filter.h"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "capture/error.h"
#include "capture/hardware/function_file.h"
#include "formats/io/hex.h"

namespace ptcap::capture {
namespace {

constexpr const char* kSyntax =
    "\n  filter|tracestop FUNCTION [/ SIZE or LAST-FUNCTION] [@ FILE], e.g. "
    "'filter main @ ./app'";

// Words, with "/" and "@" as words of their own.
std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool open = false;
  for (const char c : text) {
    if (c == ' ' || c == ',' || c == '\t') {
      open = false;
      continue;
    }
    // A slash is a separator before the file only: paths have slashes, too.
    const bool after_at = !words.empty() && words.back() == "@";
    const bool in_file =
        open && words.size() >= 2 && words[words.size() - 2] == "@";
    const bool separator = c == '@' || (c == '/' && !after_at && !in_file);
    if (separator) {
      words.emplace_back(1, c);
      open = false;
    } else if (open) {
      words.back() += c;
    } else {
      words.emplace_back(1, c);
      open = true;
    }
  }
  return words;
}

std::optional<uint64_t> parse_address(const std::string& text) {
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  char* end = nullptr;
  const uint64_t value = std::strtoull(text.c_str(), &end, 0);
  return *end == '\0' ? std::optional(value) : std::nullopt;
}

std::string absolute_path(const std::string& path) {
  char resolved[PATH_MAX];
  if (!::realpath(path.c_str(), resolved)) {
    throw CaptureError(system_message("--filter: " + path, errno));
  }
  return resolved;
}

// START and SIZE or END, all of them numbers or functions of `ranges`.
FileRange resolve_range(const FilterClause& clause,
                        const FunctionFile& ranges) {
  if (clause.start == "*") return ranges.whole();
  FileRange range;
  if (const auto number = parse_address(clause.start)) {
    range = {*number, *number};
  } else {
    range = ranges.function(clause.start);
  }
  if (clause.size_or_end.empty()) return range;
  if (const auto size = parse_address(clause.size_or_end)) {
    range.end = range.begin + *size;
  } else {
    range.end = ranges.function(clause.size_or_end).end;
  }
  return range;
}

// Without a file: addresses in the kernel.
FileRange kernel_range(const FilterClause& clause) {
  const auto start = parse_address(clause.start);
  const auto size = parse_address(clause.size_or_end);
  if (!start || !size) {
    throw UsageError(
        "--filter: in the kernel, give the address and size as numbers "
        "(sudo grep NAME /proc/kallsyms), or a file after '@'");
  }
  return {*start, *start + *size};
}

// The kernel's word for it: "stop" with a range is TraceStop.
std::string_view kernel_action(const std::string& action) {
  return action == "tracestop" ? "stop" : "filter";
}

void check_action(const std::string& action) {
  if (action == "filter" || action == "tracestop") return;
  if (action == "start" || action == "stop") {
    throw UsageError("--filter: " + action +
                     ": Intel PT has ranges only, no single addresses that "
                     "start or stop it\n  'filter' traces a range, "
                     "'tracestop' stops for good when one is reached");
  }
  throw UsageError("--filter: '" + action + "' is no action" + kSyntax);
}

}  // namespace

std::vector<FilterClause> parse_filter(std::string_view expression) {
  const std::vector<std::string> words = split_words(expression);
  std::vector<FilterClause> clauses;
  size_t at = 0;
  const auto take = [&](const char* what) {
    if (at == words.size() || words[at] == "/" || words[at] == "@") {
      throw UsageError(std::string("--filter: a ") + what + " is missing" +
                       kSyntax);
    }
    return words[at++];
  };
  while (at < words.size()) {
    FilterClause clause;
    clause.action = take("action");
    check_action(clause.action);
    clause.start = take("function or address");
    if (at < words.size() && words[at] == "/") {
      ++at;
      clause.size_or_end = take("size or last function");
    }
    if (at < words.size() && words[at] == "@") {
      ++at;
      clause.file = take("file");
    }
    clauses.push_back(std::move(clause));
  }
  if (clauses.empty()) {
    throw UsageError(std::string("--filter: it is empty") + kSyntax);
  }
  return clauses;
}

std::string resolve_filter(const std::vector<FilterClause>& clauses) {
  std::string text;
  for (const FilterClause& clause : clauses) {
    std::string file;
    FileRange range;
    if (clause.file.empty()) {
      range = kernel_range(clause);
    } else {
      file = absolute_path(clause.file);
      range = resolve_range(clause, FunctionFile("--filter", file));
    }
    if (range.end <= range.begin) {
      throw UsageError("--filter: the range from " + clause.start +
                       " is empty\n  give its size: 'filter " + clause.start +
                       "/0x100'");
    }
    text += (text.empty() ? "" : ",") +
            std::string(kernel_action(clause.action)) + " 0x" +
            formats::hex(range.begin) + "/0x" +
            formats::hex(range.end - range.begin);
    if (!file.empty()) text += "@" + file;
  }
  return text;
}

}  // namespace ptcap::capture
