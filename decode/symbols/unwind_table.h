// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What .eh_frame knows: where functions begin and end, also without symbols,
// and where exceptions that leave a call are caught.

#ifndef PTCAP_DECODE_SYMBOLS_UNWIND_TABLE_H_
#define PTCAP_DECODE_SYMBOLS_UNWIND_TABLE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "formats/elf/elf_file.h"

namespace ptcap::decode {

// Addresses are those of the file.
struct UnwindEntry {
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t lsda = 0;  // in .gcc_except_table; 0: none
};

// The format is that of the Linux Standard Base, "Exception Frames", and, for
// .gcc_except_table, of gcc's unwind-c++ (the Itanium C++ ABI names it LSDA).
class UnwindTable {
 public:
  // Borrows `elf`. A table that is damaged ends where the damage begins.
  explicit UnwindTable(const formats::ElfFile& elf);

  // The function, or a part of one, around `address`; nullptr: unknown.
  const UnwindEntry* find(uint64_t address) const;

  // Where an exception lands that leaves the call which returns to
  // `return_address`: 0: nowhere, the function is left. nullopt: not known.
  std::optional<uint64_t> landing_pad(uint64_t return_address) const;

 private:
  void read_frames(formats::Bytes bytes, uint64_t address);
  std::optional<uint64_t> read_landing_pad(const UnwindEntry& function,
                                           uint64_t call) const;

  const formats::ElfFile& elf_;
  std::vector<UnwindEntry> entries_;  // by begin, without overlap
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_SYMBOLS_UNWIND_TABLE_H_
