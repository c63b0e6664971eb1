// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/import_code.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "decode/cli/command_line.h"
#include "formats/elf/elf_file.h"
#include "formats/io/byte_reader.h"
#include "formats/io/error.h"
#include "formats/io/regular_file.h"

namespace ptcap::decode {

namespace {

constexpr uint64_t kPageSize = 4096;

// The last field of "REST:FIELD".
std::pair<std::string, std::string> split_last(const std::string& text,
                                               const std::string& option) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    throw UsageError("--" + option + " " + text + ": has no ':'");
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

struct FilePart {
  uint64_t begin = 0;
  uint64_t end = ~0ull;
};

// "OFF" or "OFF-END"; nullopt if it is part of a file name instead.
std::optional<FilePart> parse_part(const std::string& text) {
  FilePart part;
  const size_t dash = text.find('-');
  try {
    part.begin = parse_number(text.substr(0, dash), "--raw");
    if (dash != std::string::npos) {
      part.end = parse_number(text.substr(dash + 1), "--raw");
    }
  } catch (const UsageError&) {
    return std::nullopt;
  }
  return part;
}

std::vector<uint8_t> read_part(const std::string& path, const FilePart& part) {
  const formats::RegularFile file(path);
  const uint64_t end = std::min(part.end, file.size_bytes());
  if (part.begin >= end) {
    throw formats::FormatError(
        part.begin, path + ": has no bytes there (" +
                        std::to_string(file.size_bytes()) + " in all)");
  }
  std::vector<uint8_t> bytes(end - part.begin);
  bytes.resize(file.read(part.begin, bytes));
  return bytes;
}

}  // namespace

std::vector<uint8_t> read_whole_file(const std::string& path) {
  return read_part(path, {});
}

ImportedCode read_raw_code(const std::string& argument) {
  auto [path, address] = split_last(argument, "raw");
  ImportedCode code;
  code.address = parse_number(address, "--raw address");
  FilePart part;
  if (const size_t colon = path.rfind(':');
      colon != std::string::npos && colon != 0) {
    if (const auto parsed = parse_part(path.substr(colon + 1))) {
      part = *parsed;
      path.resize(colon);
    }
  }
  code.name = path;
  code.bytes = read_part(path, part);
  return code;
}

std::vector<ImportedCode> read_elf_code(const std::string& argument) {
  const auto [path, bias] = split_last(argument, "elf");
  const uint64_t added = parse_number(bias, "--elf bias");
  const formats::ElfFile file(path);
  std::vector<ImportedCode> all;
  for (const formats::ElfSegment& segment : file.segments()) {
    if (!segment.executable) continue;
    ImportedCode code;
    code.name = path;
    code.address = segment.address + added;
    code.bytes =
        read_part(path, {segment.offset, segment.offset + segment.file_size});
    all.push_back(std::move(code));
  }
  if (all.empty()) {
    throw formats::FormatError(0, path + ": has no executable segment");
  }
  return all;
}

std::vector<ImportedCode> read_page_code(const std::string& argument) {
  const auto [addresses_path, dump_path] = split_last(argument, "pages");
  const auto addresses = read_whole_file(addresses_path);
  const auto dump = read_whole_file(dump_path);
  formats::ByteReader reader(addresses);
  std::vector<ImportedCode> all;
  std::vector<std::pair<uint64_t, uint64_t>> pages;  // address, in the dump
  for (uint64_t offset = 0; reader.remaining() >= sizeof(uint64_t);
       offset += kPageSize) {
    const uint64_t address = reader.u64();
    if ((address & 1) != 0) continue;
    if (offset + kPageSize > dump.size()) {
      throw formats::FormatError(offset, dump_path + ": ends before the page");
    }
    pages.emplace_back(address, offset);
  }
  std::sort(pages.begin(), pages.end());
  for (const auto& [address, offset] : pages) {
    if (all.empty() ||
        all.back().address + all.back().bytes.size() != address) {
      all.push_back({dump_path, address, {}});
    }
    all.back().bytes.insert(all.back().bytes.end(), &dump[offset],
                            &dump[offset] + kPageSize);
  }
  return all;
}

}  // namespace ptcap::decode
