// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/seek_table.h"

#include "formats/ptz/layout.h"

namespace ptcap::formats::ptz {

namespace {

constexpr uint64_t kEntrySize = 4 + 4;       // compressed, decompressed
constexpr uint64_t kFooterSize = 4 + 1 + 4;  // entries, descriptor, magic
constexpr uint8_t kHasChecksums = 0x80;
constexpr uint64_t kChecksumEntrySize = kEntrySize + 4;

}  // namespace

void SeekTableBuilder::add(uint64_t file_size, uint64_t content_size) {
  ByteWriter writer(entries_);
  writer.u32(static_cast<uint32_t>(file_size));
  writer.u32(static_cast<uint32_t>(content_size));
}

Buffer SeekTableBuilder::build() const {
  Buffer frame;
  frame.reserve(kSkippableHeaderSize + entries_.size() + kFooterSize);
  ByteWriter writer(frame);
  writer.u32(kSeekTableMagic);
  writer.u32(static_cast<uint32_t>(entries_.size() + kFooterSize));
  writer.bytes(entries_);
  writer.u32(static_cast<uint32_t>(entries_.size() / kEntrySize));
  writer.u8(0);  // descriptor
  writer.u32(kSeekTableEndMagic);
  return frame;
}

std::optional<SeekTableEnd> find_seek_table(const InputFile& file) {
  if (file.size() < kSkippableHeaderSize + kFooterSize) return std::nullopt;
  const Buffer footer =
      file.read_exactly(file.size() - kFooterSize, kFooterSize);
  ByteReader reader(footer);
  const uint64_t count = reader.u32();
  const uint64_t entry_size =
      (reader.u8() & kHasChecksums) != 0 ? kChecksumEntrySize : kEntrySize;
  if (reader.u32() != kSeekTableEndMagic || count == 0) return std::nullopt;

  const uint64_t payload = count * entry_size + kFooterSize;
  const uint64_t whole = kSkippableHeaderSize + payload;
  if (whole > file.size()) return std::nullopt;
  SeekTableEnd end = {.table_offset = file.size() - whole};
  const Buffer header =
      file.read_exactly(end.table_offset, kSkippableHeaderSize);
  ByteReader head(header);
  if (head.u32() != kSeekTableMagic || head.u32() != payload) {
    return std::nullopt;
  }
  const Buffer last =
      file.read_exactly(file.size() - kFooterSize - entry_size, kEntrySize);
  end.last_frame_size = ByteReader(last).u32();
  if (end.last_frame_size > end.table_offset) return std::nullopt;
  return end;
}

}  // namespace ptcap::formats::ptz
