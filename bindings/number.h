// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Whole strings as numbers, for the small files of sysfs and tracefs.

#ifndef PTCAP_BINDINGS_NUMBER_H_
#define PTCAP_BINDINGS_NUMBER_H_

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ptcap::bindings {

// Decimal, or hexadecimal after "0x". nullopt unless all of `text` is one.
inline std::optional<uint64_t> parse_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

struct NumberRange {
  uint64_t first = 0, last = 0;  // inclusive
};

// "5" or "5-7". nullopt for anything else, and where the end is before the
// beginning.
inline std::optional<NumberRange> parse_range(std::string_view text) {
  size_t dash = text.find('-');
  auto first = parse_number(text.substr(0, dash));
  auto last = dash == text.npos ? first : parse_number(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return NumberRange{*first, *last};
}

inline std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n";
  size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// Splits off what stands before `separator` (or all), leaving the rest.
inline std::string_view take_until(std::string_view& text, char separator) {
  size_t at = text.find(separator);
  std::string_view part = text.substr(0, at);
  text = at == text.npos ? std::string_view() : text.substr(at + 1);
  return part;
}

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_NUMBER_H_
