// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/coverage/stream_counter.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "decode/aux_runs.h"

namespace ptcap::decode {

namespace {

bool same_code(const CodeView& a, const CodeView& b) {
  const auto same = [](const CodeRange& x, const CodeRange& y) {
    return x.address == y.address && x.bytes.data() == y.bytes.data() &&
           x.bytes.size() == y.bytes.size();
  };
  return std::equal(a.ranges().begin(), a.ranges().end(), b.ranges().begin(),
                    b.ranges().end(), same);
}

}  // namespace

fast::FlowCounts StreamCounter::count(const TraceStream& stream) {
  if (choice_ == EngineChoice::kFast) {
    auto code = trace_.code(stream).constant_view();
    if (code) return count_fast(stream, std::move(code));
  }
  return count_in_order(stream);
}

fast::FlowCounts StreamCounter::count_fast(
    const TraceStream& stream, std::shared_ptr<const CodeView> code) {
  if (!counter_ || !same_code(*code_, *code)) {
    code_ = std::move(code);
    counter_ = std::make_unique<fast::ParallelCounter>(
        code_, fast::EngineOptions{.settings = trace_.settings()}, threads_);
  }
  const uint64_t gaps_before = counter_->gaps();
  const auto aux = trace_.bytes(stream);
  AuxRuns runs(*aux);
  for (size_t i = 0; i < runs.size(); ++i) {
    const uint64_t end = counter_->decode(*aux, runs[i].begin, runs[i].end);
    if (end != runs[i].end) runs.split(i, end);
    if (runs[i].lost_behind) ++gaps_;
  }
  gaps_ += counter_->gaps() - gaps_before;
  return counter_->take_counts();
}

fast::FlowCounts StreamCounter::count_in_order(const TraceStream& stream) {
  constexpr size_t kBatch = 4096;
  const auto engine = trace_.open(stream);
  fast::FlowCounter counter;
  FlowBatch batch;
  batch.reserve(kBatch);
  while (engine->next(batch)) {
    counter.add(batch);
    gaps_ += static_cast<uint64_t>(std::count_if(
        batch.begin(), batch.end(),
        [](const FlowItem& item) { return item.kind == FlowKind::kGap; }));
  }
  fast::FlowCounts counts = counter.take();
  counts.normalize();
  return counts;
}

}  // namespace ptcap::decode
