// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The code of functions with counts and source, and how much of each module
// and source file ran.

#ifndef PTCAP_DECODE_REPORT_ANNOTATE_H_
#define PTCAP_DECODE_REPORT_ANNOTATE_H_

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "decode/code_view.h"
#include "decode/disasm/disassembler.h"
#include "decode/names.h"
#include "decode/report/hot_code.h"

namespace ptcap::decode {

// A line of source or one instruction.
struct CodeLine {
  std::string source;  // else an instruction:
  uint64_t address = 0;
  uint64_t count = 0;
  std::string text;
};

struct CodeOfFunction {
  const Function* function = nullptr;
  std::vector<CodeLine> lines;
};

// What ran of a module.
struct ModuleCode {
  using Range = std::pair<uint64_t, uint64_t>;
  std::vector<Range> ran;  // offsets in the file; may overlap
  uint64_t all = 0;        // bytes that are mapped
};

// Source files by name, with the lines as shown. A file that is not there, not
// regular or too large has none.
class SourceFiles {
 public:
  // Empty where there is none.
  std::string line(const std::string& path, uint32_t number);

 private:
  std::map<std::string, std::vector<std::string>> files_;
};

// The code of one process. Borrows all.
class Annotator {
 public:
  Annotator(Names& names, const TraceStream& stream, const CodeView& code,
            SourceFiles& sources)
      : names_(names), stream_(stream), code_(code), sources_(sources) {}

  // `blocks` are HotCode's.
  void add(std::span<const HotBlock> blocks);

  CodeOfFunction function(const FunctionPart& part, ExecMode mode);

  // By name: code of modules, lines of files.
  std::map<std::string, ModuleCode> modules();
  const std::map<std::string, std::set<uint32_t>>& files() const {
    return files_;
  }

 private:
  struct Where {
    std::string file;
    uint32_t line = 0;  // 0 unknown
  };

  const Where& where(uint64_t ip);
  void add_source(uint64_t ip, std::string& last, std::vector<CodeLine>& lines);

  Names& names_;
  const TraceStream& stream_;
  const CodeView& code_;
  SourceFiles& sources_;
  Disassembler disassembler_;
  std::map<uint64_t, uint64_t> counts_;        // by instruction
  std::unordered_map<uint64_t, Where> where_;  // DWARF is searched once
  std::map<uint64_t, uint64_t> ran_;           // [begin, end) without overlap
  std::map<std::string, std::set<uint32_t>> files_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_REPORT_ANNOTATE_H_
