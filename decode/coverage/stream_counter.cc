// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/coverage/stream_counter.h"

#include <algorithm>
#include <utility>
#include <vector>

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

// Pieces that touch, from the one at `at` on; moves `at` behind them.
std::vector<uint8_t> read_run(const AuxBytes& aux, size_t& at) {
  const auto pieces = aux.pieces();
  const uint64_t begin = pieces[at].offset;
  uint64_t end = begin;
  for (; at < pieces.size() && pieces[at].offset == end; ++at) {
    end += pieces[at].size;
  }
  std::vector<uint8_t> bytes(end - begin);
  uint64_t done = 0;
  while (done < bytes.size()) {
    const uint64_t size =
        aux.read(begin + done, std::span(bytes).subspan(done));
    if (size == 0) break;
    done += size;
  }
  bytes.resize(done);
  return bytes;
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
  if (!engine_ || !same_code(*code_, *code)) {
    code_ = std::move(code);
    engine_ = std::make_unique<fast::CountingEngine>(
        code_, fast::EngineOptions{.settings = trace_.settings()});
  }
  const uint64_t gaps_before = engine_->stats().gaps;
  const auto aux = trace_.bytes(stream);
  for (size_t at = 0; at < aux->pieces().size();) {
    if (at != 0) ++gaps_;  // the hole in front of this run
    engine_->decode(read_run(*aux, at));
  }
  gaps_ += engine_->stats().gaps - gaps_before;
  return engine_->take_counts();
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
