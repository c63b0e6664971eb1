// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/io/byte_reader.h"

#include <string>

#include "formats/io/error.h"

namespace ptcap::formats {

std::string_view ByteReader::string_field(uint64_t size) {
  Bytes field = take(size);
  if (field.empty()) return {};
  const char* text = reinterpret_cast<const char*>(field.data());
  return {text, strnlen(text, field.size())};
}

std::string_view ByteReader::string() {
  Bytes text = take(varint());
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

void ByteReader::fail_varint() const {
  throw FormatError(offset(), "a varint without end");
}

void ByteReader::fail_short(uint64_t wanted) const {
  throw FormatError(offset(), "needs " + std::to_string(wanted) +
                                  " bytes, has " + std::to_string(remaining()));
}

}  // namespace ptcap::formats
