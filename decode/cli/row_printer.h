// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Rows as text, tsv and json. DESIGN, section 6 has the contract for tsv.

#ifndef PTCAP_DECODE_CLI_ROW_PRINTER_H_
#define PTCAP_DECODE_CLI_ROW_PRINTER_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "decode/branch_rows.h"
#include "decode/cli/command_line.h"
#include "decode/cli/line_column.h"
#include "decode/cli/output.h"
#include "decode/disasm/disassembler.h"
#include "decode/insn_info.h"
#include "decode/names.h"
#include "decode/trace.h"

namespace ptcap::decode {

// The columns that every row begins with, made once for each stream.
class StreamColumns {
 public:
  explicit StreamColumns(Format format) : format_(format) {}

  // "pid\ttid\tcpu\t", "pid/tid " or "\"pid\":1,...". Valid until the next
  // call.
  std::string_view of(const TraceStream& stream);

 private:
  std::string make(const TraceStream& stream) const;

  Format format_;
  const TraceStream* last_ = nullptr;
  std::string text_;
};

class BranchPrinter {
 public:
  // Borrows all. `names` may be null for tsv and json.
  BranchPrinter(Format format, Output& out, Names* names,
                LineColumn* lines = nullptr)
      : format_(format),
        out_(out),
        names_(names),
        lines_(lines),
        columns_(format) {}

  void header();
  void row(const TraceStream& stream, const BranchRow& row);

 private:
  void tsv(const TraceStream& stream, const BranchRow& row);
  void json(const TraceStream& stream, const BranchRow& row);
  void text(const TraceStream& stream, const BranchRow& row);
  void lines(const TraceStream& stream, const BranchRow& row);

  Format format_;
  Output& out_;
  Names* names_;
  LineColumn* lines_;  // nullptr: none are wanted
  StreamColumns columns_;
};

class BlockPrinter {
 public:
  BlockPrinter(Format format, Output& out, Names* names)
      : format_(format), out_(out), names_(names), columns_(format) {}

  void header();
  void row(const TraceStream& stream, const FlowItem& block);

 private:
  Format format_;
  Output& out_;
  Names* names_;
  StreamColumns columns_;
};

// One instruction.
struct InsnRow {
  uint64_t time = 0;
  uint64_t ip = 0;
  uint32_t slice = 0;  // as in FlowItem
  ExecMode mode = ExecMode::k64;
  uint8_t size = 0;  // of `bytes`
  std::array<uint8_t, kMaxInsnSize> bytes = {};
};

class InsnPrinter {
 public:
  InsnPrinter(Format format, Output& out, Names* names, bool with_text,
              LineColumn* lines = nullptr)
      : format_(format),
        out_(out),
        names_(names),
        lines_(lines),
        with_text_(with_text),
        columns_(format) {}

  void header();
  void row(const TraceStream& stream, const InsnRow& insn);

 private:
  Format format_;
  Output& out_;
  Names* names_;
  LineColumn* lines_;  // nullptr: none are wanted
  bool with_text_;
  StreamColumns columns_;
  Disassembler disassembler_;
};

// Puts "function+0x12 (module)" or "0x1234 (module)"; may flush.
void put_place(Output& out, const Place& place, uint64_t ip);

// Of tsv, with its tab. REQUIRES: room.
void put_time_column(Output& out, uint64_t time);
// "12.345678901  "; nothing for an unknown time. REQUIRES: room.
void put_time_text(Output& out, uint64_t time);

// `{"pid":1,...,"time_ns":2`, and `,"name":...` with null for what is not
// known; addresses are strings. REQUIRES: room.
void begin_json(Output& out, std::string_view columns, uint64_t time);
void put_json_number(Output& out, std::string_view name, uint64_t value,
                     bool known);
void put_json_address(Output& out, std::string_view name, uint64_t value,
                      bool known);

// `text` as the inside of a JSON string.
std::string json_escaped(std::string_view text);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_ROW_PRINTER_H_
