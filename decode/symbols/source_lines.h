// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Source lines and inlined functions, from DWARF through elfutils' libdw.

#ifndef PTCAP_DECODE_SYMBOLS_SOURCE_LINES_H_
#define PTCAP_DECODE_SYMBOLS_SOURCE_LINES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formats/elf/elf_file.h"

namespace ptcap::decode {

// Strings are as the file has them: escape_text() before they are shown.
struct SourceFrame {
  std::string function;  // mangled where DWARF has it so; empty unknown
  std::string file;      // absolute where DWARF says the folder
  uint32_t line = 0;     // 0 unknown
  uint32_t column = 0;
};

// Not thread-safe.
class SourceLines {
 public:
  // Borrows `elf`. A file without (readable) DWARF gives no frames.
  explicit SourceLines(const formats::ElfFile& elf);
  ~SourceLines();

  // The frames at `address` in the file's address space, innermost first: an
  // inlined function, then where it was inlined... and the real function last.
  // Empty where DWARF says nothing.
  std::vector<SourceFrame> frames_at(uint64_t address);

  // The first of them without its function: file and line; line 0 where DWARF
  // says nothing. Much quicker.
  SourceFrame line_at(uint64_t address);

 private:
  struct Units;
  std::unique_ptr<Units> units_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_SYMBOLS_SOURCE_LINES_H_
