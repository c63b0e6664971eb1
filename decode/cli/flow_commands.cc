// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec branches, blocks, insns.

#include "decode/branch_rows.h"
#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/cli/row_command.h"
#include "decode/cli/row_printer.h"
#include "decode/insn_info.h"

namespace ptcap::decode {

namespace {

class BranchSource : public RowSource<BranchRow> {
 public:
  BranchSource(Trace& trace, const TraceStream& stream, uint64_t from_ns,
               GapLog& gaps, bool not_taken)
      : pull_(trace, stream, from_ns, gaps), rows_(not_taken) {}

  bool next(std::vector<BranchRow>& rows) override {
    rows.clear();
    while (rows.empty()) {
      const FlowBatch& batch = pull_.next();
      if (batch.empty()) return false;
      rows_.add(batch, rows);
    }
    return true;
  }

 private:
  FlowPull pull_;
  BranchRows rows_;
};

class BlockSource : public RowSource<FlowItem> {
 public:
  BlockSource(Trace& trace, const TraceStream& stream, uint64_t from_ns,
              GapLog& gaps)
      : pull_(trace, stream, from_ns, gaps) {}

  bool next(std::vector<FlowItem>& rows) override {
    rows.clear();
    while (rows.empty()) {
      const FlowBatch& batch = pull_.next();
      if (batch.empty()) return false;
      for (const FlowItem& item : batch) {
        if (item.kind == FlowKind::kBlock) rows.push_back(item);
      }
    }
    return true;
  }

 private:
  FlowPull pull_;
};

// The instructions of each block. Code changes here when it does in the
// engine, so that text is that of the code that ran.
class InsnSource : public RowSource<InsnRow> {
 public:
  InsnSource(Trace& trace, const TraceStream& stream, uint64_t from_ns,
             GapLog& gaps)
      : pull_(trace, stream, from_ns, gaps), code_(trace.code(stream)) {}

  bool next(std::vector<InsnRow>& rows) override {
    rows.clear();
    while (rows.empty()) {
      const FlowBatch& batch = pull_.next();
      if (batch.empty()) return false;
      for (const FlowItem& item : batch) {
        if (item.time != 0) code_.advance_time(item.time);
        // At a change of code the engine has read up to it, not beyond.
        if (item.offset != 0) code_.advance_offset(item.offset - 1);
        if (item.kind == FlowKind::kBlock) add(item, rows);
      }
    }
    return true;
  }

 private:
  void add(const FlowItem& block, std::vector<InsnRow>& rows) {
    const CodeView& view = *code_.view();
    InsnRow row;
    row.time = block.time;
    row.mode = block.mode;
    row.ip = block.begin;
    for (uint32_t i = 0; i < block.ninsn; ++i) {
      row.size = static_cast<uint8_t>(view.read(row.ip, row.bytes));
      row.size = insn_size({row.bytes.data(), row.size}, block.mode);
      rows.push_back(row);
      if (row.size == 0) break;  // libipt decoded what Zydis does not know
      row.ip += row.size;
    }
  }

  FlowPull pull_;
  StreamCode code_;
};

}  // namespace

int run_branches(const CommandLine& line, formats::Reporter& reporter) {
  Trace trace(line.traces.front(), trace_options(line), reporter);
  Output out({line.output, line.force});
  Names names(trace, symbol_options(line), reporter);
  const NameFilter filter(line, &names);
  const uint64_t from_ns = time_range(line, trace).begin;
  GapLog gaps;
  BranchPrinter printer(line.format, out, &names);
  printer.header();
  print_rows<BranchRow>(
      line, trace,
      [&](const TraceStream& stream) -> std::unique_ptr<RowSource<BranchRow>> {
        return std::make_unique<BranchSource>(trace, stream, from_ns, gaps,
                                              line.not_taken);
      },
      [&](const TraceStream& stream, const BranchRow& row) {
        if (!filter.active()) return true;
        return (row.has_from && filter.passes(stream, row.from, row.time)) ||
               (row.has_to && filter.passes(stream, row.to, row.time));
      },
      [&](const TraceStream& stream, const BranchRow& row) {
        printer.row(stream, row);
      });
  out.flush();
  return finish(line, trace, gaps, reporter);
}

int run_blocks(const CommandLine& line, formats::Reporter& reporter) {
  Trace trace(line.traces.front(), trace_options(line), reporter);
  Output out({line.output, line.force});
  Names names(trace, symbol_options(line), reporter);
  const NameFilter filter(line, &names);
  const uint64_t from_ns = time_range(line, trace).begin;
  GapLog gaps;
  BlockPrinter printer(line.format, out, &names);
  printer.header();
  print_rows<FlowItem>(
      line, trace,
      [&](const TraceStream& stream) -> std::unique_ptr<RowSource<FlowItem>> {
        return std::make_unique<BlockSource>(trace, stream, from_ns, gaps);
      },
      [&](const TraceStream& stream, const FlowItem& block) {
        return filter.passes(stream, block.begin, block.time);
      },
      [&](const TraceStream& stream, const FlowItem& block) {
        printer.row(stream, block);
      });
  out.flush();
  return finish(line, trace, gaps, reporter);
}

int run_insns(const CommandLine& line, formats::Reporter& reporter) {
  Trace trace(line.traces.front(), trace_options(line), reporter);
  Output out({line.output, line.force});
  Names names(trace, symbol_options(line), reporter);
  const NameFilter filter(line, &names);
  const uint64_t from_ns = time_range(line, trace).begin;
  GapLog gaps;
  InsnPrinter printer(line.format, out, &names, !line.no_text);
  printer.header();
  print_rows<InsnRow>(
      line, trace,
      [&](const TraceStream& stream) -> std::unique_ptr<RowSource<InsnRow>> {
        return std::make_unique<InsnSource>(trace, stream, from_ns, gaps);
      },
      [&](const TraceStream& stream, const InsnRow& insn) {
        return filter.passes(stream, insn.ip, insn.time);
      },
      [&](const TraceStream& stream, const InsnRow& insn) {
        printer.row(stream, insn);
      });
  out.flush();
  return finish(line, trace, gaps, reporter);
}

}  // namespace ptcap::decode
