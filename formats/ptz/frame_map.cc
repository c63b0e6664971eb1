// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/frame_map.h"

#include <algorithm>
#include <utility>

#include "formats/io/error.h"
#include "formats/ptz/frame_decoder.h"
#include "formats/ptz/seek_table.h"

namespace ptcap::formats::ptz {

namespace {

IndexContent read_index(const InputFile& file, uint64_t offset, uint64_t size) {
  if (size > kMaxFrameSize) throw FormatError(offset, "index frame too large");
  const Buffer frame = file.read_exactly(offset, size);
  const OwnFrame own = parse_own(frame);
  if (own.tag != Tag::kIndex) throw FormatError(offset, "no index frame");
  return parse_index(decode_packed(own.body), offset);
}

void add_entry(FrameMap& map, FrameEntry entry) {
  const size_t number = map.frames.size();
  map.frames.push_back({.kind = entry.kind,
                        .file_offset = entry.file_offset,
                        .file_size = entry.file_size,
                        .content_size = entry.content_size,
                        .records = entry.records});
  if (entry.kind == FrameKind::kAux) {
    map.aux.push_back({.info = std::move(entry.aux),
                       .frame = number,
                       .content_offset = kAuxtraceHeaderSize});
  } else if (entry.kind == FrameKind::kImage) {
    map.images.push_back({.info = entry.image, .frame = number});
  }
}

uint64_t count_psbs(const IndexContent& index) {
  uint64_t count = 0;
  for (const FrameEntry& entry : index.entries) count += entry.aux.psbs.size();
  return count;
}

}  // namespace

std::optional<FrameMap> load_frame_map(const InputFile& file) {
  const auto end = find_seek_table(file);
  if (!end) return std::nullopt;

  // From the last index frame back to the first. Each is before the one that
  // names it, so this ends.
  std::vector<IndexContent> chain;
  uint64_t offset = end->table_offset - end->last_frame_size;
  uint64_t size = end->last_frame_size;
  uint64_t psbs = 0;
  while (true) {
    chain.push_back(read_index(file, offset, size));
    psbs += count_psbs(chain.back());
    if (psbs > max_items(file.size())) {
      throw FormatError(offset, "more PSBs than the file can hold");
    }
    const uint64_t previous = chain.back().previous_index;
    if (previous == 0) break;
    // The first entry is that index frame itself.
    size = chain.back().entries.front().file_size;
    offset = previous;
  }

  FrameMap map;
  for (auto index = chain.rbegin(); index != chain.rend(); ++index) {
    for (FrameEntry& entry : index->entries) add_entry(map, std::move(entry));
  }
  return map;
}

}  // namespace ptcap::formats::ptz
