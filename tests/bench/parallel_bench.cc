// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// parallel_bench [TRACE...]
// One stream counted by two threads, against one: real traces repeated to more
// than 64 MB, with fresh engines (cold) and with engines that know them (warm),
// and the traces that are named, from their files. Wall time: it wants a
// machine with two cores and nothing else to do.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "decode/coverage/stream_counter.h"
#include "decode/fast/parallel_counter.h"
#include "decode/fast/stretch.h"
#include "decode/trace.h"
#include "tests/decode/fast/corpus.h"

namespace ptcap::decode::fast {
namespace {

constexpr size_t kBytes = 80 << 20;

double seconds(const std::function<void()>& timed) {
  double best = 1e9;
  for (int i = 0; i < 4; ++i) {
    const auto start = std::chrono::steady_clock::now();
    timed();
    const std::chrono::duration<double> took =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count());
  }
  return best;
}

void print(const std::string& what, size_t bytes, double one, double two) {
  std::printf("%-28s %8.0f %8.0f   1.7 x %6.2f x\n", what.c_str(),
              static_cast<double>(bytes) / one / 1e6,
              static_cast<double>(bytes) / two / 1e6, one / two);
}

void measure_corpus(const char* name) {
  const CorpusTrace trace(name);
  std::vector<uint8_t> bytes;
  while (bytes.size() < kBytes) {
    bytes.insert(bytes.end(), trace.bytes.begin(), trace.bytes.end());
  }
  const SpanAux aux(bytes);
  const EngineOptions options{.settings = trace.settings};
  double cold[2];
  double warm[2];
  for (const size_t threads : {1, 2}) {
    cold[threads - 1] = seconds([&] {
      ParallelCounter counter(trace.code, options, threads);
      counter.decode(aux, 0, bytes.size());
      counter.take_counts();
    });
    ParallelCounter counter(trace.code, options, threads);
    counter.decode(aux, 0, bytes.size());
    warm[threads - 1] = seconds([&] {
      counter.decode(aux, 0, bytes.size());
      counter.take_counts();
    });
  }
  print(std::string(name) + ", cold", bytes.size(), cold[0], cold[1]);
  print(std::string(name) + ", warm", bytes.size(), warm[0], warm[1]);
}

class Silent : public formats::Reporter {
 public:
  void warn(const std::string& /*message*/) override {}
};

void measure_file(const char* path) {
  double took[2];
  uint64_t bytes = 0;
  for (const size_t threads : {1, 2}) {
    took[threads - 1] = seconds([&] {
      Silent silent;
      Trace trace(path, {.fast = true}, silent);
      StreamCounter counter(trace, EngineChoice::kFast, threads);
      bytes = 0;
      for (const TraceStream& stream : trace.streams()) {
        counter.count(stream);
        for (const auto& piece : stream.aux->pieces) bytes += piece.size;
      }
    });
  }
  print(path, bytes, took[0], took[1]);
}

int run(int argc, char** argv) {
  std::printf("%-28s %8s %8s     bar\n", "MB/s", "1 thread", "2");
  if (std::filesystem::is_directory(corpus_folder())) {
    for (const char* name : {"Unzip", "foo", "avscript_32"}) {
      measure_corpus(name);
    }
  } else {
    std::printf("skipped: no corpus of real traces in %s\n",
                corpus_folder().c_str());
  }
  for (int i = 1; i < argc; ++i) measure_file(argv[i]);
  return 0;
}

}  // namespace
}  // namespace ptcap::decode::fast

int main(int argc, char** argv) { return ptcap::decode::fast::run(argc, argv); }
