// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/symbolizer.h"

#include <algorithm>
#include <utility>

#include "formats/io/error.h"

namespace ptcap::decode {
namespace {

// What JITs use: anonymous memory, and memfds mapped twice (W^X).
bool may_be_jit(std::string_view path) {
  return path.empty() || path.starts_with("//anon") ||
         path.starts_with("/memfd:") || path.starts_with("/dev/zero") ||
         path.starts_with("[anon");
}

// Of an ELF image that was in memory (the vDSO).
SymbolFiles files_of_image(const MappingDescription& mapping) {
  SymbolFiles files;
  try {
    files.binary =
        std::make_unique<formats::ElfFile>(mapping.image, mapping.path);
  } catch (const formats::FormatError&) {
    // No ELF file: it has no names.
  }
  return files;
}

std::string module_key(const MappingDescription& mapping, bool by_image) {
  if (by_image)
    return mapping.path + '\0' +
           std::to_string(reinterpret_cast<uintptr_t>(mapping.image.data()));
  return mapping.path + '\0' + formats::to_hex(mapping.build_id);
}

}  // namespace

Symbolizer::Symbolizer(SymbolOptions options, formats::Reporter& reporter)
    : options_(std::move(options)), reporter_(reporter) {}

Symbolizer::~Symbolizer() = default;

ModuleSymbols* Symbolizer::module_for(const MappingDescription& mapping) {
  const bool by_image = mapping.path.starts_with('[') && !mapping.image.empty();
  auto& module = modules_[module_key(mapping, by_image)];
  if (!module) {
    module = std::make_unique<ModuleSymbols>(
        by_image ? files_of_image(mapping)
                 : find_symbol_files(mapping.path, mapping.build_id, options_,
                                     reporter_));
  }
  return module.get();
}

const JitMap* Symbolizer::jit_map_for(uint32_t pid) {
  auto& map = jit_maps_[pid];
  if (!map)
    map = std::make_unique<JitMap>(JitMap::read(
        options_.jit_map_directory + "/perf-" + std::to_string(pid) + ".map"));
  return map.get();
}

MappedSymbols Symbolizer::open(const MappingDescription& mapping) {
  MappedSymbols symbols;
  symbols.address_ = mapping.address;
  symbols.size_ = mapping.size;
  symbols.file_offset_ = mapping.file_offset;
  if (!may_be_jit(mapping.path))
    symbols.module_ = module_for(mapping);
  else if (!options_.jit_map_directory.empty())
    symbols.jit_map_ = jit_map_for(mapping.pid);
  return symbols;
}

std::optional<uint64_t> MappedSymbols::file_address(uint64_t ip) const {
  if (!module_ || ip - address_ >= size_) return std::nullopt;
  return module_->address_of(file_offset_ + (ip - address_), file_offset_);
}

std::optional<NamedRange> MappedSymbols::function_at(uint64_t ip) const {
  if (ip - address_ >= size_) return std::nullopt;
  if (jit_map_) {
    const JitFunction* function = jit_map_->find(ip);
    if (!function) return std::nullopt;
    return NamedRange{function->name, function->address,
                      function->address + function->size};
  }
  std::optional<uint64_t> address = file_address(ip);
  auto range = address ? module_->function_at(*address) : std::nullopt;
  if (!range) return std::nullopt;
  return at_run_time(*range, *address, ip);
}

// `range`, which holds `address` in the file, at `ip`. A symbol may reach
// beyond the mapping: another one's names hold there.
NamedRange MappedSymbols::at_run_time(const NamedRange& range, uint64_t address,
                                      uint64_t ip) const {
  const uint64_t before = std::min(address - range.begin, ip - address_);
  const uint64_t after = std::min(range.end - address, address_ + size_ - ip);
  return {range.name, ip - before, ip + after};
}

std::optional<NamedRange> MappedSymbols::unnamed_function_at(
    uint64_t ip) const {
  const std::optional<uint64_t> address = file_address(ip);
  auto range = address ? module_->unnamed_function_at(*address) : std::nullopt;
  return range ? std::optional(at_run_time(*range, *address, ip))
               : std::nullopt;
}

std::optional<uint64_t> MappedSymbols::landing_pad(uint64_t return_to) const {
  const std::optional<uint64_t> address = file_address(return_to);
  const auto pad = address ? module_->landing_pad(*address) : std::nullopt;
  if (!pad || *pad == 0) return pad;
  return *pad - *address + return_to;
}

SourceFrame MappedSymbols::line_at(uint64_t ip) const {
  std::optional<uint64_t> address = file_address(ip);
  return address ? module_->line_at(*address) : SourceFrame{};
}

std::vector<SourceFrame> MappedSymbols::source_at(uint64_t ip) const {
  std::optional<uint64_t> address = file_address(ip);
  return address ? module_->source_at(*address) : std::vector<SourceFrame>{};
}

std::string_view without_parameters(std::string_view name) {
  // The list is the last balanced (...) that only qualifiers follow.
  size_t end = name.rfind(')');
  if (end == std::string_view::npos) return name;
  for (char c : name.substr(end + 1))
    if (c != ' ' && c != '&' && !(c >= 'a' && c <= 'z')) return name;
  int depth = 0;
  for (size_t i = end + 1; i-- > 0;) {
    if (name[i] == ')') ++depth;
    if (name[i] == '(' && --depth == 0)
      return i == 0 ? name : name.substr(0, i);
  }
  return name;
}

}  // namespace ptcap::decode
