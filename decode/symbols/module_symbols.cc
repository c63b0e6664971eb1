// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/module_symbols.h"

#include <algorithm>
#include <utility>

#include "decode/symbols/demangle.h"
#include "decode/symbols/escape.h"

namespace ptcap::decode {
namespace {

constexpr uint64_t kPageMask = 4095;

using formats::ElfFunction;

// Up to where `function`'s name holds from `address` on: its end, or the next
// function that begins inside it.
uint64_t end_of_name(std::span<const ElfFunction> functions,
                     const ElfFunction& function, uint64_t address) {
  uint64_t end = function.address + function.size;
  auto next = std::upper_bound(
      functions.begin(), functions.end(), address,
      [](uint64_t a, const ElfFunction& f) { return a < f.address; });
  return next == functions.end() ? end : std::min(end, next->address);
}

// From where on: its begin, or the end of a function nested before.
uint64_t begin_of_name(std::span<const ElfFunction> functions,
                       const ElfFunction& function, uint64_t address) {
  uint64_t begin = function.address;
  auto after = std::upper_bound(
      functions.begin(), functions.end(), address,
      [](uint64_t a, const ElfFunction& f) { return a < f.address; });
  for (int n = 0; n < 64 && after != functions.begin(); ++n) {
    const ElfFunction& nested = *--after;
    if (nested.address <= function.address) break;
    uint64_t end = nested.address + nested.size;
    if (end <= address) begin = std::max(begin, end);
  }
  return begin;
}

std::string plain_name_of_stub(const std::string& name) {
  return name.substr(0, name.size() - std::string_view("@plt").size());
}

}  // namespace

ModuleSymbols::ModuleSymbols(SymbolFiles files) : files_(std::move(files)) {
  if (files_.debug) tables_.emplace_back(*files_.debug);
  if (files_.binary) {
    tables_.emplace_back(*files_.binary);
    plt_ = read_plt(*files_.binary);
  }
}

std::string_view ModuleSymbols::shown(std::string_view mangled) {
  auto known = shown_.find(mangled);
  if (known == shown_.end())
    known = shown_.emplace(mangled, escape_text(demangle(mangled))).first;
  return known->second;
}

std::optional<NamedRange> ModuleSymbols::plt_stub_at(uint64_t address) {
  auto after = std::upper_bound(
      plt_.begin(), plt_.end(), address,
      [](uint64_t a, const PltEntry& entry) { return a < entry.address; });
  if (after == plt_.begin()) return std::nullopt;
  const PltEntry& stub = *std::prev(after);
  if (address - stub.address >= stub.size) return std::nullopt;
  auto known = shown_.find(stub.name);
  if (known == shown_.end()) {
    std::string name = demangle(plain_name_of_stub(stub.name)) + "@plt";
    known = shown_.emplace(stub.name, escape_text(name)).first;
  }
  return NamedRange{known->second, stub.address, stub.address + stub.size};
}

std::optional<NamedRange> ModuleSymbols::function_at(uint64_t address) {
  if (auto stub = plt_stub_at(address)) return stub;
  for (const formats::FunctionTable& table : tables_) {
    const ElfFunction* function = table.find(address);
    if (!function) continue;
    return NamedRange{
        .name = shown(function->name),
        .begin = begin_of_name(table.functions(), *function, address),
        .end = end_of_name(table.functions(), *function, address)};
  }
  return std::nullopt;
}

SourceLines& ModuleSymbols::lines() {
  if (!lines_)
    lines_ = std::make_unique<SourceLines>(files_.debug ? *files_.debug
                                                        : *files_.binary);
  return *lines_;
}

SourceFrame ModuleSymbols::line_at(uint64_t address) {
  if (!has_file()) return {};
  SourceFrame frame = lines().line_at(address);
  frame.file = escape_text(frame.file);
  return frame;
}

std::vector<SourceFrame> ModuleSymbols::source_at(uint64_t address) {
  if (!has_file()) return {};
  std::vector<SourceFrame> frames = lines().frames_at(address);
  for (SourceFrame& frame : frames) {
    frame.function = escape_text(demangle(frame.function));
    frame.file = escape_text(frame.file);
  }
  return frames;
}

const UnwindTable* ModuleSymbols::unwind_table() {
  if (!unwind_ && files_.binary)
    unwind_ = std::make_unique<UnwindTable>(*files_.binary);
  return unwind_.get();
}

std::optional<NamedRange> ModuleSymbols::unnamed_function_at(uint64_t address) {
  const UnwindTable* table = unwind_table();
  const UnwindEntry* entry = table ? table->find(address) : nullptr;
  if (!entry) return std::nullopt;
  const auto stub = std::lower_bound(
      plt_.begin(), plt_.end(), entry->begin,
      [](const PltEntry& plt, uint64_t begin) { return plt.address < begin; });
  if (stub != plt_.end() && stub->address < entry->end) return std::nullopt;
  return NamedRange{{}, entry->begin, entry->end};
}

std::optional<uint64_t> ModuleSymbols::landing_pad(uint64_t return_address) {
  const UnwindTable* table = unwind_table();
  return table ? table->landing_pad(return_address) : std::nullopt;
}

std::optional<uint64_t> ModuleSymbols::address_of(
    uint64_t offset, uint64_t mapping_offset) const {
  if (files_.binary) return files_.binary->address_of_offset(offset);
  if (!files_.debug) return std::nullopt;
  // Debug files keep the segments' addresses, but not their offsets.
  const formats::ElfSegment* code = nullptr;
  for (const formats::ElfSegment& segment : files_.debug->segments()) {
    if (!segment.executable) continue;
    if (code) return std::nullopt;
    code = &segment;
  }
  if (!code || offset < mapping_offset) return std::nullopt;
  return (code->address & ~kPageMask) + (offset - mapping_offset);
}

}  // namespace ptcap::decode
