// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/skim/segments.h"

#include <algorithm>

#include "decode/bts/engine.h"

namespace ptcap::decode {

namespace {

constexpr uint64_t kBtsPart = kBtsRecordSize * 512;

// Where segments begin in a piece.
std::vector<uint64_t> starts_in(const formats::AuxPiece& piece,
                                const std::vector<formats::PsbEntry>& psbs,
                                bool is_bts, bool behind_hole) {
  std::vector<uint64_t> starts;
  const uint64_t end = piece.offset + piece.size;
  if (is_bts) {
    for (uint64_t at = piece.offset; at < end; at += kBtsPart) {
      starts.push_back(at);
    }
    return starts;
  }
  auto psb = std::lower_bound(
      psbs.begin(), psbs.end(), piece.offset,
      [](const formats::PsbEntry& a, uint64_t b) { return a.offset < b; });
  const bool begins = psb != psbs.end() && psb->offset == piece.offset;
  if (behind_hole && !begins) starts.push_back(piece.offset);
  for (; psb != psbs.end() && psb->offset < end; ++psb) {
    starts.push_back(psb->offset);
  }
  return starts;
}

void set_times(std::vector<Segment>& segments,
               const std::vector<formats::PsbEntry>& psbs,
               const TimeConversion& clock) {
  uint64_t time = 0;
  auto psb = psbs.begin();
  for (Segment& segment : segments) {
    for (; psb != psbs.end() && psb->offset <= segment.offset; ++psb) {
      if (psb->tsc) time = std::max(time, clock.to_ns(*psb->tsc));
    }
    segment.begin = time;
  }
  // Bytes in front of the first PSB are of its time.
  const auto first =
      std::find_if(segments.begin(), segments.end(),
                   [](const Segment& segment) { return segment.begin != 0; });
  if (first != segments.end()) {
    std::for_each(segments.begin(), first,
                  [&](Segment& early) { early.begin = first->begin; });
  }
  for (size_t i = 0; i < segments.size(); ++i) {
    segments[i].end =
        i + 1 < segments.size() ? segments[i + 1].begin : segments[i].begin;
  }
}

}  // namespace

std::vector<Segment> segments_of(Trace& trace, const TraceStream& stream) {
  std::vector<Segment> segments;
  const bool is_bts = trace.facts().has_bts;
  const auto& psbs = trace.psbs(stream);
  uint32_t index = 0;
  uint64_t end = 0;  // of the pieces so far
  for (const formats::AuxPiece& piece : stream.aux->pieces) {
    const bool behind_hole = segments.empty() || end != piece.offset;
    for (const uint64_t start : starts_in(piece, psbs, is_bts, behind_hole)) {
      if (!segments.empty()) {
        const uint64_t last = end < piece.offset ? end : start;
        segments.back().size = last - segments.back().offset;
      }
      end = piece.offset + piece.size;
      Segment segment;
      segment.offset = start;
      segment.begin = start;
      segment.piece = index;
      segment.at_psb =
          is_bts ||
          std::binary_search(
              psbs.begin(), psbs.end(), formats::PsbEntry{start, {}},
              [](const auto& a, const auto& b) { return a.offset < b.offset; });
      segments.push_back(segment);
    }
    end = piece.offset + piece.size;
    ++index;
  }
  if (!segments.empty()) segments.back().size = end - segments.back().offset;
  if (trace.has_time() && trace.settings().clock) {
    set_times(segments, psbs, *trace.settings().clock);
  } else {
    for (Segment& segment : segments) {
      segment.end = segment.begin + segment.size;
    }
  }
  return segments;
}

size_t choose_segments(std::vector<Segment>& segments, uint64_t limit_bytes,
                       const BucketOf& bucket_of) {
  uint64_t all = 0;
  for (const Segment& segment : segments) all += segment.size;
  size_t count = 0;
  const double share = all <= limit_bytes ? 1
                                          : static_cast<double>(limit_bytes) /
                                                static_cast<double>(all);
  double due = 0;  // bytes that should have been chosen by now
  size_t last_bucket = ~size_t{0};
  for (size_t i = 0; i < segments.size();) {
    size_t end = i;
    uint64_t size = 0;
    while (end < segments.size() && segments[end].piece == segments[i].piece) {
      size += segments[end++].size;
    }
    const size_t bucket = bucket_of(segments[i].begin);
    due += static_cast<double>(size) * share;
    const bool read = bucket != last_bucket || due >= static_cast<double>(size);
    if (read) due -= static_cast<double>(size);
    last_bucket = bucket;
    for (; i < end; ++i) {
      segments[i].read = read && segments[i].at_psb;
      count += segments[i].read ? 1 : 0;
    }
  }
  return count;
}

}  // namespace ptcap::decode
