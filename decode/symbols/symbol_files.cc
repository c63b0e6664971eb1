// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/symbol_files.h"

#include <elf.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>

#include "decode/symbols/escape.h"
#include "formats/io/error.h"

namespace ptcap::decode {
namespace {

using formats::ByteReader;
using formats::Bytes;
using formats::ElfFile;

using BuildId = std::vector<uint8_t>;

std::unique_ptr<ElfFile> open_elf(const std::string& path) {
  try {
    return std::make_unique<ElfFile>(path);
  } catch (const std::system_error&) {
  } catch (const formats::FormatError&) {
  }
  return nullptr;
}

bool has_build_id(const ElfFile& elf, const BuildId& wanted) {
  std::optional<BuildId> id = elf.build_id();
  if (!id) return false;
  // A kernel pads shorter ids with zeros to 20 bytes.
  BuildId trimmed = wanted;
  while (trimmed.size() > id->size() && trimmed.back() == 0) trimmed.pop_back();
  return *id == trimmed;
}

// "ab/cdef..." below a .build-id folder; empty if the id is too short.
std::string build_id_path(const BuildId& id) {
  if (id.size() < 2) return {};
  std::string hex = formats::to_hex(id);
  return hex.substr(0, 2) + "/" + hex.substr(2);
}

std::unique_ptr<ElfFile> find_by_build_id(const BuildId& id,
                                          std::string_view suffix,
                                          const SymbolOptions& options) {
  std::string name = build_id_path(id);
  if (name.empty()) return nullptr;
  for (const std::string& directory : options.debug_directories) {
    std::string path = options.sysroot;
    path.append(directory).append("/.build-id/").append(name).append(suffix);
    auto elf = open_elf(path);
    if (elf && has_build_id(*elf, id)) return elf;
  }
  return nullptr;
}

// A path on a file system, not "[vdso]", "//anon", "/memfd:jit (deleted)".
bool names_a_file(std::string_view path) {
  return path.starts_with('/') && !path.starts_with("//") &&
         !path.starts_with("/memfd:") && !path.starts_with("/SYSV") &&
         !path.starts_with("/dev/");
}

std::unique_ptr<ElfFile> find_binary(std::string path, const BuildId& id,
                                     const SymbolOptions& options,
                                     formats::Reporter& reporter) {
  // The kernel marks a file that was replaced while mapped.
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) {
    if (id.empty()) return nullptr;
    path.resize(path.size() - kDeleted.size());
  }
  auto elf = open_elf(options.sysroot + path);
  if (elf && (id.empty() || has_build_id(*elf, id))) return elf;
  auto by_id = find_by_build_id(id, "", options);
  if (elf && !by_id)
    reporter.warn(escape_text(options.sysroot + path) +
                  ": is not the file that was traced (build-id " +
                  formats::to_hex(id) + "): its symbols are not used");
  return by_id;
}

struct DebugLink {
  std::string name;
  uint32_t crc = 0;
};

// objcopy(1), --add-gnu-debuglink: a file name, padded to 4 bytes, a CRC-32.
std::optional<DebugLink> read_debug_link(const ElfFile& binary) {
  auto section = binary.section(".gnu_debuglink");
  if (!section) return std::nullopt;
  Bytes data = binary.section_data(*section);
  if (data.size() < 8) return std::nullopt;
  DebugLink link;
  link.name = ByteReader(data).string_field(data.size() - 4);
  link.crc = ByteReader(data.last(4)).u32();
  // A name only: a link must not lead elsewhere.
  if (link.name.empty() || link.name.find('/') != std::string::npos)
    return std::nullopt;
  return link;
}

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table = {};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = value & 1 ? value >> 1 ^ 0xedb88320 : value >> 1;
    table[i] = value;
  }
  return table;
}

// The CRC-32 of zlib and gzip.
uint32_t crc_of(const ElfFile& elf) {
  static constexpr std::array<uint32_t, 256> kTable = make_crc_table();
  std::vector<uint8_t> buffer(1 << 16);
  uint32_t crc = ~0u;
  uint64_t offset = 0;
  while (uint64_t size = elf.read(offset, buffer)) {
    for (uint8_t byte : Bytes(buffer).first(size))
      crc = crc >> 8 ^ kTable[(crc ^ byte) & 0xff];
    offset += size;
  }
  return ~crc;
}

std::unique_ptr<ElfFile> find_by_debug_link(const ElfFile& binary,
                                            const std::string& path,
                                            const SymbolOptions& options) {
  std::optional<DebugLink> link = read_debug_link(binary);
  if (!link) return nullptr;
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  std::vector<std::string> candidates = {folder, folder + ".debug/"};
  for (const std::string& directory : options.debug_directories)
    candidates.push_back(directory + folder);
  for (const std::string& candidate : candidates) {
    auto elf = open_elf(options.sysroot + candidate + link->name);
    if (elf && crc_of(*elf) == link->crc) return elf;
  }
  return nullptr;
}

bool has_symbol_table(const ElfFile& elf) {
  std::vector<formats::ElfSection> sections = elf.sections();
  return std::any_of(sections.begin(), sections.end(), [](const auto& section) {
    return section.type == SHT_SYMTAB;
  });
}

bool has_debug_info(const ElfFile& elf) {
  return elf.section(".debug_info") || elf.section(".zdebug_info");
}

}  // namespace

SymbolFiles find_symbol_files(const std::string& path,
                              const std::vector<uint8_t>& build_id,
                              const SymbolOptions& options,
                              formats::Reporter& reporter) {
  SymbolFiles files;
  if (names_a_file(path))
    files.binary = find_binary(path, build_id, options, reporter);
  const ElfFile* binary = files.binary.get();
  if (binary && has_symbol_table(*binary) && has_debug_info(*binary))
    return files;
  BuildId id = build_id;
  if (id.empty() && binary) id = binary->build_id().value_or(BuildId{});
  files.debug = find_by_build_id(id, ".debug", options);
  if (!files.debug && binary)
    files.debug = find_by_debug_link(*binary, path, options);
  return files;
}

}  // namespace ptcap::decode
