// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/bindings/btf.h"

#include <linux/btf.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace ptcap::bindings {

namespace {

constexpr size_t kWord = 4;
constexpr uint32_t kEnum64 = 19;  // BTF_KIND_ENUM64, Linux 6.0

// Words that follow a type.
uint32_t extra_words(uint32_t kind, uint32_t count) {
  switch (kind) {
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG:
      return 1;
    case BTF_KIND_ARRAY:
      return 3;
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_DATASEC:
    case kEnum64:
      return 3 * count;
    case BTF_KIND_ENUM:
    case BTF_KIND_FUNC_PROTO:
      return 2 * count;
    default:
      return 0;
  }
}

}  // namespace

Btf::Btf(const std::string& bytes) : bytes_(bytes) {
  btf_header header;
  if (bytes.size() < sizeof(header)) throw std::out_of_range("BTF header");
  std::memcpy(&header, bytes.data(), sizeof(header));
  strings_ = header.hdr_len + header.str_off;
  types_.push_back({});  // void
  size_t at = header.hdr_len + header.type_off;
  for (const size_t end = at + header.type_len; at < end;) {
    Type type = {word(at), word(at + kWord), word(at + 2 * kWord),
                 at + 3 * kWord};
    at = type.at + kWord * extra_words(type.kind(), type.count());
    types_.push_back(type);
  }
}

uint32_t Btf::word(size_t at) const {
  uint32_t value;
  if (at + kWord > bytes_.size()) throw std::out_of_range("BTF");
  std::memcpy(&value, bytes_.data() + at, kWord);
  return value;
}

std::string Btf::text(uint32_t offset) const {
  return bytes_.c_str() + std::min(bytes_.size(), strings_ + offset);
}

uint64_t Btf::size_bits(uint32_t id) const {
  const Type& type = types_.at(id);
  switch (type.kind()) {
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_CONST:
    case BTF_KIND_VOLATILE:
      return size_bits(type.size_or_type);
    case BTF_KIND_PTR:
      return 8 * sizeof(void*);
    case BTF_KIND_ARRAY:  // element, index, how many
      return size_bits(word(type.at)) * word(type.at + 2 * kWord);
    default:
      return uint64_t{type.size_or_type} * 8;
  }
}

void Btf::add_fields(const Type& type, uint64_t base,
                     std::map<std::string, Bits>& fields) const {
  const bool has_bit_fields = type.info >> 31;
  for (uint32_t i = 0; i < type.count(); ++i) {
    const size_t at = type.at + size_t{i} * 3 * kWord;
    const std::string name = text(word(at));
    const uint32_t member = word(at + kWord), place = word(at + 2 * kWord);
    const uint64_t first = base + (has_bit_fields ? place & 0xffffff : place);
    const uint64_t bit_field = has_bit_fields ? place >> 24 : 0;
    if (name.empty())
      add_fields(types_.at(member), first, fields);
    else
      fields[name] = {first, bit_field ? bit_field : size_bits(member)};
  }
}

std::map<std::string, Btf::Bits> Btf::fields(const std::string& name) const {
  std::map<std::string, Bits> found;
  for (const Type& type : types_)
    if ((type.kind() == BTF_KIND_STRUCT || type.kind() == BTF_KIND_UNION) &&
        text(type.name) == name)
      add_fields(type, 0, found);
  return found;
}

void Btf::add_enumerators(const Type& type,
                          std::map<std::string, int64_t>& found) const {
  const size_t words = type.kind() == kEnum64 ? 3 : 2;
  for (uint32_t i = 0; i < type.count(); ++i) {
    const size_t at = type.at + i * words * kWord;
    const uint32_t low = word(at + kWord);
    found[text(word(at))] =
        words == 3
            ? static_cast<int64_t>(low | uint64_t{word(at + 2 * kWord)} << 32)
            : static_cast<int32_t>(low);
  }
}

std::map<std::string, int64_t> Btf::enumerators(const std::string& name) const {
  std::map<std::string, int64_t> found;
  for (const Type& type : types_)
    if ((type.kind() == BTF_KIND_ENUM || type.kind() == kEnum64) &&
        text(type.name) == name)
      add_enumerators(type, found);
  return found;
}

std::map<std::string, int64_t> Btf::all_enumerators() const {
  std::map<std::string, int64_t> found;
  for (const Type& type : types_)
    if (type.kind() == BTF_KIND_ENUM || type.kind() == kEnum64)
      add_enumerators(type, found);
  return found;
}

}  // namespace ptcap::bindings
