// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/aux_index.h"

#include <algorithm>
#include <utility>

namespace ptcap::formats::ptz {

namespace {

template <typename T, typename Offset>
void sort_by_offset(std::vector<T>& all, Offset offset) {
  const auto before = [&](const T& a, const T& b) {
    return offset(a) < offset(b);
  };
  // As good as always: and there may be millions.
  if (std::is_sorted(all.begin(), all.end(), before)) return;
  std::stable_sort(all.begin(), all.end(), before);
}

}  // namespace

void AuxIndex::add(AuxInfo info, AuxLocation location) {
  Stream& stream = by_idx_[info.idx];
  if (stream.located.empty()) {
    stream.shown.idx = info.idx;
    stream.shown.tid = info.tid;
    stream.shown.cpu = info.cpu;
  }
  stream.located.push_back({.piece = {.offset = info.offset,
                                      .size = info.size,
                                      .reference = info.reference},
                            .location = location});
  std::vector<PsbEntry>& psbs = stream.shown.psbs;
  psbs.insert(psbs.end(), info.psbs.begin(), info.psbs.end());
}

void AuxIndex::finish() {
  for (auto& [idx, stream] : by_idx_) {
    cut_overlaps(stream.located);
    for (const Located& located : stream.located) {
      stream.shown.pieces.push_back(located.piece);
    }
    std::vector<PsbEntry>& psbs = stream.shown.psbs;
    sort_by_offset(psbs, [](const PsbEntry& psb) { return psb.offset; });
    const auto same = [](const PsbEntry& a, const PsbEntry& b) {
      return a.offset == b.offset;
    };
    psbs.erase(std::unique(psbs.begin(), psbs.end(), same), psbs.end());
    streams_.push_back(std::move(stream.shown));
  }
}

void AuxIndex::cut_overlaps(std::vector<Located>& all) {
  sort_by_offset(all, [](const Located& l) { return l.piece.offset; });
  std::vector<Located> kept;
  for (const Located& next : all) {
    const uint64_t end = next.piece.offset + next.piece.size;
    if (next.piece.size == 0) continue;
    if (!kept.empty()) {
      AuxPiece& last = kept.back().piece;
      if (end <= last.offset + last.size) continue;
      last.size = std::min(last.size, next.piece.offset - last.offset);
      if (last.size == 0) kept.pop_back();
    }
    kept.push_back(next);
  }
  all = std::move(kept);
}

uint64_t AuxIndex::read(const AuxStream& stream, uint64_t offset,
                        std::span<uint8_t> out, const Fetch& fetch) const {
  const auto known = by_idx_.find(stream.idx);
  if (known == by_idx_.end()) return 0;
  const std::vector<Located>& all = known->second.located;
  auto next = std::upper_bound(all.begin(), all.end(), offset,
                               [](uint64_t at, const Located& located) {
                                 return at < located.piece.offset;
                               });
  if (next == all.begin()) return 0;
  uint64_t done = 0;
  for (--next; next != all.end() && done < out.size(); ++next) {
    const uint64_t at = offset + done;
    const uint64_t skip = at - next->piece.offset;
    if (at < next->piece.offset || skip >= next->piece.size) break;
    const uint64_t wanted =
        std::min<uint64_t>(out.size() - done, next->piece.size - skip);
    AuxLocation location = next->location;
    location.offset += skip;
    const uint64_t got = fetch(location, out.subspan(done, wanted));
    done += got;
    if (got < wanted) break;
  }
  return done;
}

}  // namespace ptcap::formats::ptz
