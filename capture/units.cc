// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/units.h"

#include <charconv>
#include <cmath>

namespace ptcap::capture {
namespace {

// Past a year a time is a mistake; this also keeps ns far from overflow.
constexpr double kMaxTimeNs = 366.0 * 24 * 3600 * 1e9;

std::optional<double> unit_ns(std::string_view unit) {
  if (unit == "ns") return 1;
  if (unit == "us") return 1e3;
  if (unit == "ms") return 1e6;
  if (unit == "s" || unit.empty()) return 1e9;
  if (unit == "m") return 60e9;
  return std::nullopt;
}

std::optional<unsigned> unit_shift(std::string_view unit) {
  if (unit.empty()) return 0;
  if (unit == "K" || unit == "k") return 10;
  if (unit == "M") return 20;
  if (unit == "G") return 30;
  return std::nullopt;
}

}  // namespace

std::optional<uint64_t> parse_size(std::string_view text) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{}) return std::nullopt;
  const auto shift = unit_shift({rest, static_cast<size_t>(end - rest)});
  if (!shift || number > (UINT64_MAX >> *shift)) return std::nullopt;
  return number << *shift;
}

std::optional<uint64_t> parse_time_ns(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] =
      std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc{}) return std::nullopt;
  const auto unit = unit_ns({rest, static_cast<size_t>(end - rest)});
  if (!unit || !(number >= 0) || number * *unit > kMaxTimeNs) {
    return std::nullopt;
  }
  return static_cast<uint64_t>(std::llround(number * *unit));
}

}  // namespace ptcap::capture
