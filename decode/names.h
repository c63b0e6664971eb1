// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Names for the addresses of a trace, over time.

#ifndef PTCAP_DECODE_NAMES_H_
#define PTCAP_DECODE_NAMES_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "decode/symbols/symbolizer.h"
#include "decode/trace.h"

namespace ptcap::decode {

// What is known of an address. Empty where nothing is.
struct Place {
  const Module* module = nullptr;
  std::string_view function;
  uint64_t function_begin = 0;
  uint64_t function_end = 0;  // where the name holds no more

  // Without folders; "[unknown]" if nothing is mapped there.
  std::string_view module_name() const;
};

// Looking the same function up again is cheap. Borrows the trace.
class Names {
 public:
  Names(Trace& trace, const SymbolOptions& options,
        formats::Reporter& reporter);
  ~Names();

  // At that time (0: unknown). Per stream, times should not go back. Views
  // live as long as this; the reference until the next call.
  const Place& at(const TraceStream& stream, uint64_t ip, uint64_t time_ns);

  // Of a module that at() gave.
  const MappedSymbols& symbols(const TraceStream& stream, const Module& module);

 private:
  struct Range {  // where the same answer holds, until modules change
    uint64_t begin = 0;
    uint64_t end = 0;
    Place place;
  };
  struct StreamNames {
    explicit StreamNames(ModuleMap map) : modules(std::move(map)) {}
    ModuleMap modules;
    static constexpr size_t kRecent = 64;
    Range recent[kRecent];
  };

  StreamNames& names_of(const TraceStream& stream);
  Range find(const TraceStream& stream, StreamNames& names, uint64_t ip);
  Trace& trace_;
  Symbolizer symbolizer_;
  std::unordered_map<const TraceStream*, std::unique_ptr<StreamNames>> streams_;
  const TraceStream* last_stream_ = nullptr;
  StreamNames* last_names_ = nullptr;
  std::unordered_map<const Module*, MappedSymbols> symbols_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_NAMES_H_
