// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Any bytes as a trace of a program: what the fast engines follow by themselves
// is what libipt says, cold and from memory, counted and in order. Where they
// asked libipt, there is only to be no crash: what libipt makes of damage can
// depend on its cache.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "decode/fast/counting_engine.h"
#include "decode/fast/ordered_engine.h"
#include "decode/image_store.h"
#include "decode/libipt/section_cache.h"
#include "tests/decode/fast/corpus.h"
#include "tests/decode/fast/flow_check.h"
#include "tests/decode/fast/random_trace.h"
#include "tests/fuzz/fast_engine_input.h"

namespace ptcap::decode::fast {
namespace {

// fast_engine_seeds writes traces of these.
const RandomTrace& program(unsigned seed) {
  static std::array<std::unique_ptr<RandomTrace>, kFuzzPrograms> programs;
  auto& program = programs[seed % kFuzzPrograms];
  if (!program)
    program = std::make_unique<RandomTrace>(seed % kFuzzPrograms, 10);
  return *program;
}

void expect_none(const std::string& difference, const char* what) {
  if (difference.empty()) return;
  std::fprintf(stderr, "%s: %s\n", what, difference.c_str());
  std::abort();
}

void check_counts(std::span<const uint8_t> bytes,
                  const std::shared_ptr<const CodeView>& code,
                  uint64_t limit_bytes) {
  CountingEngine engine(code, {.limit_bytes = limit_bytes});
  engine.decode(bytes);
  const FlowCounts cold = engine.take_counts();
  engine.decode(bytes);
  const FlowCounts warm = engine.take_counts();
  if (engine.stats().stretches != 0) return;
  const FlowCounts expected =
      count_with_libipt(bytes, code, {}, {.by_segment = true});
  expect_none(difference(expected, cold), "cold");
  expect_none(difference(expected, warm), "warm");
}

void check_order(std::span<const uint8_t> bytes,
                 const std::shared_ptr<const CodeView>& code,
                 uint64_t limit_bytes, uint64_t window_size) {
  ImageStore store;
  SectionCache sections(store);
  const SpanAux aux(bytes);
  OrderedEngine engine({.aux = &aux, .code = StreamCode(code), .settings = {}},
                       sections, {.limit_bytes = limit_bytes}, window_size);
  const auto got = all_items(engine);
  if (engine.stats().stretches != 0) return;
  const auto expected = flow_by_libipt(bytes, code, {}, window_size);
  expect_none(flow_difference(expected, got), "in order");
}

}  // namespace
}  // namespace ptcap::decode::fast

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ptcap::decode::fast;
  if (size < kFuzzHeader) return 0;
  const auto& code = program(data[0]).code;
  const bool little_memory = data[1] % 2 != 0;
  const uint64_t limit_bytes = little_memory ? 300'000 : 16 << 20;
  const uint64_t window_size = data[1] % 4 >= 2 ? 256 : 1 << 20;
  const auto bytes = std::span(data, size).subspan(kFuzzHeader);
  check_counts(bytes, code, limit_bytes);
  check_order(bytes, code, limit_bytes, window_size);
  return 0;
}
