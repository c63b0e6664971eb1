// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the flow engine, the rows and their formatting cost on top of libipt's
// bare block decoder, on real traces with a warm section cache; and the ordered
// flow of the fast engine, new each time and so without memory, in the same
// terms.

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>

#include "decode/branch_rows.h"
#include "decode/cli/output.h"
#include "decode/cli/row_printer.h"
#include "decode/fast/ordered_engine.h"
#include "decode/fast/stretch.h"
#include "decode/image_store.h"
#include "decode/libipt/engine.h"
#include "decode/libipt/section_cache.h"
#include "tests/decode/fast/corpus.h"

namespace {

using namespace ptcap::decode;

constexpr int kRounds = 20;

double seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) work();
  const std::chrono::duration<double> taken =
      std::chrono::steady_clock::now() - begin;
  return taken.count() / kRounds;
}

class Bench {
 public:
  explicit Bench(const char* name) : trace_(name), aux_(trace_.bytes) {
    image_ = sections_.image(trace_.code);
  }

  // As libipt's own example does it; instructions, so that none is left out.
  uint64_t bare() {
    pt_config config;
    pt_config_init(&config);
    config.begin = trace_.bytes.data();
    config.end = trace_.bytes.data() + trace_.bytes.size();
    config.errata.bdm70 = 1;
    auto decoder = make_ipt_decoder(IptKind::kBlock, config);
    decoder->set_image(image_.get());
    uint64_t instructions = 0;
    int status = decoder->sync(0);
    pt_event event;
    pt_block block;
    while (status >= 0) {
      if ((status & pts_event_pending) != 0) {
        status = decoder->event(event);
        continue;
      }
      status = decoder->next(block);
      instructions += block.ninsn;
    }
    return instructions;
  }

  uint64_t engine() {
    uint64_t items = 0;
    run([&](const FlowBatch& batch) { items += batch.size(); });
    return items;
  }

  uint64_t ordered() {
    fast::OrderedEngine engine({.aux = &aux_,
                                .code = StreamCode(trace_.code),
                                .settings = trace_.settings},
                               sections_, {.settings = trace_.settings});
    uint64_t items = 0;
    FlowBatch batch;
    batch.reserve(2048);
    while (engine.next(batch)) items += batch.size();
    return items;
  }

  uint64_t rows(bool format) {
    BranchRows maker(/*not_taken=*/true);
    std::vector<BranchRow> made;
    Output out({"/dev/null", /*force=*/true});
    BranchPrinter printer(Format::kTsv, out, nullptr);
    uint64_t count = 0;
    run([&](const FlowBatch& batch) {
      made.clear();
      maker.add(batch, made);
      count += made.size();
      if (!format) return;
      for (const BranchRow& row : made) printer.row(stream_, row);
    });
    return count;
  }

 private:
  template <typename Take>
  void run(Take take) {
    LibiptEngine engine({.aux = &aux_,
                         .code = StreamCode(trace_.code),
                         .settings = trace_.settings},
                        sections_);
    FlowBatch batch;
    batch.reserve(2048);
    while (engine.next(batch)) take(batch);
  }

  fast::CorpusTrace trace_;
  fast::SpanAux aux_;
  ImageStore store_;
  SectionCache sections_{store_};
  ImagePtr image_;
  TraceStream stream_;
};

void run(const char* name) {
  Bench bench(name);
  bench.bare();
  const uint64_t rows = bench.rows(false);
  const double bare = seconds([&] { bench.bare(); });
  const double engine = seconds([&] { bench.engine(); });
  const double ordered = seconds([&] { bench.ordered(); });
  const double made = seconds([&] { bench.rows(false); });
  const double printed = seconds([&] { bench.rows(true); });
  std::printf("%-12s %8.3f ms  %6.2f  %6.2f  %6.2f  %6.2f  %8.1f M\n", name,
              bare * 1e3, engine / bare, ordered / bare, made / bare,
              printed / bare, static_cast<double>(rows) / printed / 1e6);
}

}  // namespace

int main() {
  if (!std::filesystem::is_directory(fast::corpus_folder())) {
    std::puts("skipped: no corpus of real traces; PTCAP_SHARED says where");
    return 0;
  }
  std::puts(
      "trace        libipt bare  engine  ordered   rows     tsv    rows/s "
      "(tsv)");
  for (const char* name : {"Unzip", "foo", "avscript_32"}) run(name);
}
