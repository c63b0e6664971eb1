// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/frame_file.h"

namespace ptcap::formats::ptz {

namespace {

// An index frame is written when its content has become this large. With the
// largest entry, 4 MiB of PSBs in 10 bytes each, it is still below
// kMaxContentSize.
constexpr uint64_t kIndexContentSize = 1 << 20;
static_assert(kIndexContentSize + kMaxContentSize / 16 * 10 + 64 <
              kMaxContentSize);

}  // namespace

void FrameFile::append_data(Bytes content, FrameEntry entry) {
  entry.content_size = content.size();
  append(encoder_.data(content), entry);
}

void FrameFile::append_own(Tag tag, Bytes fields, Bytes content,
                           FrameEntry entry) {
  entry.content_size = 0;
  append(encoder_.own(tag, fields, content), entry);
}

void FrameFile::append(Bytes frame, FrameEntry& entry) {
  entry.file_offset = file_.size();
  entry.file_size = frame.size();
  file_.append({frame});
  index_.add(entry);
  seek_table_.add(entry.file_size, entry.content_size);
  if (index_.size_bytes() >= kIndexContentSize) append_index();
}

void FrameFile::append_index() {
  const Buffer content = index_.build(file_.size());
  append_own(Tag::kIndex, {}, content, {.kind = FrameKind::kIndex});
}

void FrameFile::finish() {
  append_index();
  file_.append({seek_table_.build()});
  file_.close();
}

}  // namespace ptcap::formats::ptz
