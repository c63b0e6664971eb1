// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/formats/elf/elf_builder.h"

#include <cstring>

namespace ptcap::formats {
namespace {

template <typename T>
void append(std::vector<uint8_t>& out, const T& value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof(T));
}

uint32_t append_name(std::vector<uint8_t>& names, const std::string& name) {
  auto at = static_cast<uint32_t>(names.size());
  names.insert(names.end(), name.begin(), name.end());
  names.push_back(0);
  return at;
}

}  // namespace

ElfBuilder::ElfBuilder() {
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_shentsize = sizeof(Elf64_Shdr);
  sections.push_back({});
  contents_.emplace_back();
  lying_sizes.push_back(0);
  symbols_.push_back({});
}

size_t ElfBuilder::add_section(const std::string& name, Elf64_Shdr section,
                               std::vector<uint8_t> content) {
  section.sh_name = append_name(section_names_, name);
  sections.push_back(section);
  contents_.push_back(std::move(content));
  lying_sizes.push_back(0);
  return sections.size() - 1;
}

void ElfBuilder::add_symbol(const std::string& name, uint8_t type,
                            uint8_t binding, uint64_t value, uint64_t size,
                            uint16_t section) {
  Elf64_Sym symbol = {};
  symbol.st_name = append_name(symbol_names_, name);
  symbol.st_info = ELF64_ST_INFO(binding, type);
  symbol.st_shndx = section;
  symbol.st_value = value;
  symbol.st_size = size;
  symbols_.push_back(symbol);
}

size_t ElfBuilder::add_symbol_table() {
  std::vector<uint8_t> table;
  for (const Elf64_Sym& symbol : symbols_) append(table, symbol);
  Elf64_Shdr section = {};
  section.sh_type = SHT_STRTAB;
  size_t strings = add_section(".strtab", section, symbol_names_);
  section.sh_type = SHT_SYMTAB;
  section.sh_link = static_cast<uint32_t>(strings);
  section.sh_entsize = sizeof(Elf64_Sym);
  section.sh_addralign = 8;
  return add_section(".symtab", section, std::move(table));
}

std::vector<uint8_t> ElfBuilder::build() {
  Elf64_Shdr names = {};
  names.sh_type = SHT_STRTAB;
  header.e_shstrndx =
      static_cast<uint16_t>(add_section(".shstrtab", names, {}));
  contents_.back() = section_names_;
  header.e_phoff = sizeof(header);
  header.e_phnum = static_cast<uint16_t>(segments.size());
  header.e_shoff = header.e_phoff + segments.size() * sizeof(Elf64_Phdr);
  header.e_shnum = static_cast<uint16_t>(sections.size());

  uint64_t at = header.e_shoff + sections.size() * sizeof(Elf64_Shdr);
  for (size_t i = 1; i < sections.size(); ++i) {
    at = (at + 7) & ~uint64_t{7};
    sections[i].sh_offset = at;
    sections[i].sh_size = lying_sizes[i] ? lying_sizes[i] : contents_[i].size();
    at += contents_[i].size();
  }
  std::vector<uint8_t> file;
  append(file, header);
  for (const Elf64_Phdr& segment : segments) append(file, segment);
  for (const Elf64_Shdr& section : sections) append(file, section);
  for (size_t i = 1; i < sections.size(); ++i) {
    file.resize(sections[i].sh_offset);
    file.insert(file.end(), contents_[i].begin(), contents_[i].end());
  }
  return file;
}

}  // namespace ptcap::formats
