// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/parallel_counter.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "decode/psb_header.h"

namespace ptcap::decode::fast {

namespace {

// How far behind a part the PSB+ there can be looked at: what BDM70 asks for
// stands behind it.
constexpr uint64_t kBehind = 2 * kMaxPsbHeaderSize;

// As far as they can be read. Keeps the buffer's memory: that of a part is so
// large that fresh pages would take longer than decoding it.
std::span<const uint8_t> read(const AuxBytes& aux, uint64_t begin, uint64_t end,
                              std::vector<uint8_t>& buffer) {
  if (buffer.size() < end - begin) buffer.resize(end - begin);
  const auto bytes = std::span(buffer).first(end - begin);
  uint64_t done = 0;
  while (done < bytes.size()) {
    const uint64_t size = aux.read(begin + done, bytes.subspan(done));
    if (size == 0) break;
    done += size;
  }
  return bytes.first(done);
}

// The first PSB of [from, end).
std::optional<uint64_t> psb_behind(const AuxBytes& aux, uint64_t from,
                                   uint64_t end) {
  constexpr uint64_t kStep = 1 << 18;
  std::vector<uint8_t> buffer;
  for (; from < end; from += kStep) {
    const auto bytes = read(
        aux, from, std::min(end, from + kStep + kMaxPsbHeaderSize), buffer);
    const auto psb = find_sync(bytes, 0);
    if (psb) return from + *psb;
  }
  return std::nullopt;
}

}  // namespace

ParallelCounter::ParallelCounter(const std::shared_ptr<const CodeView>& code,
                                 const EngineOptions& options, size_t threads) {
  EngineOptions each = options;
  each.limit_bytes /= threads;
  for (size_t i = 0; i < threads; ++i) {
    engines_.push_back(std::make_unique<CountingEngine>(code, each));
  }
}

FlowCounts ParallelCounter::take_counts() {
  for (auto& engine : engines_) counts_.add(engine->take_counts());
  counts_.normalize();
  return std::exchange(counts_, {});
}

uint64_t ParallelCounter::engine_gaps() const {
  uint64_t gaps = 0;
  for (const auto& engine : engines_) gaps += engine->stats().gaps;
  return gaps;
}

uint64_t ParallelCounter::decode(const AuxBytes& aux, uint64_t begin,
                                 uint64_t end, uint64_t part_size) {
  // One thread, too, takes parts: so much does not have to be in memory.
  const std::vector<Span> spans = cut(aux, begin, end, part_size);
  if (spans.size() == 1) return decode_as_one(aux, begin, end);
  // So that what follows can be forgotten again.
  for (auto& engine : engines_) counts_.add(engine->take_counts());
  counts_.normalize();
  const uint64_t gaps = engine_gaps();
  const auto parts = decode_parts(aux, spans, end);
  if (join_parts(parts)) {
    gaps_ += engine_gaps() - gaps;
    return end;
  }
  ++retries_;
  for (auto& engine : engines_) engine->forget_counts();
  return decode_as_one(aux, begin, end);
}

uint64_t ParallelCounter::decode_as_one(const AuxBytes& aux, uint64_t begin,
                                        uint64_t end) {
  const uint64_t gaps = engine_gaps();
  std::vector<uint8_t> buffer;
  const auto bytes = read(aux, begin, end, buffer);
  engines_.front()->decode(bytes);
  gaps_ += engine_gaps() - gaps;
  return begin + bytes.size();
}

// Each part but the first begins at a PSB.
std::vector<ParallelCounter::Span> ParallelCounter::cut(
    const AuxBytes& aux, uint64_t begin, uint64_t end,
    uint64_t part_size) const {
  std::vector<Span> spans;
  uint64_t at = begin;
  while (end - at > part_size) {
    const auto psb = psb_behind(aux, at + part_size, end);
    if (!psb) break;
    spans.push_back({at, *psb});
    at = *psb;
  }
  spans.push_back({at, end});
  return spans;
}

// None if some of it cannot be read.
std::vector<CountingEngine::Part> ParallelCounter::decode_parts(
    const AuxBytes& aux, std::span<const Span> spans, uint64_t end) {
  std::vector<CountingEngine::Part> parts(spans.size());
  std::atomic<size_t> next = 0;
  std::atomic<bool> unreadable = false;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&](CountingEngine& engine) {
    try {
      std::vector<uint8_t> buffer;
      for (size_t i = next++; i < spans.size(); i = next++) {
        const auto [from, to] = spans[i];
        const auto bytes = read(aux, from, std::min(end, to + kBehind), buffer);
        if (bytes.size() < to - from) {
          unreadable = true;
          next = spans.size();
        } else if (i + 1 < spans.size()) {
          parts[i] = engine.decode_part(bytes, to - from);
        } else {
          parts[i] = engine.decode_last_part(bytes);
        }
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = spans.size();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < engines_.size(); ++i) {
      threads.emplace_back(work, std::ref(*engines_[i]));
    }
    work(*engines_.front());
  }
  if (failure) std::rethrow_exception(failure);
  if (unreadable) parts.clear();
  return parts;
}

// False if they do not fit together.
bool ParallelCounter::join_parts(std::span<const CountingEngine::Part> parts) {
  if (parts.empty()) return false;
  for (const auto& part : parts.first(parts.size() - 1)) {
    if (!part.end.is_clean) return false;
  }
  for (size_t i = 1; i < parts.size(); ++i) {
    join(parts[i - 1].end, parts[i].start, counts_);
  }
  return true;
}

}  // namespace ptcap::decode::fast
