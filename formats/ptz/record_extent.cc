// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/record_extent.h"

#include "formats/io/error.h"
#include "formats/ptz/layout.h"

namespace ptcap::formats::ptz {

RecordExtent parse_extent(Bytes bytes, uint64_t offset) {
  ByteReader reader(bytes, offset);
  RecordExtent extent;
  extent.type = reader.u32();
  reader.skip(sizeof(uint16_t));  // misc
  extent.record_size = reader.u16();
  uint64_t least = kRecordHeaderSize;
  if (extent.type == kRecordAuxtrace) {
    least = kAuxtraceHeaderSize;
    extent.data_size = reader.u64();
  } else if (extent.type == kRecordTracingData) {
    least = kRecordHeaderSize + sizeof(uint32_t);
    extent.data_size = (reader.u32() + 7ull) & ~7ull;
  }
  if (extent.record_size < least) {
    throw FormatError(offset, "a record of type " +
                                  std::to_string(extent.type) + " with size " +
                                  std::to_string(extent.record_size));
  }
  return extent;
}

AuxInfo parse_auxtrace(Bytes record, uint64_t offset) {
  constexpr uint32_t kMaxPadding = 7;
  ByteReader reader(record, offset);
  reader.skip(kRecordHeaderSize);
  AuxInfo info;
  info.size = reader.u64();
  info.offset = reader.u64();
  info.reference = reader.u64();
  info.idx = reader.u32();
  info.tid = reader.u32();
  info.cpu = reader.u32();
  const uint32_t padding = reader.u32();
  if (padding <= kMaxPadding && padding <= info.size) info.size -= padding;
  if (info.offset + info.size < info.offset) {
    throw FormatError(offset, "an AUXTRACE that wraps around");
  }
  return info;
}

Bytes skip_pipe_header(Bytes content) {
  if (content.size() < kPerfPipeHeaderSize) return content;
  ByteReader reader(content);
  if (reader.u64() != kPerfMagic) return content;
  return content.subspan(kPerfPipeHeaderSize);
}

}  // namespace ptcap::formats::ptz
