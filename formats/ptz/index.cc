// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/index.h"

#include <utility>

#include "formats/io/error.h"
#include "formats/pt/packet.h"
#include "formats/ptz/layout.h"

namespace ptcap::formats::ptz {

namespace {

// Small differences of either sign to small numbers: 0, -1, 1, -2, ...
uint64_t zigzag(uint64_t difference) {
  return difference << 1 ^ (0 - (difference >> 63));
}
uint64_t unzigzag(uint64_t code) { return code >> 1 ^ (0 - (code & 1)); }

// A PSB's offset is relative to the PSB before it (the first: to the piece),
// its TSC to the last known one: 0 none, else 1 + zigzag of the difference.
// TSCs have 56 bits, so 1 + zigzag cannot wrap.
void write_psbs(ByteWriter& writer, const AuxInfo& aux) {
  writer.varint(aux.psbs.size());
  uint64_t offset = aux.offset;
  uint64_t tsc = 0;
  for (const PsbEntry& psb : aux.psbs) {
    writer.varint(psb.offset - offset);
    writer.varint(psb.tsc ? 1 + zigzag(*psb.tsc - tsc) : 0);
    offset = psb.offset;
    tsc = psb.tsc.value_or(tsc);
  }
}

void read_psbs(ByteReader& reader, AuxInfo& aux) {
  const uint64_t count = reader.varint();
  if (count > aux.size / pt::kPsbSize) {
    throw FormatError(reader.offset(), "more PSBs than bytes for them");
  }
  aux.psbs.reserve(count);
  uint64_t offset = aux.offset;
  uint64_t tsc = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t distance = reader.varint();
    if (distance >= aux.offset + aux.size - offset) {
      throw FormatError(reader.offset(), "a PSB outside of its piece");
    }
    PsbEntry psb = {.offset = offset += distance, .tsc = std::nullopt};
    if (const uint64_t code = reader.varint(); code != 0) {
      psb.tsc = tsc += unzigzag(code - 1);
    }
    aux.psbs.push_back(psb);
  }
}

void write_aux(ByteWriter& writer, const AuxInfo& aux) {
  writer.u32(aux.idx);
  writer.u32(aux.tid);
  writer.u32(aux.cpu);
  writer.varint(aux.offset);
  writer.varint(aux.size);
  writer.varint(aux.reference);
  write_psbs(writer, aux);
}

void read_aux(ByteReader& reader, FrameEntry& entry) {
  AuxInfo& aux = entry.aux;
  aux.idx = reader.u32();
  aux.tid = reader.u32();
  aux.cpu = reader.u32();
  aux.offset = reader.varint();
  aux.size = reader.varint();
  aux.reference = reader.varint();
  if (aux.size > entry.content_size || aux.offset + aux.size < aux.offset) {
    throw FormatError(reader.offset(), "AUX data larger than its frame");
  }
  read_psbs(reader, aux);
}

void write_image(ByteWriter& writer, const ImageInfo& image) {
  writer.value(image.id);
  writer.varint(image.image_size);
  writer.varint(image.offset);
  writer.varint(image.size);
}

void read_image(ByteReader& reader, ImageInfo& image) {
  image.id = reader.value<ImageId>();
  image.image_size = reader.varint();
  image.offset = reader.varint();
  image.size = reader.varint();
}

FrameEntry read_entry(ByteReader& reader, uint64_t file_offset,
                      uint64_t file_end) {
  FrameEntry entry = {.file_offset = file_offset};
  const uint8_t kind = reader.u8();
  if (kind > static_cast<uint8_t>(FrameKind::kIndex)) {
    throw FormatError(reader.offset(), "unknown kind of frame");
  }
  entry.kind = static_cast<FrameKind>(kind);
  entry.file_size = reader.varint();
  entry.content_size = reader.varint();
  if (entry.file_size < kSkippableHeaderSize ||
      entry.file_size > file_end - file_offset) {
    throw FormatError(reader.offset(), "a frame that does not fit the file");
  }
  if (entry.content_size > kMaxContentSize) {
    throw FormatError(reader.offset(), "a frame of more than 4 MiB");
  }
  switch (entry.kind) {
    case FrameKind::kRecords:
      entry.records.first_ns = reader.varint();
      entry.records.last_ns = reader.varint();
      break;
    case FrameKind::kAux:
      read_aux(reader, entry);
      break;
    case FrameKind::kImage:
      read_image(reader, entry.image);
      break;
    case FrameKind::kOther:
    case FrameKind::kMappings:
    case FrameKind::kForeign:
    case FrameKind::kLedger:
    case FrameKind::kIndex:
      break;
  }
  return entry;
}

}  // namespace

void IndexBuilder::add(const FrameEntry& entry) {
  ByteWriter writer(entries_);
  writer.u8(static_cast<uint8_t>(entry.kind));
  writer.varint(entry.file_size);
  writer.varint(entry.content_size);
  switch (entry.kind) {
    case FrameKind::kRecords:
      writer.varint(entry.records.first_ns);
      writer.varint(entry.records.last_ns);
      break;
    case FrameKind::kAux:
      write_aux(writer, entry.aux);
      break;
    case FrameKind::kImage:
      write_image(writer, entry.image);
      break;
    case FrameKind::kOther:
    case FrameKind::kMappings:
    case FrameKind::kForeign:
    case FrameKind::kLedger:
    case FrameKind::kIndex:
      break;
  }
}

Buffer IndexBuilder::build(uint64_t file_offset) {
  Buffer content;
  ByteWriter writer(content);
  writer.u64(previous_index_);
  writer.bytes(entries_);
  entries_.clear();
  previous_index_ = file_offset;
  return content;
}

IndexContent parse_index(Bytes content, uint64_t file_offset) {
  ByteReader reader(content);
  IndexContent index;
  index.previous_index = reader.u64();
  uint64_t at = index.previous_index;
  while (!reader.empty()) {
    if (at >= file_offset) {
      throw FormatError(reader.offset(), "more frames than the file has");
    }
    index.entries.push_back(read_entry(reader, at, file_offset));
    at += index.entries.back().file_size;
  }
  if (at != file_offset) {
    throw FormatError(reader.offset(), "frames that do not fill the file");
  }
  return index;
}

}  // namespace ptcap::formats::ptz
