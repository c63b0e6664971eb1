// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The functions that an ELF file's symbol tables name.

#ifndef PTCAP_FORMATS_ELF_FUNCTION_TABLE_H_
#define PTCAP_FORMATS_ELF_FUNCTION_TABLE_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "formats/elf/elf_file.h"

namespace ptcap::formats {

enum class SymbolBinding : uint8_t { kGlobal, kWeak, kLocal };

struct ElfFunction {
  // Mangled, without a version ("@@GLIBC_2.34"). Borrowed from the ElfFile.
  std::string_view name;
  uint64_t address = 0;  // in the file's address space, not where it runs
  // Where the table gives none (hand-written assembly), up to the next
  // function or the end of the section.
  uint64_t size = 0;
  SymbolBinding binding = SymbolBinding::kGlobal;
  bool ifunc = false;  // the address is that of the resolver
};

// .symtab and .dynsym merged: STT_FUNC, STT_GNU_IFUNC, and labels without type
// in executable sections. Immutable; borrows names from `elf`, which must
// outlive it.
class FunctionTable {
 public:
  explicit FunctionTable(const ElfFile& elf);

  // Sorted by address; of several names at one address the preferred first
  // (sized before unsized, global before weak before local, not glibc's
  // "__GI_" aliases, fewer leading underscores, then by name).
  std::span<const ElfFunction> functions() const { return functions_; }

  // The innermost function around `address`, by its preferred name; nullptr
  // where there is none.
  const ElfFunction* find(uint64_t address) const;

  // All of this exact name, by address; several locals may share one.
  std::vector<const ElfFunction*> find(std::string_view name) const;

 private:
  void add_symbols(const ElfFile& elf, const ElfSection& table,
                   std::span<const ElfSection> sections);
  void sort_and_merge();
  void fill_sizes();

  struct Limits {
    uint64_t begin, end;
  };
  std::vector<Limits> code_;  // executable sections, sorted
  std::vector<ElfFunction> functions_;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_ELF_FUNCTION_TABLE_H_
