// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/unwind_table.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "formats/io/byte_reader.h"
#include "formats/io/error.h"

namespace ptcap::decode {

namespace {

using formats::ByteReader;
using formats::Bytes;

constexpr uint8_t kOmit = 0xff;      // DW_EH_PE_omit
constexpr uint8_t kIndirect = 0x80;  // DW_EH_PE_indirect

int64_t read_sleb(ByteReader& reader) {
  uint64_t value = 0;
  unsigned shift = 0;
  uint8_t byte = 0;
  do {
    byte = reader.u8();
    if (shift < 64) value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    shift += 7;
  } while (byte >= 0x80);
  if (shift < 64 && (byte & 0x40) != 0) value |= ~uint64_t{0} << shift;
  return static_cast<int64_t>(value);
}

// The value of an encoded pointer, without what it is relative to.
uint64_t read_value(ByteReader& reader, uint8_t encoding, bool is_64) {
  switch (encoding & 0x0f) {
    case 0x00:
      return is_64 ? reader.u64() : reader.u32();
    case 0x01:
      return reader.varint();
    case 0x02:
      return reader.u16();
    case 0x03:
      return reader.u32();
    case 0x04:
    case 0x0c:
      return reader.u64();
    case 0x09:
      return static_cast<uint64_t>(read_sleb(reader));
    case 0x0a:
      return static_cast<uint64_t>(
          static_cast<int64_t>(static_cast<int16_t>(reader.u16())));
    case 0x0b:
      return static_cast<uint64_t>(static_cast<int64_t>(reader.s32()));
    default:
      throw formats::FormatError(reader.offset(), "unknown pointer encoding");
  }
}

// `reader` counts in addresses.
uint64_t read_pointer(ByteReader& reader, uint8_t encoding, bool is_64) {
  const uint64_t at = reader.offset();
  const uint64_t value = read_value(reader, encoding, is_64);
  const bool relative = (encoding & 0x70) == 0x10;  // DW_EH_PE_pcrel
  const uint64_t pointer = relative && value != 0 ? at + value : value;
  return is_64 ? pointer : pointer & 0xffffffff;
}

struct Cie {
  uint8_t pointer_encoding = 0;
  uint8_t lsda_encoding = kOmit;
  bool augmented = false;
};

Cie read_cie(ByteReader reader, bool is_64) {
  Cie cie;
  const uint8_t version = reader.u8();
  std::string letters;
  while (const uint8_t c = reader.u8()) letters += static_cast<char>(c);
  if (letters == "eh") reader.skip(is_64 ? 8 : 4);  // gcc 2
  reader.varint();                                  // code alignment
  read_sleb(reader);                                // data alignment
  if (version == 1) {
    reader.u8();
  } else {
    reader.varint();
  }
  cie.augmented = letters.starts_with('z');
  if (!cie.augmented) return cie;
  reader.varint();
  for (const char letter : letters.substr(1)) {
    if (letter == 'L') cie.lsda_encoding = reader.u8();
    if (letter == 'R') cie.pointer_encoding = reader.u8();
    if (letter == 'P') {
      const uint8_t encoding = reader.u8();
      read_value(reader, encoding, is_64);
    }
  }
  return cie;
}

UnwindEntry read_fde(ByteReader reader, const Cie& cie, bool is_64) {
  UnwindEntry entry;
  entry.begin = read_pointer(reader, cie.pointer_encoding, is_64);
  entry.end = entry.begin + read_value(reader, cie.pointer_encoding, is_64);
  if (!cie.augmented) return entry;
  reader.varint();
  // An indirect LSDA would need the run-time's memory; compilers use none.
  if (cie.lsda_encoding != kOmit && (cie.lsda_encoding & kIndirect) == 0) {
    entry.lsda = read_pointer(reader, cie.lsda_encoding, is_64);
  }
  return entry;
}

}  // namespace

UnwindTable::UnwindTable(const formats::ElfFile& elf) : elf_(elf) {
  const auto section = elf.section(".eh_frame");
  if (!section) return;
  try {
    read_frames(elf.section_data(*section), section->address);
  } catch (const formats::FormatError&) {
    // What was read until there holds.
  }
  std::sort(entries_.begin(), entries_.end(),
            [](const UnwindEntry& a, const UnwindEntry& b) {
              return a.begin < b.begin;
            });
}

void UnwindTable::read_frames(Bytes bytes, uint64_t address) {
  const bool is_64 = elf_.elf_class() == formats::ElfClass::k64;
  std::map<uint64_t, Cie> cies;  // by address
  ByteReader reader(bytes, address);
  while (!reader.empty()) {
    const uint64_t begin = reader.offset();
    uint64_t size = reader.u32();
    if (size == 0) continue;
    if (size == 0xffffffff) size = reader.u64();
    const uint64_t id_at = reader.offset();
    ByteReader record(reader.take(size), id_at);
    const uint32_t id = record.u32();
    if (id == 0) {
      cies[begin] = read_cie(record, is_64);
      continue;
    }
    const auto cie = cies.find(id_at - id);
    if (cie == cies.end()) continue;
    const UnwindEntry entry = read_fde(record, cie->second, is_64);
    if (entry.begin < entry.end) entries_.push_back(entry);
  }
}

const UnwindEntry* UnwindTable::find(uint64_t address) const {
  auto after = std::upper_bound(
      entries_.begin(), entries_.end(), address,
      [](uint64_t a, const UnwindEntry& entry) { return a < entry.begin; });
  if (after == entries_.begin()) return nullptr;
  const UnwindEntry& entry = *std::prev(after);
  return address < entry.end ? &entry : nullptr;
}

std::optional<uint64_t> UnwindTable::landing_pad(
    uint64_t return_address) const {
  const uint64_t call = return_address - 1;
  const UnwindEntry* function = find(call);
  if (function == nullptr) return std::nullopt;
  if (function->lsda == 0) return 0;
  try {
    return read_landing_pad(*function, call);
  } catch (const formats::FormatError&) {
    return std::nullopt;
  }
}

std::optional<uint64_t> UnwindTable::read_landing_pad(
    const UnwindEntry& function, uint64_t call) const {
  const bool is_64 = elf_.elf_class() == formats::ElfClass::k64;
  const auto section = elf_.section(".gcc_except_table");
  if (!section || function.lsda < section->address) return std::nullopt;
  ByteReader reader(elf_.section_data(*section), section->address);
  reader.skip(function.lsda - section->address);
  const uint8_t base_encoding = reader.u8();
  const uint64_t base = base_encoding == kOmit
                            ? function.begin
                            : read_pointer(reader, base_encoding, is_64);
  if (reader.u8() != kOmit) reader.varint();  // the table of types
  const uint8_t encoding = reader.u8();
  const uint64_t size = reader.varint();
  const uint64_t table_at = reader.offset();
  ByteReader table(reader.take(size), table_at);
  while (!table.empty()) {
    const uint64_t begin = function.begin + read_value(table, encoding, is_64);
    const uint64_t end = begin + read_value(table, encoding, is_64);
    const uint64_t pad = read_value(table, encoding, is_64);
    table.varint();  // what to do there
    if (call >= begin && call < end) return pad == 0 ? 0 : base + pad;
  }
  return 0;  // such an exception ends the program
}

}  // namespace ptcap::decode
