// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The fast engine against libipt's block decoder with a warm section cache,
// both measured here and now: each figure is a ratio of MB/s of trace bytes,
// and the last column their geometric mean.

#include <intel-pt.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "decode/fast/counting_engine.h"
#include "decode/image_store.h"
#include "decode/libipt/section_cache.h"
#include "decode/psb_header.h"
#include "formats/coverage/coverage_writers.h"
#include "tests/decode/fast/corpus.h"

namespace ptcap::decode::fast {
namespace {

// Of this thread: what else runs on the machine does not count.
double cpu_seconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) / 1e9;
}

// The best MB/s of many runs: other load on the machine only ever slows down.
class Meter {
 public:
  explicit Meter(size_t bytes) : bytes_(bytes) {}

  template <typename Timed>
  void time(Timed timed, unsigned repeats = 1) {
    const double start = cpu_seconds();
    for (unsigned i = 0; i < repeats; ++i) timed();
    const double seconds = (cpu_seconds() - start) / repeats;
    speeds_.push_back(static_cast<double>(bytes_) / seconds / 1e6);
    spent_ += seconds * repeats;
  }
  bool enough() const {
    return speeds_.size() >= 5 && (spent_ > 0.8 || speeds_.size() > 2000);
  }
  double best() const {
    return *std::max_element(speeds_.begin(), speeds_.end());
  }

 private:
  size_t bytes_;
  std::vector<double> speeds_;
  double spent_ = 0;
};

// All blocks of a trace, as fast as libipt gives them.
uint64_t decode_with_libipt(std::span<const uint8_t> trace, pt_image* image,
                            const PtSettings& settings) {
  pt_config config;
  pt_config_init(&config);
  config.begin = const_cast<uint8_t*>(trace.data());
  config.end = config.begin + trace.size();
  config.cpu = {pcv_intel, settings.cpu->family, settings.cpu->model,
                settings.cpu->stepping};
  pt_cpu_errata(&config.errata, &config.cpu);
  pt_block_decoder* decoder = pt_blk_alloc_decoder(&config);
  pt_blk_set_image(decoder, image);
  uint64_t blocks = 0;
  for (int status = pt_blk_sync_forward(decoder); status >= 0;
       status = pt_blk_sync_forward(decoder)) {
    while (status >= 0) {
      while (status >= 0 && (status & pts_event_pending) != 0) {
        pt_event event;
        status = pt_blk_event(decoder, &event, sizeof(event));
      }
      if (status < 0 || (status & pts_eos) != 0) break;
      pt_block block;
      status = pt_blk_next(decoder, &block, sizeof(block));
      if (block.ninsn != 0) ++blocks;
    }
  }
  pt_blk_free_decoder(decoder);
  return blocks;
}

double libipt_warm(const CorpusTrace& trace) {
  ImageStore store;
  SectionCache sections(store);
  const ImagePtr image = sections.image(trace.code);
  decode_with_libipt(trace.bytes, image.get(), trace.settings);
  Meter meter(trace.bytes.size());
  while (!meter.enough()) {
    meter.time(
        [&] { decode_with_libipt(trace.bytes, image.get(), trace.settings); });
  }
  return meter.best();
}

double libipt_fresh(const CorpusTrace& trace) {
  Meter meter(trace.bytes.size());
  while (!meter.enough()) {
    ImageStore store;
    SectionCache sections(store);
    const ImagePtr image = sections.image(trace.code);
    meter.time(
        [&] { decode_with_libipt(trace.bytes, image.get(), trace.settings); });
  }
  return meter.best();
}

double counting_warm(const CorpusTrace& trace) {
  CountingEngine engine(trace.code, {.settings = trace.settings});
  for (int i = 0; i < 4; ++i) engine.decode(trace.bytes);
  Meter meter(trace.bytes.size());
  while (!meter.enough()) {
    meter.time([&] { engine.decode(trace.bytes); }, 20);
  }
  return meter.best();
}

// As a fuzzer does: a map cleared, decoded into and looked at after each run.
double counting_into_map(const CorpusTrace& trace) {
  CountingEngine engine(trace.code, {.settings = trace.settings});
  std::vector<uint8_t> map(formats::kAflMapSize);
  const auto run = [&] {
    std::fill(map.begin(), map.end(), 0);
    engine.decode(trace.bytes);
    engine.take_map(formats::EdgeHash::kMix, map.data());
  };
  for (int i = 0; i < 4; ++i) run();
  Meter meter(trace.bytes.size());
  while (!meter.enough()) meter.time(run, 5);
  return meter.best();
}

double counting_fresh(const CorpusTrace& trace) {
  Meter meter(trace.bytes.size());
  while (!meter.enough()) {
    meter.time([&] {
      CountingEngine engine(trace.code, {.settings = trace.settings});
      engine.decode(trace.bytes);
    });
  }
  return meter.best();
}

double counting_unseen(const CorpusTrace& trace) {
  const std::span<const uint8_t> bytes(trace.bytes);
  const uint64_t half = *find_sync(bytes, bytes.size() / 2);
  Meter meter(bytes.size() - half);
  while (!meter.enough()) {
    CountingEngine engine(trace.code, {.settings = trace.settings});
    engine.decode(bytes.first(half));
    meter.time([&] { engine.decode(bytes.subspan(half)); });
  }
  return meter.best();
}

struct Row {
  const char* what;
  double bar;
  double (*measure)(const CorpusTrace&);
  bool against_fresh = false;
};

constexpr Row kRows[] = {
    {"counting, warm", 300, counting_warm},
    {"counting, a map after each run", 100, counting_into_map},
    {"counting, first decode", 10, counting_fresh, true},
    {"counting, content never seen", 15, counting_unseen},
};

int run() {
  if (!std::filesystem::is_directory(corpus_folder())) {
    std::printf("skipped: no corpus of real traces in %s\n",
                corpus_folder().c_str());
    return 0;
  }
  std::vector<CorpusTrace> traces;
  std::vector<double> warm;
  std::vector<double> fresh;
  for (const char* name : {"Unzip", "foo", "avscript_32"}) {
    traces.emplace_back(name);
    warm.push_back(libipt_warm(traces.back()));
    fresh.push_back(libipt_fresh(traces.back()));
  }
  std::printf("%-30s %8s %8s %11s   bar  geo. mean\n", "MB/s", "Unzip", "foo",
              "avscript_32");
  std::printf("%-30s %8.1f %8.1f %11.1f\n", "libipt, warm section cache",
              warm[0], warm[1], warm[2]);
  std::printf("%-30s %8.1f %8.1f %11.1f\n", "libipt, fresh", fresh[0], fresh[1],
              fresh[2]);
  for (const Row& row : kRows) {
    double product = 1;
    std::printf("%-30s", row.what);
    for (size_t i = 0; i < traces.size(); ++i) {
      const double speed = row.measure(traces[i]);
      product *= speed / (row.against_fresh ? fresh[i] : warm[i]);
      std::printf(i == 2 ? " %11.1f" : " %8.1f", speed);
    }
    std::printf(" %5.0f x %7.1f x\n", row.bar, std::cbrt(product));
  }
  return 0;
}

}  // namespace
}  // namespace ptcap::decode::fast

int main() { return ptcap::decode::fast::run(); }
