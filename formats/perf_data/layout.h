// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The head of a perf.data file (tools/perf/util/header.h). In front of it
// stand attrs, ids and data; behind the data the table of features.

#ifndef PTCAP_FORMATS_PERF_DATA_LAYOUT_H_
#define PTCAP_FORMATS_PERF_DATA_LAYOUT_H_

#include <cstdint>

namespace ptcap::formats::perf_data {

inline constexpr uint64_t kMagic = 0x32454C4946524550;         // "PERFILE2"
inline constexpr uint64_t kSwappedMagic = 0x50455246494C4532;  // big-endian
inline constexpr uint64_t kPipeHeaderSize = 8 + 8;             // magic, size

// Of the file that its offset counts in.
struct Section {
  uint64_t offset = 0;
  uint64_t size = 0;
};

inline constexpr uint64_t kFeatureWords = 4;
struct FileHeader {
  uint64_t magic = kMagic;
  uint64_t size = 0;
  uint64_t attr_size = 0;  // of an entry of attrs: attr, Section of its ids
  Section attrs;
  Section data;
  Section event_types;  // long gone
  uint64_t features[kFeatureWords] = {};
};
inline constexpr uint64_t kFileHeaderSize = 3 * 8 + 3 * 16 + kFeatureWords * 8;
static_assert(sizeof(FileHeader) == kFileHeaderSize);

// An attr as first published, PERF_ATTR_SIZE_VER0.
inline constexpr uint64_t kMinAttrSize = 64;
// Where its own size stands: behind u32 type.
inline constexpr uint64_t kAttrSizeOffset = 4;
// Behind type, size, config, sample_period.
inline constexpr uint64_t kAttrSampleTypeOffset = 4 + 4 + 8 + 8;

}  // namespace ptcap::formats::perf_data

#endif  // PTCAP_FORMATS_PERF_DATA_LAYOUT_H_
