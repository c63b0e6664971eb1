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
#include <string>
#include <unordered_map>
#include <utility>

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

  // Takes out what `base` has, whatever its counts.
  void remove(const Coverage& base);

  const formats::CoverageData& data() const { return data_; }
  const std::map<FunctionKey, FunctionCoverage>& functions() const {
    return functions_;
  }
  formats::LineCoverage lines() const;

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

  formats::CoveragePlace place(const TraceStream& stream, const Place& place,
                               uint64_t ip, Names& names);
  void add_block(const fast::BlockCount& count, const TraceStream& stream,
                 Names& names, const Filter& filter);

  formats::CoverageData data_;
  std::map<std::string, uint32_t> module_ids_;
  std::map<FunctionKey, FunctionCoverage> functions_;
  std::map<LineKey, uint64_t> lines_;
  // Of functions by source file.
  std::map<std::pair<std::string, std::string>, formats::LineCoverage::Function>
      line_functions_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_COVERAGE_COVERAGE_H_
