// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Code for `ptdec import`: --raw, --elf and --pages.

#ifndef PTCAP_DECODE_IMPORT_CODE_H_
#define PTCAP_DECODE_IMPORT_CODE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace ptcap::decode {

// Bytes that stand at an address.
struct ImportedCode {
  std::string name;
  uint64_t address = 0;
  std::vector<uint8_t> bytes;
};

// Each takes the argument of its option, and throws UsageError where that is
// malformed, std::system_error or FormatError, naming the file, where that is
// not what it should be.

// FILE[:OFF[-END]]:ADDR, parsed from the right.
ImportedCode read_raw_code(const std::string& argument);
// FILE:BIAS. One for each executable segment.
std::vector<ImportedCode> read_elf_code(const std::string& argument);
// ADDRS:DUMP. Adjacent pages are one; an odd address is an absent page.
std::vector<ImportedCode> read_page_code(const std::string& argument);

std::vector<uint8_t> read_whole_file(const std::string& path);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_IMPORT_CODE_H_
