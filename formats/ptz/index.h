// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What is in which frame: the index frames of a .ptz.
//
// An index frame covers every frame from the index frame before it (that one
// included) to itself, so that a writer holds little of it in memory; each
// names the one before. The last one stands right before the seek table.

#ifndef PTCAP_FORMATS_PTZ_INDEX_H_
#define PTCAP_FORMATS_PTZ_INDEX_H_

#include <optional>
#include <vector>

#include "formats/io/byte_writer.h"
#include "formats/ptz/code_mapping.h"

namespace ptcap::formats {

struct PsbEntry {
  uint64_t offset = 0;          // in the stream
  std::optional<uint64_t> tsc;  // from its PSB+
};

namespace ptz {

// Values are those of the file.
enum class FrameKind : uint8_t {
  kOther = 0,  // the header; skippable frames that are none of ours
  kRecords = 1,
  kAux = 2,
  kImage = 3,
  kMappings = 4,
  kForeign = 5,
  kLedger = 6,
  kIndex = 7,
};

// Of kRecords: perf clock, of the records that have a time; 0 if none has.
struct RecordsInfo {
  uint64_t first_ns = 0;
  uint64_t last_ns = 0;
};

// Of kAux: one AUXTRACE record.
struct AuxInfo {
  uint32_t idx = 0;
  uint32_t tid = ~0u;
  uint32_t cpu = ~0u;
  uint64_t offset = 0;  // in the stream
  uint64_t size = 0;    // without padding
  uint64_t reference = 0;
  std::vector<PsbEntry> psbs;
};

// Of kImage: a part of an image.
struct ImageInfo {
  ImageId id = {};
  uint64_t image_size = 0;
  uint64_t offset = 0;  // of the part in the image
  uint64_t size = 0;    // of the part
};

struct FrameEntry {
  FrameKind kind = FrameKind::kOther;
  uint64_t file_offset = 0;
  uint64_t file_size = 0;
  uint64_t content_size = 0;  // of a data frame, decompressed; else 0
  RecordsInfo records;
  AuxInfo aux;
  ImageInfo image;
};

// Collects the entries of the next index frame.
class IndexBuilder {
 public:
  // Entries are of frames that follow one another.
  void add(const FrameEntry& entry);

  // The content of an index frame that will stand at `file_offset`. Starts
  // the next one.
  Buffer build(uint64_t file_offset);

  uint64_t size_bytes() const { return entries_.size(); }

 private:
  Buffer entries_;
  uint64_t previous_index_ = 0;
};

struct IndexContent {
  // Where the entries begin: the index frame before, or 0, the file's begin.
  uint64_t previous_index = 0;
  std::vector<FrameEntry> entries;
};

// Throws FormatError where entries are malformed, too big, or do not end at
// `file_offset`, where the index frame stands. Its offsets count in `content`.
IndexContent parse_index(Bytes content, uint64_t file_offset);

}  // namespace ptz
}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PTZ_INDEX_H_
