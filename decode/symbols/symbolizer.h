// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Names for addresses: function and offset, source lines. Independent of how
// the caller keeps track of mappings over time; it hands in descriptions.

#ifndef PTCAP_DECODE_SYMBOLS_SYMBOLIZER_H_
#define PTCAP_DECODE_SYMBOLS_SYMBOLIZER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/symbols/jit_map.h"
#include "decode/symbols/module_symbols.h"
#include "formats/io/reporter.h"

namespace ptcap::decode {

// One mapping, as PERF_RECORD_MMAP2 or a CodeMapping describes it.
struct MappingDescription {
  uint32_t pid = 0;               // for JIT maps
  std::string path;               // or "[vdso]", "//anon"...
  std::vector<uint8_t> build_id;  // empty unknown
  uint64_t address = 0;
  uint64_t size = 0;
  uint64_t file_offset = 0;
  // The bytes that stood there, if the trace has them: the vDSO is in no file,
  // but is one. Borrowed for as long as the Symbolizer lives.
  std::span<const uint8_t> image;
};

// The names in one mapping; cheap to copy, to be kept beside the mapping.
// Valid as long as the Symbolizer.
class MappedSymbols {
 public:
  MappedSymbols() = default;  // knows nothing

  // With run-time addresses: [begin, end) is where the same answer holds, so
  // that a caller asks again only when it leaves that.
  std::optional<NamedRange> function_at(uint64_t ip) const;
  // The function around `ip` by the unwind tables, without a name.
  std::optional<NamedRange> unnamed_function_at(uint64_t ip) const;
  // Where an exception that leaves the call which returns to `return_to`
  // lands; 0: nowhere. nullopt: not known.
  std::optional<uint64_t> landing_pad(uint64_t return_to) const;
  // Innermost first; slow (DWARF is searched).
  std::vector<SourceFrame> source_at(uint64_t ip) const;
  // The first of them without its function; line 0 unknown. Much quicker.
  SourceFrame line_at(uint64_t ip) const;
  // What the module's file calls `ip`; nullopt if nothing is known of it.
  std::optional<uint64_t> file_address(uint64_t ip) const;

 private:
  friend class Symbolizer;

  NamedRange at_run_time(const NamedRange& range, uint64_t address,
                         uint64_t ip) const;

  ModuleSymbols* module_ = nullptr;
  const JitMap* jit_map_ = nullptr;
  uint64_t address_ = 0;
  uint64_t size_ = 0;
  uint64_t file_offset_ = 0;
};

// Files are opened when first asked for, each once. Not thread-safe.
class Symbolizer {
 public:
  // Problems with symbol files go to `reporter`, which must outlive this.
  Symbolizer(SymbolOptions options, formats::Reporter& reporter);
  ~Symbolizer();

  // Never throws for what a trace says: what cannot be read has no names.
  MappedSymbols open(const MappingDescription& mapping);

 private:
  ModuleSymbols* module_for(const MappingDescription& mapping);
  const JitMap* jit_map_for(uint32_t pid);

  SymbolOptions options_;
  formats::Reporter& reporter_;
  std::map<std::string, std::unique_ptr<ModuleSymbols>> modules_;
  std::map<uint32_t, std::unique_ptr<JitMap>> jit_maps_;
};

// How tools show the function part of a name: without the parameter list and
// with template arguments kept, "ns::f<int>(char*)" -> "ns::f<int>".
std::string_view without_parameters(std::string_view demangled);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_SYMBOLS_SYMBOLIZER_H_
