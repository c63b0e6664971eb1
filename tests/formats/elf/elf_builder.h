// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Makes small ELF64 files, true or lying, for tests.

#ifndef PTCAP_TESTS_FORMATS_ELF_ELF_BUILDER_H_
#define PTCAP_TESTS_FORMATS_ELF_ELF_BUILDER_H_

#include <elf.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ptcap::formats {

// Layout: header, program headers, section headers, contents. Tests change
// `header`, `segments` and `sections` before build() to make them lie; the
// order of sections is the order added, section 0 is the null section.
struct ElfBuilder {
  ElfBuilder();

  // Content goes to the file's end; sets sh_offset and sh_size at build().
  // Returns the section's index.
  size_t add_section(const std::string& name, Elf64_Shdr header,
                     std::vector<uint8_t> content);
  void add_symbol(const std::string& name, uint8_t type, uint8_t binding,
                  uint64_t value, uint64_t size, uint16_t section);
  // Adds .symtab and .strtab with the symbols so far; index of .symtab.
  size_t add_symbol_table();

  std::vector<uint8_t> build();

  Elf64_Ehdr header = {};
  std::vector<Elf64_Phdr> segments;
  std::vector<Elf64_Shdr> sections;
  // build() leaves the true size of a section where this is 0.
  std::vector<uint64_t> lying_sizes;

 private:
  std::vector<std::vector<uint8_t>> contents_;
  std::vector<uint8_t> section_names_ = {0};
  std::vector<Elf64_Sym> symbols_;
  std::vector<uint8_t> symbol_names_ = {0};
};

}  // namespace ptcap::formats

#endif  // PTCAP_TESTS_FORMATS_ELF_ELF_BUILDER_H_
