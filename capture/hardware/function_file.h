// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Functions that the command line names, as offsets in their file.

#ifndef PTCAP_CAPTURE_HARDWARE_FUNCTION_FILE_H_
#define PTCAP_CAPTURE_HARDWARE_FUNCTION_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "formats/elf/elf_file.h"
#include "formats/elf/function_table.h"

namespace ptcap::capture {

struct FileRange {
  uint64_t begin = 0, end = 0;
};

class FunctionFile {
 public:
  // `option` is for messages. Throws CaptureError for a file that cannot be
  // read.
  FunctionFile(std::string option, const std::string& path);

  // Throws UsageError for a function that the file does not have (naming
  // similar ones) or has several times (naming each; "main#2" then means the
  // second).
  FileRange function(const std::string& text) const;
  FileRange whole() const { return {0, elf_.size_bytes()}; }

 private:
  [[noreturn]] void fail_ambiguous(
      const std::string& name,
      const std::vector<const formats::ElfFunction*>& found) const;

  std::string option_, path_;
  formats::ElfFile elf_;
  formats::FunctionTable table_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_FUNCTION_FILE_H_
