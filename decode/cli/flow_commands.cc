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

// Rows are made batch by batch; a batch may complete none.
template <typename Row>
class FlowSource : public RowSource<Row> {
 public:
  FlowSource(RowRun& run, const StreamParts& parts)
      : pull_(run.trace, parts, run.gaps) {}

  bool next(std::vector<Row>& rows) override {
    rows.clear();
    while (rows.empty()) {
      const FlowBatch& batch = pull_.next();
      if (batch.empty()) return false;
      add(batch, rows);
    }
    return true;
  }

 private:
  virtual void add(const FlowBatch& batch, std::vector<Row>& rows) = 0;

  FlowPull pull_;
};

class BranchSource : public FlowSource<BranchRow> {
 public:
  BranchSource(RowRun& run, const StreamParts& parts)
      : FlowSource(run, parts), rows_(run.line.not_taken) {}

 private:
  void add(const FlowBatch& batch, std::vector<BranchRow>& rows) override {
    rows_.add(batch, rows);
  }

  BranchRows rows_;
};

class BlockSource : public FlowSource<FlowItem> {
 public:
  using FlowSource::FlowSource;

 private:
  void add(const FlowBatch& batch, std::vector<FlowItem>& rows) override {
    for (const FlowItem& item : batch) {
      if (item.kind == FlowKind::kBlock) rows.push_back(item);
    }
  }
};

// The instructions of each block. Code changes here when it does in the
// engine, so that text is that of the code that ran.
class InsnSource : public FlowSource<InsnRow> {
 public:
  InsnSource(RowRun& run, const StreamParts& parts)
      : FlowSource(run, parts), code_(run.trace.code(*parts.stream)) {}

 private:
  void add(const FlowBatch& batch, std::vector<InsnRow>& rows) override {
    for (const FlowItem& item : batch) {
      code_.enter_slice(item.slice);
      if (item.time != 0) code_.advance_time(item.time);
      // At a change of code the engine has read up to it, not beyond.
      if (item.offset != 0) code_.advance_offset(item.offset - 1);
      if (item.kind == FlowKind::kBlock) add_block(item, rows);
    }
  }

  void add_block(const FlowItem& block, std::vector<InsnRow>& rows) {
    const CodeView& view = *code_.view();
    InsnRow row;
    row.time = block.time;
    row.slice = block.slice;
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

  StreamCode code_;
};

template <typename Source>
auto open_source(RowRun& run) {
  return [&run](const StreamParts& parts) {
    return std::make_unique<Source>(run, parts);
  };
}

}  // namespace

int run_branches(const CommandLine& line, formats::Reporter& reporter) {
  RowRun run(line, reporter);
  LineColumn lines(run.names);
  return run_rows<BranchRow>(run, open_source<BranchSource>(run),
                             BranchPrinter(line.format, run.out, &run.names,
                                           line.lines ? &lines : nullptr));
}

int run_blocks(const CommandLine& line, formats::Reporter& reporter) {
  RowRun run(line, reporter);
  return run_rows<FlowItem>(run, open_source<BlockSource>(run),
                            BlockPrinter(line.format, run.out, &run.names));
}

int run_insns(const CommandLine& line, formats::Reporter& reporter) {
  RowRun run(line, reporter);
  LineColumn lines(run.names);
  return run_rows<InsnRow>(
      run, open_source<InsnSource>(run),
      InsnPrinter(line.format, run.out, &run.names, !line.no_text,
                  line.lines ? &lines : nullptr));
}

}  // namespace ptcap::decode
