// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The function names of one module: one file, wherever it is mapped.

#ifndef PTCAP_DECODE_SYMBOLS_MODULE_SYMBOLS_H_
#define PTCAP_DECODE_SYMBOLS_MODULE_SYMBOLS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decode/symbols/plt.h"
#include "decode/symbols/source_lines.h"
#include "decode/symbols/symbol_files.h"
#include "decode/symbols/unwind_table.h"
#include "formats/elf/function_table.h"

namespace ptcap::decode {

// [begin, end) is where this name holds. The name is demangled, escaped for
// output, and lives as long as the ModuleSymbols.
struct NamedRange {
  std::string_view name;
  uint64_t begin = 0;
  uint64_t end = 0;
};

// Addresses are those of the file, not those where it runs. Not thread-safe.
class ModuleSymbols {
 public:
  explicit ModuleSymbols(SymbolFiles files);

  // The innermost function or PLT stub around `address`. Its range is cut so
  // that it holds `address` and no function nested in it.
  std::optional<NamedRange> function_at(uint64_t address);

  // See SourceLines::frames_at(); functions demangled, all text escaped.
  std::vector<SourceFrame> source_at(uint64_t address);
  // See SourceLines::line_at(); escaped.
  SourceFrame line_at(uint64_t address);

  // The function around `address` by .eh_frame, without a name. Not the PLT,
  // which is one entry there.
  std::optional<NamedRange> unnamed_function_at(uint64_t address);
  // See UnwindTable.
  std::optional<uint64_t> landing_pad(uint64_t return_address);

  // The file address for byte `offset` of the mapped file. Without that file
  // a separate debug file helps, if the mapping that begins at
  // `mapping_offset` can only be its one executable segment.
  std::optional<uint64_t> address_of(uint64_t offset,
                                     uint64_t mapping_offset) const;

  bool has_file() const { return files_.binary || files_.debug; }

 private:
  SourceLines& lines();  // REQUIRES: a file
  const UnwindTable* unwind_table();
  std::optional<NamedRange> plt_stub_at(uint64_t address);
  // Escaped and demangled, once for each.
  std::string_view shown(std::string_view mangled);

  SymbolFiles files_;
  std::vector<formats::FunctionTable> tables_;  // debug file's first
  std::vector<PltEntry> plt_;
  std::unique_ptr<SourceLines> lines_;   // made when first asked
  std::unique_ptr<UnwindTable> unwind_;  // likewise
  std::unordered_map<std::string_view, std::string> shown_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_SYMBOLS_MODULE_SYMBOLS_H_
