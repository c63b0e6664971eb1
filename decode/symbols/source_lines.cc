// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/source_lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

namespace ptcap::decode {
namespace {

// Real programs inline some 20 deep; a hostile one may claim anything.
constexpr int kMaxFrames = 256;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

struct UnitRange {
  uint64_t begin = 0, end = 0;
  Dwarf_Off die = 0;
};

struct Scopes {
  std::unique_ptr<Dwarf_Die, Free> dies;  // innermost first
  int count = 0;
};

// dwarf_getscopes() goes on, behind an inlined function, with what contains
// its abstract definition; what contains the inlined copy is asked for here.
Scopes scopes_at(Dwarf_Die* unit, uint64_t address) {
  Scopes found, chain;
  Dwarf_Die* dies = nullptr;
  found.count = dwarf_getscopes(unit, address, &dies);
  found.dies.reset(dies);
  if (found.count <= 0) return chain;
  Dwarf_Die innermost = *found.dies;
  dies = nullptr;
  chain.count = dwarf_getscopes_die(&innermost, &dies);
  chain.dies.reset(dies);
  return chain;
}

std::string name_of(Dwarf_Die* die) {
  Dwarf_Attribute attribute;
  for (unsigned name : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
    if (!dwarf_attr_integrate(die, name, &attribute)) continue;
    if (const char* text = dwarf_formstring(&attribute)) return text;
  }
  const char* text = dwarf_diename(die);
  return text ? text : "";
}

uint32_t number_of(Dwarf_Die* die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (!dwarf_attr(die, name, &attribute)) return 0;
  if (dwarf_formudata(&attribute, &value) != 0) return 0;
  return static_cast<uint32_t>(value);
}

std::string file_of(Dwarf_Die* unit, uint32_t index) {
  Dwarf_Files* files = nullptr;
  size_t count = 0;
  if (dwarf_getsrcfiles(unit, &files, &count) != 0 || index >= count) return {};
  const char* path = dwarf_filesrc(files, index, nullptr, nullptr);
  return path ? path : "";
}

// Relative names are relative to the unit's folder.
std::string with_folder(Dwarf_Die* unit, std::string path) {
  if (path.empty() || path.front() == '/') return path;
  Dwarf_Attribute attribute;
  const char* folder =
      dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
  return folder ? std::string(folder) + "/" + path : path;
}

void set_line_at(Dwarf_Die* unit, uint64_t address, SourceFrame& frame) {
  Dwarf_Line* line = dwarf_getsrc_die(unit, address);
  if (!line) return;
  int number = 0, column = 0;
  if (dwarf_lineno(line, &number) == 0)
    frame.line = static_cast<uint32_t>(number);
  if (dwarf_linecol(line, &column) == 0)
    frame.column = static_cast<uint32_t>(column);
  if (const char* path = dwarf_linesrc(line, nullptr, nullptr))
    frame.file = with_folder(unit, path);
}

}  // namespace

struct SourceLines::Units {
  explicit Units(Elf* elf)
      : handle(dwarf_begin_elf(elf, DWARF_C_READ, nullptr)) {
    if (handle) find_units();
  }
  ~Units() { dwarf_end(handle); }
  Units(const Units&) = delete;
  Units& operator=(const Units&) = delete;

  // .debug_aranges would be quicker, but clang writes none.
  void find_units();
  std::optional<Dwarf_Die> unit_at(uint64_t address) const;

  Dwarf* handle;
  std::vector<UnitRange> ranges;  // by begin
};

void SourceLines::Units::find_units() {
  Dwarf_CU* cu = nullptr;
  Dwarf_Die unit;
  while (dwarf_get_units(handle, cu, &cu, nullptr, nullptr, &unit, nullptr) ==
         0) {
    Dwarf_Addr base = 0, begin = 0, end = 0;
    ptrdiff_t at = 0;
    while ((at = dwarf_ranges(&unit, at, &base, &begin, &end)) > 0)
      if (begin < end) ranges.push_back({begin, end, dwarf_dieoffset(&unit)});
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.begin < b.begin; });
}

std::optional<Dwarf_Die> SourceLines::Units::unit_at(uint64_t address) const {
  auto after = std::upper_bound(
      ranges.begin(), ranges.end(), address,
      [](uint64_t a, const UnitRange& unit) { return a < unit.begin; });
  if (after == ranges.begin() || address >= std::prev(after)->end)
    return std::nullopt;
  Dwarf_Die die;
  if (!dwarf_offdie(handle, std::prev(after)->die, &die)) return std::nullopt;
  return die;
}

SourceLines::SourceLines(const formats::ElfFile& elf)
    : units_(std::make_unique<Units>(elf.handle())) {}

SourceLines::~SourceLines() = default;

SourceFrame SourceLines::line_at(uint64_t address) {
  SourceFrame frame;
  std::optional<Dwarf_Die> unit = units_->unit_at(address);
  if (unit) set_line_at(&*unit, address, frame);
  return frame;
}

std::vector<SourceFrame> SourceLines::frames_at(uint64_t address) {
  std::optional<Dwarf_Die> unit = units_->unit_at(address);
  if (!unit) return {};
  std::vector<SourceFrame> frames(1);
  set_line_at(&*unit, address, frames[0]);

  // Innermost first; the real function ends the chain of inlined ones.
  const Scopes scopes = scopes_at(&*unit, address);
  for (int i = 0; i < std::min(scopes.count, kMaxFrames); ++i) {
    Dwarf_Die* die = &scopes.dies.get()[i];
    int tag = dwarf_tag(die);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram) continue;
    frames.back().function = name_of(die);
    if (tag == DW_TAG_subprogram) return frames;
    SourceFrame caller;
    caller.file =
        with_folder(&*unit, file_of(&*unit, number_of(die, DW_AT_call_file)));
    caller.line = number_of(die, DW_AT_call_line);
    caller.column = number_of(die, DW_AT_call_column);
    frames.push_back(std::move(caller));
  }
  if (frames.size() == 1 && frames[0].line == 0) return {};
  return frames;
}

}  // namespace ptcap::decode
