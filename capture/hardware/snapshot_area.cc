// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/snapshot_area.h"

#include <algorithm>

namespace ptcap::capture {
namespace {

using formats::Bytes;

bool all_zero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](uint8_t byte) { return byte == 0; });
}

void append(std::vector<uint8_t>& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

SnapshotBytes unroll(Bytes area, uint64_t start, uint64_t position,
                     uint64_t unit) {
  area = area.first(area.size() - area.size() % unit);
  const Bytes before = area.first(position);
  const Bytes behind = area.subspan(position);
  SnapshotBytes result;
  if (start <= position) {
    result.overwritten = !all_zero(area.first(start)) || !all_zero(behind);
  } else {
    result.overwritten = !all_zero(area.subspan(position, start - position));
  }
  if (result.overwritten) {
    append(result.bytes, behind);
    append(result.bytes, before);
  } else if (start <= position) {
    append(result.bytes, before.subspan(start));
  } else {
    append(result.bytes, area.subspan(start));
    append(result.bytes, before);
  }
  return result;
}

void StopLog::add(uint64_t position, const formats::SampleId& id) {
  uint64_t size = 0;
  if (!stops_.empty() || base_) {
    const uint64_t from = stops_.empty() ? *base_ : stops_.back().position;
    size = (position + area_ - from) % area_;
  }
  stops_.push_back({position, size, id});
  kept_ += size;
  while (stops_.size() > 1 && kept_ - stops_.front().size >= area_) {
    const Stop& oldest = stops_.front();
    base_ = oldest.position;
    kept_ -= oldest.size;
    if (oldest.size != 0) gone_[oldest.id.tid].add(oldest.id.time);
    stops_.pop_front();
  }
}

void StopLog::forget() {
  for (const Stop& stop : stops_) gone_[stop.id.tid].add(stop.id.time);
  stops_.clear();
  base_.reset();
  kept_ = 0;
}

std::vector<SnapshotPart> StopLog::parts(
    const SnapshotBytes& bytes,
    const std::function<std::optional<uint64_t>(uint64_t offset)>&
        newest_before,
    GoneSpans& gone) const {
  std::vector<SnapshotPart> parts;
  uint64_t end = bytes.bytes.size();
  for (size_t i = stops_.size(); i-- > 0;) {
    const Stop& stop = stops_[i];
    const bool first = i == 0;
    const bool unknown = first && !base_;  // it began with a lost record
    if (end == 0 || unknown) {
      if (stop.size != 0 || unknown) gone[stop.id.tid].add(stop.id.time);
      continue;
    }
    uint64_t size = std::min(stop.size, end);
    if (first && bytes.overwritten) size = end;
    const uint64_t begin = end - size;
    if (!first && begin > 0 && bytes.overwritten) {
      const auto newest = newest_before(begin);
      // Written by this thread, too, which went all around. Without a packet
      // that tells, what is in front cannot be decoded in any case.
      if (!newest || *newest > stops_[i - 1].id.time) size = end;
    }
    if (size == 0) continue;
    end -= size;
    parts.push_back({end, size, stop.id, end == 0 && bytes.overwritten});
  }
  for (const auto& [tid, span] : gone_) {
    gone[tid].add(span.first_ns);
    gone[tid].add(span.last_ns);
  }
  std::reverse(parts.begin(), parts.end());
  return parts;
}

}  // namespace ptcap::capture
