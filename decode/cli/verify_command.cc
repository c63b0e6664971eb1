// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec verify: checksums of every frame, the ledger's sums, and the flow as
// libipt's block decoder, its instruction decoder and the fast engine see it.

#include <set>

#include "decode/cli/command.h"
#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/cli/row_command.h"
#include "decode/trace.h"
#include "formats/io/hex.h"

namespace ptcap::decode {

namespace {

// Passes problems on and counts them.
class CountingReporter : public formats::Reporter {
 public:
  explicit CountingReporter(formats::Reporter& next) : next_(next) {}
  void warn(const std::string& message) override {
    ++count_;
    next_.warn(message);
  }
  uint64_t count() const { return count_; }

 private:
  formats::Reporter& next_;
  uint64_t count_ = 0;
};

// The items of one engine, one by one.
class ItemReader {
 public:
  explicit ItemReader(std::unique_ptr<FlowEngine> engine)
      : engine_(std::move(engine)) {
    batch_.reserve(1024);
  }

  const FlowItem* next() {
    if (at_ == batch_.size()) {
      at_ = 0;
      if (!engine_->next(batch_)) return nullptr;
    }
    return &batch_[at_++];
  }

 private:
  std::unique_ptr<FlowEngine> engine_;
  FlowBatch batch_;
  size_t at_ = 0;
};

bool same(const FlowItem& a, const FlowItem& b) {
  return a.kind == b.kind && a.cause == b.cause && a.branch == b.branch &&
         a.begin == b.begin && a.last == b.last && a.end == b.end &&
         a.ninsn == b.ninsn && a.has_from == b.has_from && a.has_to == b.has_to;
}

struct StreamResult {
  uint64_t instructions = 0;
  uint64_t blocks = 0;
  uint64_t gaps = 0;
  std::string difference;
};

// Where two engines differ; empty if nowhere.
std::string difference(const char* what, const FlowItem* a, const FlowItem* b) {
  if (a == nullptr && b == nullptr) return "";
  if (a != nullptr && b != nullptr && same(*a, *b)) return "";
  const FlowItem& at = a != nullptr ? *a : *b;
  return std::string(what) + " differ at offset " + std::to_string(at.offset) +
         ", ip " + formats::hex(at.begin);
}

void count(const FlowItem& item, StreamResult& result) {
  if (item.kind == FlowKind::kBlock) {
    ++result.blocks;
    result.instructions += item.ninsn;
  } else if (item.kind == FlowKind::kGap) {
    ++result.gaps;
  }
}

// libipt's two decoders, and the fast engine up to the first gap: behind that
// libipt's flow can depend on how far it read before.
StreamResult compare(Trace& trace, const TraceStream& stream) {
  StreamResult result;
  ItemReader blocks(trace.open_exact(stream, {}, IptKind::kBlock));
  ItemReader instructions(trace.open_exact(stream, {}, IptKind::kInstruction));
  ItemReader fast(trace.open(stream));
  for (;;) {
    const FlowItem* a = blocks.next();
    const FlowItem* b = instructions.next();
    result.difference = difference("the decoders", a, b);
    if (result.difference.empty() && result.gaps == 0) {
      const FlowItem* c = fast.next();
      const bool at_gap = (a != nullptr && a->kind == FlowKind::kGap) ||
                          (c != nullptr && c->kind == FlowKind::kGap);
      if (!at_gap) result.difference = difference("libipt and fast", a, c);
    }
    if (a == nullptr || !result.difference.empty()) return result;
    count(*a, result);
  }
}

// Reads what decoding alone would not.
void read_images(const Trace& trace) {
  std::set<formats::ImageId> seen;
  for (const auto& mapping : trace.reader().code_mappings()) {
    if (mapping.size != 0 && seen.insert(mapping.image).second) {
      trace.reader().image(mapping.image);
    }
  }
}

// Bytes that are in the trace, and what the ledger says of them.
void check_ledger(const Trace& trace, formats::Reporter& reporter) {
  const auto ledger = trace.reader().ledger();
  if (!ledger) return;
  uint64_t bytes = 0;
  for (const formats::AuxStream& stream : trace.reader().aux_streams()) {
    for (const formats::AuxPiece& piece : stream.pieces) bytes += piece.size;
  }
  if (bytes == ledger->written_bytes + ledger->synthetic_bytes) return;
  reporter.warn("the ledger says " + std::to_string(ledger->written_bytes) +
                " bytes were written and " +
                std::to_string(ledger->synthetic_bytes) +
                " added; the trace holds " + std::to_string(bytes));
}

std::string name(const TraceStream& stream) {
  std::string text = "stream " + std::to_string(stream.aux->idx);
  if (stream.tid) text += ", tid " + std::to_string(*stream.tid);
  if (stream.cpu) text += ", cpu " + std::to_string(*stream.cpu);
  return text;
}

// The number of streams whose decoders differ.
uint64_t verify_streams(const std::string& path, Trace& trace, Output& out,
                        uint64_t& gaps) {
  uint64_t different = 0;
  for (const TraceStream& stream : trace.streams()) {
    const StreamResult result = compare(trace, stream);
    gaps += result.gaps;
    std::string line = path + ": " + name(stream) + ": " +
                       std::to_string(result.instructions) +
                       " instructions in " + std::to_string(result.blocks) +
                       " blocks, " + std::to_string(result.gaps) + " gaps";
    if (!result.difference.empty()) {
      ++different;
      line += "; " + result.difference;
    }
    out.write(line + "\n");
  }
  return different;
}

}  // namespace

int run_verify(const CommandLine& line, formats::Reporter& reporter) {
  Output out({line.output, line.force});
  bool good = true;
  uint64_t gaps = 0;
  for (const std::string& path : line.traces) {
    CountingReporter counting(reporter);
    Trace trace(path, trace_options(line), counting);
    read_images(trace);
    check_ledger(trace, counting);
    const uint64_t different = verify_streams(path, trace, out, gaps);
    const bool whole = counting.count() == 0 && !trace.reader().salvaged();
    out.write(path + (whole && different == 0 ? ": good\n" : ": NOT good\n"));
    good = good && whole && different == 0;
  }
  out.flush();
  if (!good) return kExitFailed;
  return line.strict && gaps != 0 ? kExitIncomplete : kExitOk;
}

}  // namespace ptcap::decode
