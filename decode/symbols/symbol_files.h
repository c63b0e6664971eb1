// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where the symbols of a module are on this machine: in the file itself, or
// in a separate debug file.

#ifndef PTCAP_DECODE_SYMBOLS_SYMBOL_FILES_H_
#define PTCAP_DECODE_SYMBOLS_SYMBOL_FILES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formats/elf/elf_file.h"
#include "formats/io/reporter.h"

namespace ptcap::decode {

struct SymbolOptions {
  // Put before every path that a trace names, and before debug_directories.
  std::string sysroot;
  std::vector<std::string> debug_directories = {"/usr/lib/debug"};
  // Where JITs write perf-PID.map; empty: such files are not read.
  std::string jit_map_directory = "/tmp";
};

// Either may be missing.
struct SymbolFiles {
  std::unique_ptr<formats::ElfFile> binary;  // the file that was mapped
  std::unique_ptr<formats::ElfFile> debug;   // has what strip took away
};

// Finds the files for the module that a trace calls `path`. Files are used
// only if they have the trace's build-id (empty: the trace does not know it);
// one that has another is reported. Searched, as gdb and perf do:
//   binary  SYSROOT/path, DEBUGDIR/.build-id/ab/cdef
//   debug   DEBUGDIR/.build-id/ab/cdef.debug; and by .gnu_debuglink, where
//           its CRC matches: next to the binary, in .debug/ there, and in
//           DEBUGDIR/(folder of the binary)/
// Nothing is fetched (no debuginfod) and nothing executed.
SymbolFiles find_symbol_files(const std::string& path,
                              const std::vector<uint8_t>& build_id,
                              const SymbolOptions& options,
                              formats::Reporter& reporter);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_SYMBOLS_SYMBOL_FILES_H_
