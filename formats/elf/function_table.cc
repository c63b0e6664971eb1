// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/elf/function_table.h"

#include <elf.h>

#include <algorithm>
#include <string_view>
#include <tuple>

namespace ptcap::formats {
namespace {

// The biggest known tables (browsers with all locals) have about 4 million.
constexpr uint64_t kMaxSymbols = 32 << 20;
// Functions nest when symbols lie (aliases into the middle); real depth is 2.
constexpr int kMaxNesting = 64;

// The fields that both classes have, in one shape.
struct RawSymbol {
  uint32_t name;
  uint8_t info;
  uint16_t section;
  uint64_t value;
  uint64_t size;
};

RawSymbol read_symbol(ByteReader& reader, ElfClass elf_class) {
  if (elf_class == ElfClass::k64) {
    auto s = reader.value<Elf64_Sym>();
    return {s.st_name, s.st_info, s.st_shndx, s.st_value, s.st_size};
  }
  auto s = reader.value<Elf32_Sym>();
  return {s.st_name, s.st_info, s.st_shndx, s.st_value, s.st_size};
}

// Empty for an offset outside, and for a string that does not end.
std::string_view string_at(Bytes strings, uint64_t offset) {
  if (offset >= strings.size()) return {};
  const char* text = reinterpret_cast<const char*>(strings.data()) + offset;
  size_t size = strnlen(text, strings.size() - offset);
  if (size == strings.size() - offset) return {};
  return {text, size};
}

SymbolBinding binding_of(uint8_t info) {
  switch (ELF64_ST_BIND(info)) {
    case STB_LOCAL:
      return SymbolBinding::kLocal;
    case STB_WEAK:
      return SymbolBinding::kWeak;
    default:
      return SymbolBinding::kGlobal;
  }
}

bool is_function(const RawSymbol& symbol, std::string_view name,
                 std::span<const ElfSection> sections) {
  if (symbol.section == SHN_UNDEF || symbol.section == SHN_ABS) return false;
  switch (ELF64_ST_TYPE(symbol.info)) {
    case STT_FUNC:
    case STT_GNU_IFUNC:
      return true;
    case STT_NOTYPE: {
      // Labels of assembly code; assemblers' own temporaries begin with '.'.
      if (name.starts_with('.') || name.starts_with('$')) return false;
      // sections() has no null section, so section N is at N - 1.
      size_t at = symbol.section - 1u;
      return at < sections.size() && (sections[at].flags & SHF_EXECINSTR);
    }
    default:
      return false;
  }
}

auto preference(const ElfFunction& function) {
  size_t underscores =
      std::min(function.name.find_first_not_of('_'), function.name.size());
  // glibc's aliases for itself.
  bool internal = function.name.starts_with("__GI_");
  return std::tuple(function.address, function.size == 0, function.binding,
                    internal, underscores, function.name);
}

}  // namespace

FunctionTable::FunctionTable(const ElfFile& elf) {
  std::vector<ElfSection> sections = elf.sections();
  for (const ElfSection& section : sections)
    if ((section.flags & SHF_EXECINSTR) && section.size <= ~section.address)
      code_.push_back({section.address, section.address + section.size});
  std::sort(code_.begin(), code_.end(),
            [](const Limits& a, const Limits& b) { return a.begin < b.begin; });
  for (const ElfSection& section : sections)
    if (section.type == SHT_SYMTAB || section.type == SHT_DYNSYM)
      add_symbols(elf, section, sections);
  sort_and_merge();
  fill_sizes();
}

void FunctionTable::add_symbols(const ElfFile& elf, const ElfSection& table,
                                std::span<const ElfSection> sections) {
  if (table.link == 0 || table.link > sections.size()) return;
  Bytes strings = elf.section_data(sections[table.link - 1]);
  ByteReader reader(elf.section_data(table));
  const size_t entry =
      elf.elf_class() == ElfClass::k64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
  for (uint64_t n = 0; n < kMaxSymbols && reader.remaining() >= entry; ++n) {
    RawSymbol symbol = read_symbol(reader, elf.elf_class());
    std::string_view name = string_at(strings, symbol.name);
    if (name.empty() || !is_function(symbol, name, sections)) continue;
    name = name.substr(0, std::max<size_t>(1, name.find('@')));
    functions_.push_back({
        .name = name,
        .address = symbol.value,
        .size = std::min(symbol.size, ~symbol.value),
        .binding = binding_of(symbol.info),
        .ifunc = ELF64_ST_TYPE(symbol.info) == STT_GNU_IFUNC,
    });
  }
}

void FunctionTable::sort_and_merge() {
  std::sort(functions_.begin(), functions_.end(),
            [](const ElfFunction& a, const ElfFunction& b) {
              return preference(a) < preference(b);
            });
  // A global function is in both tables.
  auto same = [](const ElfFunction& a, const ElfFunction& b) {
    return a.address == b.address && a.name == b.name;
  };
  functions_.erase(std::unique(functions_.begin(), functions_.end(), same),
                   functions_.end());
}

void FunctionTable::fill_sizes() {
  uint64_t next = 0;  // the next higher address that has a function
  for (size_t i = functions_.size(); i-- > 0;) {
    ElfFunction& function = functions_[i];
    if (i + 1 < functions_.size() &&
        functions_[i + 1].address != function.address)
      next = functions_[i + 1].address;
    if (function.size != 0) continue;
    auto section = std::upper_bound(
        code_.begin(), code_.end(), function.address,
        [](uint64_t address, const Limits& l) { return address < l.begin; });
    if (section == code_.begin()) continue;
    uint64_t end = std::prev(section)->end;
    if (next != 0) end = std::min(end, next);
    if (end > function.address) function.size = end - function.address;
  }
}

const ElfFunction* FunctionTable::find(uint64_t address) const {
  auto after = std::upper_bound(
      functions_.begin(), functions_.end(), address,
      [](uint64_t a, const ElfFunction& f) { return a < f.address; });
  const ElfFunction* found = nullptr;
  for (int n = 0; n < kMaxNesting && after != functions_.begin(); ++n) {
    const ElfFunction& function = *--after;
    // Names at one address are visited from the least preferred on.
    if (found && function.address != found->address) break;
    if (address - function.address < function.size) found = &function;
  }
  return found;
}

std::vector<const ElfFunction*> FunctionTable::find(
    std::string_view name) const {
  std::vector<const ElfFunction*> found;
  for (const ElfFunction& function : functions_)
    if (function.name == name) found.push_back(&function);
  return found;
}

}  // namespace ptcap::formats
