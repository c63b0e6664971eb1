// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The C interface of the fast engine. No exception leaves it.

#include <ptcap/coverage.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "decode/fast/counting_engine.h"
#include "formats/coverage/coverage_writers.h"

using ptcap::decode::CodeView;
using ptcap::decode::ExecMode;
using ptcap::decode::fast::CountingEngine;
using ptcap::decode::fast::Edge;
using ptcap::decode::fast::EdgeWriter;
using ptcap::decode::fast::EngineOptions;
using ptcap::decode::fast::EngineStats;
using ptcap::formats::EdgeHash;

struct ptcap_coverage {
  CountingEngine engine;
  std::vector<uint8_t> ignored;  // the map of who wants none
};

namespace {

EngineOptions translate(const ptcap_coverage_options* options) {
  EngineOptions result;
  if (options == nullptr) return result;
  if (options->mode == 32) result.settings.mode = ExecMode::k32;
  if (options->family != 0) {
    result.settings.cpu = {static_cast<uint16_t>(options->family),
                           static_cast<uint8_t>(options->model),
                           static_cast<uint8_t>(options->stepping)};
  }
  if (options->limit_bytes != 0) result.limit_bytes = options->limit_bytes;
  return result;
}

}  // namespace

ptcap_coverage* ptcap_coverage_new(const ptcap_image* images, size_t count,
                                   const ptcap_coverage_options* options) try {
  auto code = std::make_shared<CodeView>();
  for (const ptcap_image& image : std::span(images, count)) {
    code->add({image.address, {image.bytes, image.size}});
  }
  return new ptcap_coverage{CountingEngine(std::move(code), translate(options)),
                            std::vector<uint8_t>(ptcap::formats::kAflMapSize)};
} catch (const std::exception&) {
  return nullptr;
}

void ptcap_coverage_free(ptcap_coverage* coverage) { delete coverage; }

namespace {

ptcap_coverage_status tell(const EngineStats& before, const EngineStats& now,
                           uint64_t edges, ptcap_coverage_result* result) {
  const uint64_t gaps = now.gaps - before.gaps;
  if (result != nullptr) {
    result->gaps = gaps;
    result->edges = edges;
    result->slow_bytes = now.stretch_bytes - before.stretch_bytes;
  }
  return gaps == 0 ? PTCAP_COVERAGE_COMPLETE : PTCAP_COVERAGE_GAPS;
}

bool is_usable(const ptcap_coverage* coverage, const uint8_t* trace,
               size_t size) {
  return coverage != nullptr && (trace != nullptr || size == 0);
}

// The same in C and C++.
static_assert(sizeof(ptcap_edge) == sizeof(Edge) &&
              offsetof(ptcap_edge, to) == offsetof(Edge, to));

}  // namespace

ptcap_coverage_status ptcap_coverage_run(ptcap_coverage* coverage,
                                         const uint8_t* trace, size_t size,
                                         uint8_t* map,
                                         ptcap_coverage_result* result) try {
  if (!is_usable(coverage, trace, size)) return PTCAP_COVERAGE_FAILED;
  CountingEngine& engine = coverage->engine;
  const EngineStats before = engine.stats();
  engine.decode({trace, size});
  const uint64_t edges = engine.take_map(
      EdgeHash::kMix, map != nullptr ? map : coverage->ignored.data());
  return tell(before, engine.stats(), edges, result);
} catch (const std::exception&) {
  return PTCAP_COVERAGE_FAILED;
}

ptcap_coverage_status ptcap_coverage_edges(ptcap_coverage* coverage,
                                           const uint8_t* trace, size_t size,
                                           const ptcap_edge_buffer* buffer,
                                           ptcap_coverage_result* result) try {
  if (!is_usable(coverage, trace, size) || buffer == nullptr ||
      buffer->edges == nullptr || buffer->capacity == 0 ||
      buffer->take == nullptr) {
    return PTCAP_COVERAGE_FAILED;
  }
  CountingEngine& engine = coverage->engine;
  const EngineStats before = engine.stats();
  uint64_t edges = 0;
  EdgeWriter writer(
      {reinterpret_cast<Edge*>(buffer->edges), buffer->capacity},
      {buffer->cycles, buffer->cycles != nullptr ? buffer->capacity : 0},
      [&](size_t count) {
        edges += count;
        buffer->take(buffer->context, count);
      });
  engine.decode({trace, size}, writer);
  engine.forget_counts();
  return tell(before, engine.stats(), edges, result);
} catch (const std::exception&) {
  return PTCAP_COVERAGE_FAILED;
}
