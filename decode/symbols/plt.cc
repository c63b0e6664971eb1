// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/plt.h"

#include <gelf.h>

#include <algorithm>
#include <map>
#include <optional>

#include "formats/elf/function_table.h"

namespace ptcap::decode {
namespace {

using formats::ByteReader;
using formats::Bytes;
using formats::ElfClass;
using formats::ElfFile;
using formats::ElfSection;

using NameBySlot = std::map<uint64_t, std::string>;

// More than any linker makes; a hostile file has no right to more.
constexpr size_t kMaxRelocations = 4 << 20;

struct Relocation {
  uint64_t slot = 0;
  uint32_t symbol = 0;
  std::optional<uint64_t> resolver;  // of IRELATIVE ones
};

// What an IRELATIVE relocation without addend (i386) finds in its slot.
std::optional<uint64_t> word_at(const ElfFile& elf, uint64_t address) {
  std::optional<uint64_t> offset = elf.offset_of_address(address);
  uint8_t word[4];
  if (!offset || elf.read(*offset, word) != sizeof(word)) return std::nullopt;
  return ByteReader(word).u32();
}

std::vector<Relocation> read_relocations(const ElfFile& elf,
                                         const ElfSection& section) {
  std::vector<Relocation> relocations;
  const bool rela = section.type == SHT_RELA;
  Elf_Scn* scn = elf_getscn(elf.handle(), section.index);
  Elf_Data* data = scn ? elf_getdata(scn, nullptr) : nullptr;
  for (size_t i = 0; data && i < kMaxRelocations; ++i) {
    GElf_Rela entry = {};
    GElf_Rel without_addend = {};
    if (rela) {
      if (!gelf_getrela(data, static_cast<int>(i), &entry)) break;
    } else {
      if (!gelf_getrel(data, static_cast<int>(i), &without_addend)) break;
      entry.r_offset = without_addend.r_offset;
      entry.r_info = without_addend.r_info;
    }
    Relocation relocation{
        .slot = entry.r_offset,
        .symbol = static_cast<uint32_t>(GELF_R_SYM(entry.r_info)),
        .resolver = std::nullopt};
    uint64_t type = GELF_R_TYPE(entry.r_info);
    if (elf.machine() == EM_X86_64 && type == R_X86_64_IRELATIVE)
      relocation.resolver = static_cast<uint64_t>(entry.r_addend);
    if (elf.machine() == EM_386 && type == R_386_IRELATIVE)
      relocation.resolver = word_at(elf, entry.r_offset);
    relocations.push_back(relocation);
  }
  return relocations;
}

std::string symbol_name(const ElfFile& elf, const ElfSection& symbols,
                        uint32_t index) {
  Elf_Scn* scn = elf_getscn(elf.handle(), symbols.index);
  Elf_Data* data = scn ? elf_getdata(scn, nullptr) : nullptr;
  GElf_Sym symbol;
  if (!data || !gelf_getsym(data, static_cast<int>(index), &symbol)) return {};
  const char* name = elf_strptr(elf.handle(), symbols.link, symbol.st_name);
  return name ? name : "";
}

NameBySlot names_by_slot(const ElfFile& elf,
                         const std::vector<ElfSection>& sections) {
  NameBySlot names;
  const formats::FunctionTable functions(elf);
  for (const ElfSection& section : sections) {
    if (section.type != SHT_RELA && section.type != SHT_REL) continue;
    const ElfSection* symbols =
        section.link != 0 && section.link <= sections.size()
            ? &sections[section.link - 1]
            : nullptr;
    for (const Relocation& relocation : read_relocations(elf, section)) {
      std::string name;
      if (relocation.resolver) {
        const auto* function = functions.find(*relocation.resolver);
        if (function) name = function->name;
      } else if (symbols && relocation.symbol != 0) {
        name = symbol_name(elf, *symbols, relocation.symbol);
      }
      name.resize(std::min(name.size(), name.find('@')));
      if (!name.empty()) names[relocation.slot] = name + "@plt";
    }
  }
  return names;
}

// The GOT slot of the `jmp [slot]` in a stub: FF 25 disp32 (relative to the
// next instruction in 64-bit code, absolute in 32-bit code) or FF A3 disp32
// (relative to %ebx, which is the GOT's address). endbr and bnd may precede.
std::optional<uint64_t> slot_of_stub(Bytes stub, uint64_t address,
                                     ElfClass elf_class, uint64_t got) {
  for (size_t at = 0; at + 6 <= stub.size(); ++at) {
    if (stub[at] != 0xff || (stub[at + 1] != 0x25 && stub[at + 1] != 0xa3))
      continue;
    auto displacement = ByteReader(stub.subspan(at + 2, 4)).s32();
    if (elf_class == ElfClass::k64)
      return address + at + 6 + static_cast<int64_t>(displacement);
    auto low = static_cast<uint32_t>(displacement);
    return stub[at + 1] == 0x25 ? low : static_cast<uint32_t>(got + low);
  }
  return std::nullopt;
}

uint64_t stub_size(const ElfSection& section) {
  // .plt.got has 8-byte stubs, 16 with endbr; old linkers leave it 0 or lie.
  if (section.entry_size == 8) return 8;
  return 16;
}

uint64_t got_address(const std::vector<ElfSection>& sections) {
  for (std::string_view name : {".got.plt", ".got"})
    for (const ElfSection& section : sections)
      if (section.name == name) return section.address;
  return 0;
}

}  // namespace

std::vector<PltEntry> read_plt(const ElfFile& elf) {
  std::vector<PltEntry> entries;
  const std::vector<ElfSection> sections = elf.sections();
  const NameBySlot names = names_by_slot(elf, sections);
  const uint64_t got = got_address(sections);
  for (const ElfSection& section : sections) {
    if (section.name != ".plt" && section.name != ".plt.sec" &&
        section.name != ".plt.got" && section.name != ".iplt")
      continue;
    const Bytes data = elf.section_data(section);
    const uint64_t size = stub_size(section);
    for (uint64_t at = 0; at + size <= data.size(); at += size) {
      const uint64_t address = section.address + at;
      auto slot =
          slot_of_stub(data.subspan(at, size), address, elf.elf_class(), got);
      auto name = slot ? names.find(*slot) : names.end();
      if (name != names.end()) entries.push_back({address, size, name->second});
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const PltEntry& a, const PltEntry& b) {
              return a.address < b.address;
            });
  return entries;
}

}  // namespace ptcap::decode
