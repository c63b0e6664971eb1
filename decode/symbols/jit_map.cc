// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/jit_map.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "decode/symbols/escape.h"
#include "formats/io/regular_file.h"

namespace ptcap::decode {
namespace {

// A big JavaScript program's map has 10 MB.
constexpr uint64_t kMaxMapBytes = 256 << 20;

std::optional<uint64_t> take_hex(std::string_view& line) {
  uint64_t value = 0;
  const char* end = line.data() + line.size();
  auto [rest, error] = std::from_chars(line.data(), end, value, 16);
  if (error != std::errc() || rest == end || *rest != ' ') return std::nullopt;
  line.remove_prefix(static_cast<size_t>(rest - line.data()) + 1);
  return value;
}

std::optional<JitFunction> parse_line(std::string_view line) {
  std::optional<uint64_t> address = take_hex(line);
  std::optional<uint64_t> size = address ? take_hex(line) : std::nullopt;
  if (!size || *size == 0 || *size > ~*address || line.empty())
    return std::nullopt;
  return JitFunction{*address, *size, escape_text(line)};
}

using ByAddress = std::map<uint64_t, JitFunction>;

// Takes away what `function` covers; parts before and behind it stay.
void cut_out(ByAddress& functions, const JitFunction& function) {
  const uint64_t begin = function.address, end = begin + function.size;
  auto it = functions.lower_bound(begin);
  if (it != functions.begin()) --it;
  while (it != functions.end() && it->first < end) {
    JitFunction old = it->second;
    const uint64_t old_end = old.address + old.size;
    if (old_end <= begin) {
      ++it;
      continue;
    }
    it = functions.erase(it);
    if (old_end > end) {
      JitFunction tail{end, old_end - end, old.name};
      it = functions.emplace(end, std::move(tail)).first;
    }
    if (old.address < begin) {
      old.size = begin - old.address;
      functions.emplace(old.address, std::move(old));
    }
  }
}

}  // namespace

JitMap::JitMap(std::string_view text) {
  ByAddress functions;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::optional<JitFunction> function = parse_line(line);
    if (!function) continue;
    cut_out(functions, *function);
    functions.insert_or_assign(function->address, std::move(*function));
  }
  functions_.reserve(functions.size());
  for (auto& [address, function] : functions)
    functions_.push_back(std::move(function));
}

JitMap JitMap::read(const std::string& path) {
  try {
    formats::RegularFile file(path);
    if (file.size_bytes() > kMaxMapBytes || !file.is_trusted())
      return JitMap({});
    std::string text(file.size_bytes(), '\0');
    text.resize(
        file.read(0, {reinterpret_cast<uint8_t*>(text.data()), text.size()}));
    return JitMap(text);
  } catch (const std::system_error&) {
    return JitMap({});
  }
}

const JitFunction* JitMap::find(uint64_t address) const {
  auto after = std::upper_bound(
      functions_.begin(), functions_.end(), address,
      [](uint64_t a, const JitFunction& f) { return a < f.address; });
  if (after == functions_.begin()) return nullptr;
  const JitFunction& function = *std::prev(after);
  return address - function.address < function.size ? &function : nullptr;
}

}  // namespace ptcap::decode
