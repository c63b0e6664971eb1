// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/function_file.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/error.h"
#include "formats/io/hex.h"
#include "formats/manual/closest.h"

namespace ptcap::capture {
namespace {

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
  if (!list.empty()) return "\n  similar: " + list;
  std::vector<std::string_view> names;
  for (const auto& function : table.functions()) {
    names.push_back(function.name);
  }
  return formats::did_you_mean(name, names);
}

formats::ElfFile open(const std::string& option, const std::string& path) {
  try {
    return formats::ElfFile(path);
  } catch (const std::exception& error) {
    throw CaptureError(option + ": " + error.what());
  }
}

}  // namespace

FunctionFile::FunctionFile(std::string option, const std::string& path)
    : option_(std::move(option)),
      path_(path),
      elf_(open(option_, path)),
      table_(elf_) {}

FileRange FunctionFile::function(const std::string& text) const {
  const auto [name, which] = parse_function_name(text);
  const auto found = table_.find(std::string_view(name));
  if (found.empty()) {
    throw UsageError(option_ + ": " + path_ + " has no function " + name +
                     similar_names(table_, name));
  }
  if (which > found.size() || (which == 0 && found.size() > 1)) {
    fail_ambiguous(name, found);
  }
  const auto* function = found[which == 0 ? 0 : which - 1];
  const auto offset = elf_.offset_of_address(function->address);
  if (!offset) {
    throw UsageError(option_ + ": " + path_ + " holds no bytes of " + name);
  }
  return {*offset, *offset + std::max<uint64_t>(function->size, 1)};
}

void FunctionFile::fail_ambiguous(
    const std::string& name,
    const std::vector<const formats::ElfFunction*>& found) const {
  std::string list;
  for (size_t i = 0; i < found.size(); ++i) {
    list += (i == 0 ? "" : ", ") + name + "#" + std::to_string(i + 1) +
            " at 0x" + formats::hex(found[i]->address);
  }
  throw UsageError(option_ + ": " + path_ + " has " +
                   std::to_string(found.size()) + " functions " + name +
                   "\n  say which: " + list);
}

}  // namespace ptcap::capture
