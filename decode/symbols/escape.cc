// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/escape.h"

#include <cstdint>

namespace ptcap::decode {
namespace {

bool is_continuation(char c) {
  return (static_cast<uint8_t>(c) & 0xc0) == 0x80;
}

// The size of the UTF-8 sequence at the front, 0 if it is none or not the
// shortest form (RFC 3629, section 4) or a C1 control.
size_t sequence_size(std::string_view text) {
  auto byte = [&](size_t i) {
    return i < text.size() && is_continuation(text[i])
               ? static_cast<uint8_t>(text[i])
               : 0u;
  };
  uint8_t first = static_cast<uint8_t>(text[0]);
  if (first < 0xc2 || first > 0xf4 || !byte(1)) return 0;
  if (first < 0xe0) return first == 0xc2 && byte(1) < 0xa0 ? 0 : 2;
  if (first < 0xf0) {
    if (first == 0xe0 && byte(1) < 0xa0) return 0;   // overlong
    if (first == 0xed && byte(1) >= 0xa0) return 0;  // surrogate
    return byte(2) ? 3 : 0;
  }
  if (first == 0xf0 && byte(1) < 0x90) return 0;   // overlong
  if (first == 0xf4 && byte(1) >= 0x90) return 0;  // above U+10FFFF
  return byte(2) && byte(3) ? 4 : 0;
}

void append_hex(std::string& out, char c) {
  constexpr char kDigits[] = "0123456789abcdef";
  uint8_t byte = static_cast<uint8_t>(c);
  out += "\\x";
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

}  // namespace

std::string escape_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    uint8_t first = static_cast<uint8_t>(text[0]);
    size_t size = first < 0x80 ? 1 : sequence_size(text);
    if (size == 0 || first < 0x20 || first == 0x7f) {
      append_hex(out, text[0]);
      size = 1;
    } else {
      if (first == '\\') out += '\\';
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace ptcap::decode
