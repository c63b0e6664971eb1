// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/address_filter.h"

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "capture/error.h"
#include "formats/elf/elf_file.h"
#include "formats/elf/function_table.h"
#include "formats/io/error.h"

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

// "main#2": the name, and which of several.
struct FunctionName {
  std::string name;
  size_t which = 0;  // 0: the only one
};
FunctionName parse_function_name(const std::string& text) {
  const size_t hash = text.rfind('#');
  if (hash == std::string::npos) return {text, 0};
  size_t which = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] =
      std::from_chars(text.data() + hash + 1, end, which);
  if (error != std::errc() || stop != end || which == 0) return {text, 0};
  return {text.substr(0, hash), which};
}

std::string hex(uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof(text), "0x%llx",
                static_cast<unsigned long long>(value));
  return text;
}

struct Range {
  uint64_t begin = 0, end = 0;
};

// Up to five names that hold what was asked for, or the other way round.
std::string similar_names(const formats::FunctionTable& table,
                          const std::string& name) {
  std::string list;
  int count = 0;
  for (const auto& function : table.functions()) {
    if (function.name.find(name) == std::string_view::npos) continue;
    list += (list.empty() ? "" : ", ") + std::string(function.name);
    if (++count == 5) break;
  }
  return list.empty() ? "" : "\n  similar: " + list;
}

// Functions of one file.
class FileRanges {
 public:
  explicit FileRanges(const std::string& path)
      : path_(path), elf_(open(path)), table_(elf_) {}

  Range function(const std::string& text) const {
    const auto [name, which] = parse_function_name(text);
    const auto found = table_.find(std::string_view(name));
    if (found.empty()) {
      throw UsageError("--filter: " + path_ + " has no function " + name +
                       similar_names(table_, name));
    }
    if (which > found.size() || (which == 0 && found.size() > 1)) {
      fail_ambiguous(name, found);
    }
    const auto* function = found[which == 0 ? 0 : which - 1];
    const auto offset = elf_.offset_of_address(function->address);
    if (!offset) {
      throw UsageError("--filter: " + path_ + " holds no bytes of " + name);
    }
    return {*offset, *offset + std::max<uint64_t>(function->size, 1)};
  }

  Range whole() const { return {0, elf_.size_bytes()}; }

 private:
  static formats::ElfFile open(const std::string& path) {
    try {
      return formats::ElfFile(path);
    } catch (const std::exception& error) {
      throw CaptureError(std::string("--filter: ") + error.what());
    }
  }

  [[noreturn]] void fail_ambiguous(
      const std::string& name,
      const std::vector<const formats::ElfFunction*>& found) const {
    std::string list;
    for (size_t i = 0; i < found.size(); ++i) {
      list += (i == 0 ? "" : ", ") + name + "#" + std::to_string(i + 1) +
              " at " + hex(found[i]->address);
    }
    throw UsageError("--filter: " + path_ + " has " +
                     std::to_string(found.size()) + " functions " + name +
                     "\n  say which: " + list);
  }

  std::string path_;
  formats::ElfFile elf_;
  formats::FunctionTable table_;
};

std::string absolute_path(const std::string& path) {
  char resolved[PATH_MAX];
  if (!::realpath(path.c_str(), resolved)) {
    throw CaptureError(system_message("--filter: " + path, errno));
  }
  return resolved;
}

// START and SIZE or END, all of them numbers or functions of `ranges`.
Range resolve_range(const FilterClause& clause, const FileRanges& ranges) {
  if (clause.start == "*") return ranges.whole();
  Range range;
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
Range kernel_range(const FilterClause& clause) {
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
    Range range;
    if (clause.file.empty()) {
      range = kernel_range(clause);
    } else {
      file = absolute_path(clause.file);
      range = resolve_range(clause, FileRanges(file));
    }
    if (range.end <= range.begin) {
      throw UsageError("--filter: the range from " + clause.start +
                       " is empty\n  give its size: 'filter " + clause.start +
                       "/0x100'");
    }
    text += (text.empty() ? "" : ",") +
            std::string(kernel_action(clause.action)) + " " + hex(range.begin) +
            "/" + hex(range.end - range.begin);
    if (!file.empty()) text += "@" + file;
  }
  return text;
}

}  // namespace ptcap::capture
