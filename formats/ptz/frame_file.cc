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

// So that each thread finds work while the oldest frame is written.
constexpr size_t kFramesPerThread = 2;

uint64_t size_of(std::span<const Bytes> parts) {
  uint64_t size = 0;
  for (const Bytes part : parts) size += part.size();
  return size;
}

}  // namespace

FrameFile::FrameFile(OutputFile file, int level, unsigned threads)
    : file_(std::move(file)),
      encoder_(level),
      level_(level),
      max_pending_(kFramesPerThread * threads) {
  if (threads != 0) pool_ = std::make_unique<FramePool>(threads);
}

void FrameFile::set_level(int level) {
  level_ = level;
  encoder_.set_level(level);
}

void FrameFile::append_data(Bytes content, FrameEntry entry) {
  entry.content_size = content.size();
  // What is not compressed costs less to write than to hand over.
  if (!pool_ || level_ == 0) {
    flush();
    append(encoder_.data_parts(content), entry);
    return;
  }
  pending_.push_back(
      {pool_->encode(Buffer(content.begin(), content.end()), level_),
       std::move(entry)});
  if (pending_.size() > max_pending_) append_oldest();
}

void FrameFile::flush() {
  while (!pending_.empty()) append_oldest();
}

void FrameFile::append_oldest() {
  Pending oldest = std::move(pending_.front());
  pending_.pop_front();
  const Buffer frame = oldest.frame.get();
  const Bytes whole(frame);
  append({&whole, 1}, oldest.entry);
}

void FrameFile::append_own(Tag tag, Bytes fields, Bytes content,
                           FrameEntry entry) {
  flush();
  entry.content_size = 0;
  const Bytes frame = encoder_.own(tag, fields, content);
  append({&frame, 1}, entry);
}

void FrameFile::append(std::span<const Bytes> frame, FrameEntry& entry) {
  entry.file_offset = file_.size();
  entry.file_size = size_of(frame);
  file_.append(frame);
  index_.add(entry);
  seek_table_.add(entry.file_size, entry.content_size);
  if (index_.size_bytes() >= kIndexContentSize) append_index();
}

// Of the frames before it: none of them waits.
void FrameFile::append_index() {
  const Buffer content = index_.build(file_.size());
  append_own(Tag::kIndex, {}, content, {.kind = FrameKind::kIndex});
}

void FrameFile::finish() {
  flush();
  append_index();
  file_.append({seek_table_.build()});
  file_.close();
}

}  // namespace ptcap::formats::ptz
