// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/source_lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace ptcap::decode {
namespace {

// Real programs inline some 20 deep; a hostile one may claim anything.
constexpr int kMaxDepth = 256;

struct UnitRange {
  uint64_t begin = 0, end = 0;
  Dwarf_Off die = 0;
};

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

// The functions of a unit and what is inlined into them, so that their tree is
// walked once and not for each address.
class Scopes {
 public:
  explicit Scopes(Dwarf_Die* unit) : unit_(*unit) { add_children(unit, -1, 0); }

  // The frames at `address` behind the line that the innermost one is at: the
  // function of the first one, then the others. Valid as long as this.
  const std::vector<SourceFrame>& frames_at(uint64_t address);

 private:
  struct Scope {
    Dwarf_Die die;
    int parent;                       // -1: none
    std::vector<SourceFrame> frames;  // when first asked
  };

  void add_children(Dwarf_Die* parent, int scope, int depth);
  void add_ranges(Dwarf_Die* die, int scope);
  void split(uint64_t address);
  std::vector<SourceFrame> frames_of(int scope);

  Dwarf_Die unit_;
  std::vector<Scope> scopes_;
  // The innermost scope from an address on, up to the next one.
  std::map<uint64_t, int> innermost_ = {{0, -1}};
};

void Scopes::add_children(Dwarf_Die* parent, int scope, int depth) {
  Dwarf_Die die;
  if (depth > kMaxDepth || dwarf_child(parent, &die) != 0) return;
  do {
    const int tag = dwarf_tag(&die);
    int inner = scope;
    if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine) {
      inner = static_cast<int>(scopes_.size());
      scopes_.push_back({die, scope, {}});
      add_ranges(&die, inner);
    }
    if (dwarf_haschildren(&die) != 0) add_children(&die, inner, depth + 1);
  } while (dwarf_siblingof(&die, &die) == 0);
}

// What was inside of the range before is around it.
void Scopes::add_ranges(Dwarf_Die* die, int scope) {
  Dwarf_Addr base = 0, begin = 0, end = 0;
  ptrdiff_t at = 0;
  while ((at = dwarf_ranges(die, at, &base, &begin, &end)) > 0) {
    if (begin >= end) continue;
    split(begin);
    split(end);
    const auto first = innermost_.find(begin);
    innermost_.erase(std::next(first), innermost_.find(end));
    first->second = scope;
  }
}

void Scopes::split(uint64_t address) {
  const auto around = std::prev(innermost_.upper_bound(address));
  innermost_.try_emplace(address, around->second);
}

const std::vector<SourceFrame>& Scopes::frames_at(uint64_t address) {
  static const std::vector<SourceFrame> kNone(1);
  const int scope = std::prev(innermost_.upper_bound(address))->second;
  if (scope < 0) return kNone;
  auto& frames = scopes_[static_cast<size_t>(scope)].frames;
  if (frames.empty()) frames = frames_of(scope);
  return frames;
}

// Innermost first; the real function ends the chain of inlined ones.
std::vector<SourceFrame> Scopes::frames_of(int scope) {
  std::vector<SourceFrame> frames(1);
  for (; scope >= 0; scope = scopes_[static_cast<size_t>(scope)].parent) {
    Dwarf_Die* die = &scopes_[static_cast<size_t>(scope)].die;
    frames.back().function = name_of(die);
    if (dwarf_tag(die) == DW_TAG_subprogram) break;
    SourceFrame caller;
    caller.file =
        with_folder(&unit_, file_of(&unit_, number_of(die, DW_AT_call_file)));
    caller.line = number_of(die, DW_AT_call_line);
    caller.column = number_of(die, DW_AT_call_column);
    frames.push_back(std::move(caller));
  }
  return frames;
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
  std::vector<UnitRange> ranges;       // by begin
  std::map<Dwarf_Off, Scopes> scopes;  // by unit, when first asked
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

  const auto at =
      units_->scopes.try_emplace(dwarf_dieoffset(&*unit), &*unit).first;
  const auto& callers = at->second.frames_at(address);
  frames[0].function = callers[0].function;
  frames.insert(frames.end(), callers.begin() + 1, callers.end());
  if (frames.size() == 1 && frames[0].line == 0 && frames[0].function.empty()) {
    return {};
  }
  return frames;
}

}  // namespace ptcap::decode
