// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Salvage: the frames of a file that has no index, or is damaged.

#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "formats/io/error.h"
#include "formats/io/read_window.h"
#include "formats/ptz/aux_buffer.h"
#include "formats/ptz/frame_decoder.h"
#include "formats/ptz/frame_map.h"
#include "formats/ptz/record_extent.h"

namespace ptcap::formats::ptz {

namespace {

// So that frames of any size cost few reads.
constexpr uint64_t kReadAhead = 8 << 20;

bool is_frame_magic(uint32_t magic) {
  return magic == kZstdMagic || (magic & kSkippableMask) == kSkippableMagic;
}

uint32_t u32_at(Bytes bytes, size_t at) {
  uint32_t value = 0;
  if (at + sizeof(value) <= bytes.size()) {
    std::memcpy(&value, bytes.data() + at, sizeof(value));
  }
  return value;
}

class FrameScanner {
 public:
  FrameScanner(const InputFile& file, Reporter& reporter)
      : file_(file),
        reporter_(reporter),
        window_(file, kReadAhead),
        search_budget_((256 << 20) + 16 * file.size()),
        psb_budget_(max_items(file.size())) {}

  FrameMap scan() {
    uint64_t at = 0;
    while (at < file_.size()) {
      const uint64_t size = accept(at);
      at = size != 0 ? at + size : pass_over(at);
    }
    return std::move(map_);
  }

 private:
  // Adds the frame at `at` to the map and returns its size; 0, with the cause
  // in cause_, where there is no good one.
  uint64_t accept(uint64_t at);
  uint64_t accept_data(uint64_t at);
  uint64_t accept_skippable(uint64_t at, uint32_t magic);
  uint64_t accept_own(uint64_t at, uint64_t size);

  // Reports the damage at `at`, accepts the next good frame, and returns where
  // that ends; or the end of the file.
  uint64_t pass_over(uint64_t at);
  // Whether a frame may begin there, or the file ends.
  bool is_boundary(uint64_t at) {
    return at == file_.size() ||
           is_frame_magic(u32_at(window_.at(at, sizeof(uint32_t)), 0));
  }
  // The next place from `at` on that looks like the begin of a frame.
  uint64_t find_magic(uint64_t at);

  AuxPart aux_part(Bytes record, Bytes data);

  const InputFile& file_;
  Reporter& reporter_;
  ReadWindow window_;
  FrameMap map_;
  std::string cause_;
  // Of the frame that accept() refused last, as it says itself; 0 unknown.
  uint64_t claimed_size_ = 0;
  // In bytes looked at. A hostile file could else have a candidate every few
  // bytes, each of which takes megabytes of work to refuse.
  uint64_t search_budget_;
  uint64_t psb_budget_;
};

uint64_t FrameScanner::accept(uint64_t at) {
  const uint32_t magic = u32_at(window_.at(at, sizeof(magic)), 0);
  claimed_size_ = 0;
  try {
    if (magic == kZstdMagic) return accept_data(at);
    if ((magic & kSkippableMask) == kSkippableMagic) {
      return accept_skippable(at, magic);
    }
    cause_ = "no frame begins here";
  } catch (const FormatError& error) {
    cause_ = error.reason();
  }
  return 0;
}

uint64_t FrameScanner::accept_data(uint64_t at) {
  const Bytes bytes = window_.at(at, kMaxFrameSize);
  const size_t size = ZSTD_findFrameCompressedSize(bytes.data(), bytes.size());
  if (ZSTD_isError(size)) {
    throw FormatError(at, bytes.size() < kMaxFrameSize
                              ? "cut short or damaged"
                              : "damaged, or larger than 4 MiB");
  }
  claimed_size_ = size;
  const Buffer content = decode_data(bytes.first(size));
  // An image, say, is no records.
  bool has_records = false;
  std::vector<AuxPart> parts;
  const Bytes records = skip_pipe_header(content);
  walk_records(records, 0, [&](Bytes record, Bytes data, auto& extent, auto) {
    if (extent.type != kRecordAuxtrace) {
      has_records = true;
      return;
    }
    parts.push_back(aux_part(record, data));
    parts.back().frame = map_.frames.size();
    parts.back().content_offset =
        static_cast<uint64_t>(data.data() - content.data());
  });
  const bool only_aux = !has_records && !parts.empty();
  map_.frames.push_back(
      {.kind = only_aux ? FrameKind::kAux : FrameKind::kRecords,
       .file_offset = at,
       .file_size = size,
       .content_size = content.size(),
       .records = {}});
  std::move(parts.begin(), parts.end(), std::back_inserter(map_.aux));
  return size;
}

AuxPart FrameScanner::aux_part(Bytes record, Bytes data) {
  AuxPart part;
  part.info = parse_auxtrace(record, 0);
  part.info.psbs = find_psbs(data.first(part.info.size), part.info.offset);
  if (part.info.psbs.size() > psb_budget_) part.info.psbs.clear();
  psb_budget_ -= part.info.psbs.size();
  return part;
}

uint64_t FrameScanner::accept_skippable(uint64_t at, uint32_t magic) {
  const Bytes head = window_.at(at, kSkippableHeaderSize + sizeof(Tag));
  const uint64_t size = kSkippableHeaderSize + u32_at(head, sizeof(magic));
  const uint32_t prefix = u32_at(head, kSkippableHeaderSize) & 0xFFFFFF;
  if (size > file_.size() - at) throw FormatError(at, "cut short or damaged");
  claimed_size_ = size;
  if (magic == kOwnMagic) return accept_own(at, size);
  if (prefix == kTagPrefix) throw FormatError(at, "damaged");
  // Somebody else's has no checksum that would tell a damaged size.
  if (!is_boundary(at + size)) {
    throw FormatError(at, "a skippable frame that ends at none");
  }
  map_.frames.push_back({.file_offset = at, .file_size = size, .records = {}});
  return size;
}

uint64_t FrameScanner::accept_own(uint64_t at, uint64_t size) {
  if (size > kMaxFrameSize) throw FormatError(at, "damaged: too large");
  const OwnFrame own = parse_own(window_.at(at, size));
  Frame frame = {.file_offset = at, .file_size = size, .records = {}};
  switch (own.tag) {
    case Tag::kImage:
      map_.images.push_back(
          {.info = parse_image(own.body).info, .frame = map_.frames.size()});
      frame.kind = FrameKind::kImage;
      break;
    case Tag::kMappings:
      frame.kind = FrameKind::kMappings;
      break;
    case Tag::kForeign:
      frame.kind = FrameKind::kForeign;
      break;
    case Tag::kLedger:
      frame.kind = FrameKind::kLedger;
      break;
    case Tag::kIndex:
      frame.kind = FrameKind::kIndex;
      break;
    case Tag::kHeader:
      break;
  }
  map_.frames.push_back(frame);
  return size;
}

uint64_t FrameScanner::pass_over(uint64_t at) {
  const std::string cause = cause_;
  // A frame whose size leads to another one is damaged inside, and not to be
  // searched: an image may hold anything, even a trace.
  const uint64_t end = at + claimed_size_;
  uint64_t next =
      claimed_size_ != 0 && is_boundary(end) ? end : find_magic(at + 1);
  uint64_t size = 0;
  while (next < file_.size()) {
    if ((size = accept(next)) != 0) break;
    if (search_budget_ < kMaxContentSize) {
      next = file_.size();
      break;
    }
    search_budget_ -= kMaxContentSize;
    next = find_magic(next + 1);
  }
  reporter_.warn(file_.name() + ": frame at offset " + std::to_string(at) +
                 ": " + cause + "; passed over " + std::to_string(next - at) +
                 " bytes" + (size == 0 ? ", up to the end" : ""));
  return next + size;
}

uint64_t FrameScanner::find_magic(uint64_t at) {
  constexpr uint64_t kStep = 1 << 20;
  while (at < file_.size()) {
    const Bytes bytes = window_.at(at, kStep);
    if (bytes.size() < sizeof(uint32_t)) break;
    const size_t last = bytes.size() - sizeof(uint32_t);
    for (size_t i = 0; i <= last; ++i) {
      if (is_frame_magic(u32_at(bytes, i))) return at + i;
    }
    at += last + 1;
  }
  return file_.size();
}

}  // namespace

FrameMap scan_frames(const InputFile& file, Reporter& reporter) {
  return FrameScanner(file, reporter).scan();
}

}  // namespace ptcap::formats::ptz
