// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// fast_bench [WORDS OF ROWS]
// The fast engine against libipt's block decoder with a warm section cache,
// both measured here and now: each figure is a ratio of MB/s of trace bytes,
// and the last column their geometric mean.

#include <intel-pt.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <deque>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "decode/fast/counting_engine.h"
#include "decode/fast/edge_writer.h"
#include "decode/image_store.h"
#include "decode/libipt/section_cache.h"
#include "decode/psb_header.h"
#include "formats/coverage/coverage_writers.h"
#include "formats/pt/packet_writer.h"
#include "formats/pt/scanner.h"
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

// Edges as a consumer takes them who looks at each once.
struct EdgeBuffer {
  std::vector<Edge> edges = std::vector<Edge>(4096);
  std::vector<uint64_t> cycles;
  uint64_t taken = 0;

  EdgeWriter writer() {
    return {edges, cycles, [this](size_t count) { taken += count; }};
  }
};

double in_order_warm(const CorpusTrace& trace) {
  CountingEngine engine(trace.code, {.settings = trace.settings});
  EdgeBuffer buffer;
  EdgeWriter writer = buffer.writer();
  const auto run = [&] {
    engine.decode(trace.bytes, writer);
    engine.forget_counts();
  };
  for (int i = 0; i < 4; ++i) run();
  Meter meter(trace.bytes.size());
  while (!meter.enough()) meter.time(run, 5);
  return meter.best();
}

double in_order_first(const CorpusTrace& trace) {
  EdgeBuffer buffer;
  EdgeWriter writer = buffer.writer();
  Meter meter(trace.bytes.size());
  while (!meter.enough()) {
    meter.time([&] {
      CountingEngine engine(trace.code, {.settings = trace.settings});
      engine.decode(trace.bytes, writer);
    });
  }
  return meter.best();
}

// The same flow with a CYC before every TNT and TIP, as a cycle-accurate trace
// has it: other values each time, as there are in each run of a program.
class CycTraces {
 public:
  // Borrows the code of `trace`.
  explicit CycTraces(const CorpusTrace& trace) : trace_(trace) {}

  CorpusTrace next() {
    CorpusTrace result = trace_;
    result.bytes.clear();
    pt::PacketScanner scanner(trace_.bytes);
    pt::Packet packet;
    for (uint64_t begin = 0; scanner.next(packet); begin = scanner.offset()) {
      if (packet.type == pt::PacketType::kTnt8 ||
          packet.type == pt::PacketType::kTip) {
        uint8_t cyc[pt::kMaxWriteSize];
        const uint8_t* end = pt::put_cyc(cyc, 1 + cycles_(random_));
        for (const uint8_t* at = cyc; at < end; ++at) {
          result.bytes.push_back(*at);
        }
      }
      result.bytes.insert(
          result.bytes.end(), trace_.bytes.begin() + static_cast<long>(begin),
          trace_.bytes.begin() + static_cast<long>(scanner.offset()));
    }
    return result;
  }

 private:
  const CorpusTrace& trace_;
  std::mt19937_64 random_{1};
  std::geometric_distribution<uint64_t> cycles_{1.0 / 20};
};

double counting_cyc(const CorpusTrace& trace) {
  CycTraces traces(trace);
  CountingEngine engine(trace.code, {.settings = trace.settings});
  for (int i = 0; i < 4; ++i) engine.decode(traces.next().bytes);
  Meter meter(traces.next().bytes.size());
  while (!meter.enough()) {
    const CorpusTrace next = traces.next();
    meter.time([&] { engine.decode(next.bytes); });
  }
  return meter.best();
}

double with_cycles(const CorpusTrace& trace) {
  CycTraces traces(trace);
  CountingEngine engine(trace.code, {.settings = trace.settings});
  EdgeBuffer buffer;
  buffer.cycles.resize(buffer.edges.size());
  EdgeWriter writer = buffer.writer();
  const auto run = [&](const CorpusTrace& cyc) {
    engine.decode(cyc.bytes, writer);
    engine.forget_counts();
  };
  for (int i = 0; i < 4; ++i) run(traces.next());
  Meter meter(traces.next().bytes.size());
  while (!meter.enough()) {
    const CorpusTrace next = traces.next();
    meter.time([&] { run(next); });
  }
  return meter.best();
}

enum class Against { kWarm, kFresh, kWarmCyc };

struct Row {
  const char* what;
  double bar;
  double (*measure)(const CorpusTrace&);
  Against against = Against::kWarm;
};

constexpr Row kRows[] = {
    {"counting, warm", 300, counting_warm},
    {"counting, a map after each run", 100, counting_into_map},
    {"counting, first decode", 10, counting_fresh, Against::kFresh},
    {"counting, content never seen", 15, counting_unseen},
    {"every edge in order, warm", 80, in_order_warm},
    {"every edge in order, first pass", 6, in_order_first},
    {"CYC everywhere: counting", 35, counting_cyc, Against::kWarmCyc},
    {"CYC everywhere: edges, cycles", 12, with_cycles, Against::kWarmCyc},
};

void print(const char* what, const std::vector<double>& speeds) {
  std::printf("%-32s %8.1f %8.1f %11.1f\n", what, speeds[0], speeds[1],
              speeds[2]);
}

int run(const char* only) {
  if (!std::filesystem::is_directory(corpus_folder())) {
    std::printf("skipped: no corpus of real traces in %s\n",
                corpus_folder().c_str());
    return 0;
  }
  std::deque<CorpusTrace> traces;  // others borrow their code
  std::vector<double> libipt[3];   // by Against
  for (const char* name : {"Unzip", "foo", "avscript_32"}) {
    const CorpusTrace& trace = traces.emplace_back(name);
    libipt[0].push_back(libipt_warm(trace));
    libipt[1].push_back(libipt_fresh(trace));
    libipt[2].push_back(libipt_warm(CycTraces(trace).next()));
  }
  std::printf("%-32s %8s %8s %11s   bar  geo. mean\n", "MB/s", "Unzip", "foo",
              "avscript_32");
  print("libipt, warm section cache", libipt[0]);
  print("libipt, fresh", libipt[1]);
  print("libipt, warm, CYC everywhere", libipt[2]);
  for (const Row& row : kRows) {
    if (std::string_view(row.what).find(only) == std::string_view::npos) {
      continue;
    }
    double product = 1;
    std::printf("%-32s", row.what);
    for (size_t i = 0; i < traces.size(); ++i) {
      const double speed = row.measure(traces[i]);
      product *= speed / libipt[static_cast<int>(row.against)][i];
      std::printf(i == 2 ? " %11.1f" : " %8.1f", speed);
    }
    std::printf(" %5.0f x %7.1f x\n", row.bar, std::cbrt(product));
  }
  return 0;
}

}  // namespace
}  // namespace ptcap::decode::fast

int main(int argc, char** argv) {
  return ptcap::decode::fast::run(argc > 1 ? argv[1] : "");
}
