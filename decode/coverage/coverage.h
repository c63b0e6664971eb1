// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From counts at run-time addresses to coverage of modules, functions and
// source lines, over as many traces as one likes.

#ifndef PTCAP_DECODE_COVERAGE_COVERAGE_H_
#define PTCAP_DECODE_COVERAGE_COVERAGE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "decode/fast/edge_counts.h"
#include "decode/names.h"
#include "formats/coverage/coverage_data.h"

namespace ptcap::decode {

// What one function ran.
struct FunctionCoverage {
  uint64_t entries = 0;  // times its first instruction ran
  uint64_t blocks = 0;   // different ones
  uint64_t instructions = 0;
};

// How much of a module ran.
struct ModuleCoverage {
  uint64_t functions = 0;
  uint64_t functions_run = 0;
  uint64_t blocks = 0;  // static_blocks.h
  uint64_t blocks_run = 0;
};

class Coverage {
 public:
  using FunctionKey = std::pair<std::string, std::string>;  // module, name
  // Which places to take in.
  using Filter = std::function<bool(const Place&)>;

  // Adds what a stream ran.
  void add(const fast::FlowCounts& counts, const TraceStream& stream,
           Names& names, const Filter& filter);

  // Adds the source lines of it, which is slow. `code` is what ran.
  void add_lines(const fast::FlowCounts& counts, const TraceStream& stream,
                 Names& names, const CodeView& code, ExecMode mode,
                 const Filter& filter);

  // Adds all blocks that the modules have of which something ran: looks at all
  // of their code, once.
  void add_modules(const fast::FlowCounts& counts, const TraceStream& stream,
                   Names& names, const CodeView& code, ExecMode mode,
                   const Filter& filter);

  // Takes out what `base` has, whatever its counts.
  void remove(const Coverage& base);

  const formats::CoverageData& data() const { return data_; }
  const std::map<FunctionKey, FunctionCoverage>& functions() const {
    return functions_;
  }
  formats::LineCoverage lines() const;
  // By path, of those that add_modules() has seen.
  std::map<std::string, ModuleCoverage> modules() const;

 private:
  struct LineKey {
    std::string file;
    uint32_t line = 0;
    // The functions that the line is inlined into there: each such copy is
    // counted on its own.
    std::string copy;

    // clang-tidy 14 takes the 0 in what is generated for a pointer.
    auto operator<=>(const LineKey&) const =
        default;  // NOLINT(modernize-use-nullptr)
  };

  // A block of a module, by its offset there, and the function that it is in.
  struct StaticBlock {
    uint64_t offset = 0;
    std::string_view function;
  };
  struct StaticModule {
    std::set<uint64_t> mappings;  // that were looked at, by file offset
    std::set<std::string> functions;
    std::vector<StaticBlock> blocks;
  };

  formats::CoveragePlace place(const TraceStream& stream, const Place& place,
                               uint64_t ip, Names& names);
  void add_block(const fast::BlockCount& count, const TraceStream& stream,
                 Names& names, const Filter& filter);

  formats::CoverageData data_;
  std::map<std::string, uint32_t> module_ids_;
  std::map<FunctionKey, FunctionCoverage> functions_;
  std::map<LineKey, uint64_t> lines_;
  std::map<uint32_t, StaticModule> static_modules_;  // by id in data_
  // Of functions by source file.
  std::map<std::pair<std::string, std::string>, formats::LineCoverage::Function>
      line_functions_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_COVERAGE_COVERAGE_H_
