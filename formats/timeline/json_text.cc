// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/timeline/json_text.h"

#include <nlohmann/json.hpp>

namespace ptcap::formats {

void append_json_string(std::string& out, std::string_view text) {
  using nlohmann::json;
  out += json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

void append_microseconds(std::string& out, uint64_t time_ns) {
  out += std::to_string(time_ns / 1000);
  const std::string rest = std::to_string(time_ns % 1000 + 1000);
  out += '.';
  out.append(rest, 1, 3);
}

}  // namespace ptcap::formats
