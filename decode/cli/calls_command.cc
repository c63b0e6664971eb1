// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec calls: as text a line where a call begins and one where it ends, or
// one for both; as tsv and json a row a call, once it has ended.

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "decode/cli/around.h"
#include "decode/cli/call_source.h"
#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/cli/row_printer.h"

namespace ptcap::decode {

namespace {

struct CallRow {
  enum class What : uint8_t { kBegin, kEnd, kWhole, kGap };

  uint64_t time = 0;
  What what = What::kWhole;
  const TraceStream* lane = nullptr;
  Call call;
};

// The group it is of gives its rows in order.
uint64_t order_time(const TraceStream& /*stream*/, const CallRow& row) {
  return row.time;
}

// Gathers rows; the beginning of a call waits for what comes next, since most
// calls call nobody.
class RowSink : public CallSink {
 public:
  // Borrows both.
  RowSink(bool whole_only, const CallPull& pull, std::vector<CallRow>*& rows)
      : whole_only_(whole_only), pull_(pull), rows_(rows) {}

  void enter(const Call& call) override {
    if (whole_only_) return;
    tell_begin();
    begun_ = {call.begin_ns, CallRow::What::kBegin, &pull_.lane(), call};
    waits_ = true;
  }
  void leave(const Call& call) override {
    const bool whole = whole_only_ || waits_;
    waits_ = false;
    rows_->push_back({whole && !whole_only_ ? call.begin_ns : call.end_ns,
                      whole ? CallRow::What::kWhole : CallRow::What::kEnd,
                      &pull_.lane(), call});
  }
  void gap(uint64_t time_ns, FlowCause cause) override {
    if (whole_only_) return;
    tell_begin();
    Call call;
    call.cause = cause;
    rows_->push_back({time_ns, CallRow::What::kGap, &pull_.lane(), call});
  }

 private:
  void tell_begin() {
    if (!waits_) return;
    rows_->push_back(begun_);
    waits_ = false;
  }

  bool whole_only_;
  const CallPull& pull_;
  std::vector<CallRow>*& rows_;
  bool waits_ = false;
  CallRow begun_;
};

class CallRowSource : public RowSource<CallRow> {
 public:
  CallRowSource(RowRun& run, const StreamGroup& group,
                const CallSelection& selection, SeenFunctions& seen)
      : pull_(run, group, seen,
              [this, &selection,
               format = run.line.format](const TraceStream& /*lane*/) {
                return std::make_unique<Filtered<RowSink>>(
                    selection, format != Format::kText, pull_, rows_);
              }) {}

  bool next(std::vector<CallRow>& rows) override {
    rows.clear();
    rows_ = &rows;
    while (rows.empty()) {
      if (!pull_.next()) break;
    }
    return !rows.empty();
  }

 private:
  std::vector<CallRow>* rows_ = nullptr;
  CallPull pull_;
};

class CallPrinter {
 public:
  CallPrinter(Format format, Output& out)
      : format_(format), out_(out), columns_(format) {}

  void header() {
    if (format_ != Format::kTsv) return;
    out_.write(
        "#pid\ttid\tcpu\ttime_ns\tend_ns\tdepth\tkind\tend\tfunction\tmodule\t"
        "caller\tfrom\tto\tinsns\tself_insns\tself_ns\toff_ns\tcall\tparent\t"
        "cut\tcycles\tself_cycles\n");
  }

  void row(const TraceStream& stream, const CallRow& row) {
    out_.room();
    switch (format_) {
      case Format::kTsv:
        return tsv(stream, row.call);
      case Format::kJson:
        return json(stream, row.call);
      case Format::kText:
        return text(stream, row);
    }
  }

 private:
  // Valid until the next call.
  std::string_view name_of(const Call& call) {
    if (call.function != nullptr && !call.function->name.empty()) {
      return call.function->name;
    }
    name_ = shown_name(call);
    return name_;
  }
  static std::string_view module_of(const Call& call) {
    return call.function == nullptr ? std::string_view()
                                    : std::string_view(call.function->module);
  }

  void tab_dec(uint64_t value, bool known = true) {
    if (known) out_.put_dec(value);
    out_.put('\t');
  }

  void tsv(const TraceStream& stream, const Call& call) {
    out_.put(columns_.of(stream));
    tab_dec(call.begin_ns, call.begin_ns != 0);
    tab_dec(call.end_ns, call.end_ns != 0);
    tab_dec(call.depth);
    out_.put(call_kind_name(call.kind));
    out_.put('\t');
    out_.put(call_end_name(call.end));
    out_.put('\t');
    out_.write(name_of(call));
    out_.write("\t");
    out_.write(module_of(call));
    out_.write("\t");
    if (call.caller != nullptr) out_.write(call.caller->name);
    out_.room();
    out_.put('\t');
    if (call.from != 0) out_.put_hex(call.from);
    out_.put('\t');
    if (call.entry != 0) out_.put_hex(call.entry);
    out_.put('\t');
    tab_dec(call.total_insns);
    tab_dec(call.self_insns);
    tab_dec(call.self_ns(), call.begin_ns != 0);
    tab_dec(call.off_ns, call.begin_ns != 0);
    tab_dec(call.serial);
    tab_dec(call.parent, call.parent != 0);
    out_.put(call.cut ? "cut\t" : "\t");
    const bool counted = call.total_cycles != 0;
    tab_dec(call.total_cycles, counted);
    if (counted) out_.put_dec(call.self_cycles);
    out_.put('\n');
  }

  void json_text(std::string_view name, std::string_view text) {
    out_.write(",\"" + std::string(name) + "\":\"" + json_escaped(text) + "\"");
    out_.room();
  }

  void json(const TraceStream& stream, const Call& call) {
    const bool timed = call.begin_ns != 0;
    begin_json(out_, columns_.of(stream), call.begin_ns);
    put_json_number(out_, "end_ns", call.end_ns, call.end_ns != 0);
    put_json_number(out_, "depth", call.depth, true);
    json_text("kind", call_kind_name(call.kind));
    json_text("end", call_end_name(call.end));
    json_text("function", name_of(call));
    json_text("module", module_of(call));
    json_text("caller", call.caller == nullptr
                            ? std::string_view()
                            : std::string_view(call.caller->name));
    put_json_address(out_, "from", call.from, call.from != 0);
    put_json_address(out_, "to", call.entry, call.entry != 0);
    put_json_number(out_, "insns", call.total_insns, true);
    put_json_number(out_, "self_insns", call.self_insns, true);
    put_json_number(out_, "self_ns", call.self_ns(), timed);
    put_json_number(out_, "off_ns", call.off_ns, timed);
    const bool counted = call.total_cycles != 0;
    put_json_number(out_, "cycles", call.total_cycles, counted);
    put_json_number(out_, "self_cycles", call.self_cycles, counted);
    put_json_number(out_, "call", call.serial, true);
    put_json_number(out_, "parent", call.parent, call.parent != 0);
    out_.put(call.cut ? ",\"cut\":true}\n" : ",\"cut\":false}\n");
  }

  // Two blanks a level, as far as a line can be read.
  void indent(uint32_t depth) {
    constexpr uint32_t kDeepest = 60;
    if (depth > kDeepest) {
      out_.put_dec(depth);
      out_.put("> ");
    }
    for (uint32_t i = 0; i < (depth < kDeepest ? depth : kDeepest); ++i) {
      out_.put("  ");
    }
  }

  void text(const TraceStream& stream, const CallRow& row) {
    const Call& call = row.call;
    out_.put(columns_.of(stream));
    put_time_text(out_, row.time);
    if (row.what == CallRow::What::kGap) {
      out_.put("[gap: ");
      out_.put(flow_cause_name(call.cause));
      out_.put("]\n");
      return;
    }
    indent(call.depth);
    if (row.what == CallRow::What::kEnd) out_.put("} ");
    out_.write(name_of(call));
    if (row.what != CallRow::What::kEnd && call.function != nullptr) {
      out_.write(" (" + call.function->module + ")");
    }
    out_.room();
    if (row.what != CallRow::What::kEnd && call.kind != CallKind::kCall &&
        call.kind != CallKind::kOff) {
      out_.put("  ");
      out_.put(call_kind_name(call.kind));
    }
    if (row.what == CallRow::What::kBegin) {
      out_.put(" {\n");
      return;
    }
    sums(call);
    out_.put('\n');
  }

  void sums(const Call& call) {
    if (call.kind != CallKind::kOff) {
      out_.put("  ");
      out_.put_dec(call.total_insns);
      out_.put(call.total_insns == 1 ? " insn" : " insns");
    }
    if (call.total_cycles != 0) {
      out_.put("  ");
      out_.put_dec(call.total_cycles);
      out_.put(" cycles");
    }
    if (call.begin_ns != 0) {
      out_.put("  ");
      out_.put_dec(call.duration_ns());
      out_.put(" ns");
    }
    if (call.end != CallEnd::kReturn) {
      out_.put("  ");
      out_.put(call_end_name(call.end));
    }
    if (call.cut) out_.put("  cut");
  }

  Format format_;
  Output& out_;
  StreamColumns columns_;
  std::string name_;
};

}  // namespace

int run_calls(const CommandLine& line, formats::Reporter& reporter) {
  RowRun run(line, reporter);
  SeenFunctions seen;
  const CallSelection selection = call_selection(line, run.trace);
  CallPrinter printer(line.format, run.out);
  printer.header();
  const std::vector<StreamGroup> groups = stream_groups(run);
  std::map<const TraceStream*, const StreamGroup*> group_of;
  std::vector<const TraceStream*> firsts;
  for (const StreamGroup& group : groups) {
    group_of[group.front()] = &group;
    firsts.push_back(group.front());
  }
  // The last ones need the stack of all before.
  std::deque<CallRow> last;
  uint64_t left = line.limit.value_or(~uint64_t{0});
  auto open = [&](const TraceStream& first) {
    return std::unique_ptr<RowSource<CallRow>>(
        new CallRowSource(run, *group_of.at(&first), selection, seen));
  };
  auto emit = [&](const TraceStream& /*first*/, const CallRow& row) {
    if (!run.range.holds(row.time)) return true;
    --left;
    if (line.last) {
      last.push_back(row);
      if (last.size() > *line.last) last.pop_front();
    } else {
      printer.row(*row.lane, row);
    }
    return true;
  };
  auto done = [&] { return left == 0; };
  RowMerge<CallRow, decltype(open), decltype(emit), decltype(done)> merge(
      open, emit, done);
  merge.run(firsts, run.trace.has_order());
  for (const CallRow& row : last) printer.row(*row.lane, row);
  run.out.flush();
  warn_if_unknown(line, seen, reporter);
  return finish(line, run.trace, run.gaps, reporter);
}

}  // namespace ptcap::decode
