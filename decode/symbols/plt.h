// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Names for the stubs of a procedure linkage table, which no symbol names.

#ifndef PTCAP_DECODE_SYMBOLS_PLT_H_
#define PTCAP_DECODE_SYMBOLS_PLT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "formats/elf/elf_file.h"

namespace ptcap::decode {

struct PltEntry {
  uint64_t address = 0;  // in the file's address space
  uint64_t size = 0;
  std::string name;  // "puts@plt", mangled as in the symbol table
};

// Of .plt, .plt.sec, .plt.got and .iplt, sorted by address. Each stub is
// found by its jump through the GOT, and named by the relocation of that slot
// (for an ifunc of a static program: by the address of its resolver).
std::vector<PltEntry> read_plt(const formats::ElfFile& elf);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_SYMBOLS_PLT_H_
