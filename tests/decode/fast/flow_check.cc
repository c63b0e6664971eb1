// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/decode/fast/flow_check.h"

#include <algorithm>
#include <sstream>

#include "decode/fast/ordered_engine.h"
#include "decode/fast/stretch.h"
#include "decode/image_store.h"
#include "decode/libipt/section_cache.h"

namespace ptcap::decode::fast {

namespace {

bool same(const FlowItem& a, const FlowItem& b) {
  return a.kind == b.kind && a.cause == b.cause && a.branch == b.branch &&
         a.begin == b.begin && a.last == b.last && a.end == b.end &&
         a.ninsn == b.ninsn && a.has_from == b.has_from &&
         a.has_to == b.has_to && a.time == b.time;
}

std::string show(const FlowItem& item) {
  std::ostringstream out;
  out << "kind " << int(item.kind) << " cause " << int(item.cause) << " branch "
      << int(item.branch) << std::hex << " begin/to " << item.begin
      << (item.has_to ? "!" : "") << " last/from " << item.last
      << (item.has_from ? "!" : "") << " end " << item.end << std::dec
      << " detail " << item.detail << " ninsn " << item.ninsn << " time "
      << item.time << std::hex << " offset " << item.offset << '\n';
  return out.str();
}

}  // namespace

std::vector<FlowItem> all_items(FlowEngine& engine) {
  std::vector<FlowItem> all;
  FlowBatch batch;
  batch.reserve(512);
  while (engine.next(batch)) all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

std::vector<FlowItem> flow_by_libipt(std::span<const uint8_t> trace,
                                     std::shared_ptr<const CodeView> code,
                                     const PtSettings& settings,
                                     uint64_t window_size) {
  ImageStore store;
  SectionCache sections(store);
  const SpanAux aux(trace);
  LibiptEngine engine(
      {.aux = &aux, .code = StreamCode(code), .settings = settings}, sections,
      window_size);
  return all_items(engine);
}

std::vector<FlowItem> flow_by_memory(std::span<const uint8_t> trace,
                                     std::shared_ptr<const CodeView> code,
                                     const PtSettings& settings,
                                     uint64_t window_size) {
  ImageStore store;
  SectionCache sections(store);
  const SpanAux aux(trace);
  OrderedEngine engine(
      {.aux = &aux, .code = StreamCode(code), .settings = settings}, sections,
      {.settings = settings}, window_size);
  return all_items(engine);
}

std::string flow_difference(std::span<const FlowItem> expected,
                            std::span<const FlowItem> got) {
  const size_t both = std::min(expected.size(), got.size());
  size_t at = 0;
  while (at < both && same(expected[at], got[at])) ++at;
  if (at == expected.size() && at == got.size()) return "";
  std::ostringstream out;
  out << "item " << at << " of " << expected.size() << ", " << got.size()
      << '\n';
  for (size_t i = at - std::min<size_t>(at, 3); i < at; ++i) {
    out << "  both:     " << show(expected[i]);
  }
  for (size_t i = at; i < at + 3; ++i) {
    if (i < expected.size()) out << "  expected: " << show(expected[i]);
    if (i < got.size()) out << "  got:      " << show(got[i]);
  }
  return out.str();
}

}  // namespace ptcap::decode::fast
