// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/row_printer.h"

#include <cstdio>
#include <optional>

namespace ptcap::decode {

namespace {

std::string number(const std::optional<uint32_t>& value,
                   std::string_view unknown) {
  return value ? std::to_string(*value) : std::string(unknown);
}

std::optional<Style> style_of(BranchKind kind) {
  switch (kind) {
    case BranchKind::kCall:
    case BranchKind::kIndirectCall:
      return Style::kCall;
    case BranchKind::kRet:
      return Style::kReturn;
    case BranchKind::kOn:
    case BranchKind::kOff:
      return Style::kDim;
    case BranchKind::kGap:
      return Style::kGap;
    default:
      return std::nullopt;
  }
}

// The column of --lines of one address.
void put_line(Output& out, Format format, std::string_view name,
              const std::string& line) {
  switch (format) {
    case Format::kTsv:
      out.put('\t');
      break;
    case Format::kJson:
      out.put(",\"");
      out.put(name);
      out.put(line.empty() ? "\":null" : "\":\"");
      out.write(json_escaped(line));
      out.room();
      if (!line.empty()) out.put('"');
      return;
    case Format::kText:
      if (!line.empty()) out.put("  ");
      break;
  }
  out.write(line);
  out.room();
}

}  // namespace

void put_time_column(Output& out, uint64_t time) {
  if (time != 0) out.put_dec(time);
  out.put('\t');
}

void put_time_text(Output& out, uint64_t time) {
  if (time == 0) return;
  out.begin(Style::kDim);
  out.put_dec(time / 1'000'000'000);
  char fraction[16];
  const int size = std::snprintf(fraction, sizeof(fraction), ".%09u  ",
                                 static_cast<unsigned>(time % 1'000'000'000));
  out.put(std::string_view(fraction, static_cast<size_t>(size)));
  out.end_style();
}

void put_json_number(Output& out, std::string_view name, uint64_t value,
                     bool known) {
  out.put(",\"");
  out.put(name);
  out.put("\":");
  if (known) {
    out.put_dec(value);
  } else {
    out.put("null");
  }
}

void put_json_address(Output& out, std::string_view name, uint64_t value,
                      bool known) {
  out.put(",\"");
  out.put(name);
  if (known) {
    out.put("\":\"");
    out.put_hex(value);
    out.put('"');
  } else {
    out.put("\":null");
  }
}

void begin_json(Output& out, std::string_view columns, uint64_t time) {
  out.put('{');
  out.put(columns);
  put_json_number(out, "time_ns", time, time != 0);
}

std::string json_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      escaped += '\\';
      escaped += c;
    } else if (byte < 0x20) {
      char code[8];
      std::snprintf(code, sizeof(code), "\\u%04x", byte);
      escaped += code;
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string_view StreamColumns::of(const TraceStream& stream) {
  if (last_ != &stream) {
    text_ = make(stream);
    last_ = &stream;
  }
  return text_;
}

std::string StreamColumns::make(const TraceStream& stream) const {
  switch (format_) {
    case Format::kTsv:
      return number(stream.pid, "") + '\t' + number(stream.tid, "") + '\t' +
             number(stream.cpu, "") + '\t';
    case Format::kJson:
      return "\"pid\":" + number(stream.pid, "null") +
             ",\"tid\":" + number(stream.tid, "null") +
             ",\"cpu\":" + number(stream.cpu, "null");
    case Format::kText:
      break;
  }
  std::string text;
  if (stream.pid) text = number(stream.pid, "");
  if (stream.tid) text += "/" + number(stream.tid, "");
  if (stream.cpu) text += " [" + number(stream.cpu, "") + "]";
  return text.empty() ? text : text + "  ";
}

void put_place(Output& out, const Place& place, uint64_t ip) {
  out.room();
  if (place.function.empty()) {
    out.put("0x");
    out.put_hex(ip);
  } else {
    out.write(place.function);
    out.room();
    if (ip != place.function_begin) {
      out.put("+0x");
      out.put_hex(ip - place.function_begin);
    }
  }
  if (place.module == nullptr) return;
  out.begin(Style::kDim);
  out.put(" (");
  out.write(place.module_name());
  out.room();
  out.put(')');
  out.end_style();
}

// ---------------------------------------------------------------- branches

void BranchPrinter::header() {
  if (format_ == Format::kTsv) {
    out_.write("#pid\ttid\tcpu\ttime_ns\tfrom\tto\tkind\tcause");
    out_.write(lines_ != nullptr ? "\tfrom_line\tto_line\n" : "\n");
  }
}

void BranchPrinter::row(const TraceStream& stream, const BranchRow& row) {
  out_.room();
  switch (format_) {
    case Format::kTsv:
      return tsv(stream, row);
    case Format::kJson:
      return json(stream, row);
    case Format::kText:
      return text(stream, row);
  }
}

void BranchPrinter::lines(const TraceStream& stream, const BranchRow& row) {
  if (lines_ == nullptr) return;
  static const std::string kNone;
  put_line(out_, format_, "from_line",
           row.has_from ? lines_->at(stream, row.from, row.time) : kNone);
  put_line(out_, format_, "to_line",
           row.has_to ? lines_->at(stream, row.to, row.time) : kNone);
}

void BranchPrinter::tsv(const TraceStream& stream, const BranchRow& row) {
  out_.put(columns_.of(stream));
  put_time_column(out_, row.time);
  if (row.has_from) out_.put_hex(row.from);
  out_.put('\t');
  if (row.has_to) out_.put_hex(row.to);
  out_.put('\t');
  out_.put(branch_kind_name(row.kind));
  out_.put('\t');
  out_.put(flow_cause_name(row.cause));
  lines(stream, row);
  out_.put('\n');
}

void BranchPrinter::json(const TraceStream& stream, const BranchRow& row) {
  begin_json(out_, columns_.of(stream), row.time);
  put_json_address(out_, "from", row.from, row.has_from);
  put_json_address(out_, "to", row.to, row.has_to);
  out_.put(",\"kind\":\"");
  out_.put(branch_kind_name(row.kind));
  out_.put("\",\"cause\":");
  if (row.cause == FlowCause::kNone) {
    out_.put("null");
  } else {
    out_.put('"');
    out_.put(flow_cause_name(row.cause));
    out_.put('"');
  }
  lines(stream, row);
  out_.put("}\n");
}

void BranchPrinter::text(const TraceStream& stream, const BranchRow& row) {
  out_.put(columns_.of(stream));
  put_time_text(out_, row.time);
  const std::string_view kind = branch_kind_name(row.kind);
  if (const auto style = style_of(row.kind)) {
    out_.put(*style, kind);
  } else {
    out_.put(kind);
  }
  out_.put(std::string_view("         ").substr(kind.size()));
  if (row.has_from) {
    put_place(out_, names_->at(stream, row.from, row.time), row.from);
    out_.room();
  }
  if (row.has_to) {
    out_.put(row.has_from ? " -> " : "-> ");
    put_place(out_, names_->at(stream, row.to, row.time), row.to);
    out_.room();
  }
  if (row.cause != FlowCause::kNone) {
    out_.begin(Style::kDim);
    out_.put("  [");
    out_.put(flow_cause_name(row.cause));
    out_.put(']');
    out_.end_style();
  }
  lines(stream, row);
  out_.put('\n');
}

// ------------------------------------------------------------------ blocks

void BlockPrinter::header() {
  if (format_ == Format::kTsv) {
    out_.write("#pid\ttid\tcpu\ttime_ns\tbegin\tend\tninsn\n");
  }
}

void BlockPrinter::row(const TraceStream& stream, const FlowItem& block) {
  out_.room();
  const std::string_view columns = columns_.of(stream);
  switch (format_) {
    case Format::kTsv:
      out_.put(columns);
      put_time_column(out_, block.time);
      out_.put_hex(block.begin);
      out_.put('\t');
      out_.put_hex(block.end);
      out_.put('\t');
      out_.put_dec(block.ninsn);
      out_.put('\n');
      return;
    case Format::kJson:
      begin_json(out_, columns, block.time);
      put_json_address(out_, "begin", block.begin, true);
      put_json_address(out_, "end", block.end, true);
      put_json_number(out_, "ninsn", block.ninsn, true);
      out_.put("}\n");
      return;
    case Format::kText:
      out_.put(columns);
      put_time_text(out_, block.time);
      out_.put_hex(block.begin);
      out_.put("..");
      out_.put_hex(block.end);
      out_.put("  ");
      out_.put_dec(block.ninsn);
      out_.put("  ");
      put_place(out_, names_->at(stream, block.begin, block.time), block.begin);
      out_.room();
      out_.put('\n');
      return;
  }
}

// ------------------------------------------------------------------- insns

void InsnPrinter::header() {
  if (format_ != Format::kTsv) return;
  out_.write("#pid\ttid\tcpu\ttime_ns\tip");
  if (with_text_) out_.write("\ttext");
  out_.write(lines_ != nullptr ? "\tline\n" : "\n");
}

void InsnPrinter::row(const TraceStream& stream, const InsnRow& insn) {
  out_.room();
  std::string_view text;
  if (with_text_) {
    text = disassembler_.at(insn.ip, {insn.bytes.data(), insn.size}, insn.mode)
               .text;
  }
  const std::string_view columns = columns_.of(stream);
  auto line = [&] {
    if (lines_ == nullptr) return;
    put_line(out_, format_, "line", lines_->at(stream, insn.ip, insn.time));
  };
  switch (format_) {
    case Format::kTsv:
      out_.put(columns);
      put_time_column(out_, insn.time);
      out_.put_hex(insn.ip);
      if (with_text_) {
        out_.put('\t');
        out_.put(text);
      }
      line();
      out_.put('\n');
      return;
    case Format::kJson:
      begin_json(out_, columns, insn.time);
      put_json_address(out_, "ip", insn.ip, true);
      if (with_text_) {
        out_.put(",\"text\":\"");
        out_.put(text);
        out_.put('"');
      }
      line();
      out_.put("}\n");
      return;
    case Format::kText:
      out_.put(columns);
      put_time_text(out_, insn.time);
      put_place(out_, names_->at(stream, insn.ip, insn.time), insn.ip);
      out_.room();
      if (with_text_) {
        out_.put("  ");
        out_.put(text);
      }
      line();
      out_.put('\n');
      return;
  }
}

}  // namespace ptcap::decode
