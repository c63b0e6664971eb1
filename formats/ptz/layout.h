// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the writer and the reader of a .ptz agree on: formats/FORMAT.md in
// numbers.

#ifndef PTCAP_FORMATS_PTZ_LAYOUT_H_
#define PTCAP_FORMATS_PTZ_LAYOUT_H_

#include <cstdint>

namespace ptcap::formats::ptz {

// Of the format. A reader refuses a higher major version, and reads a higher
// minor one: that only adds frame tags, and fields at the ends of bodies.
inline constexpr uint16_t kMajorVersion = 1;
inline constexpr uint16_t kMinorVersion = 0;

// RFC 8878, 3.1.1 and 3.1.2. Any low nibble is skippable; ours is 7 (pzstd's
// is 0), that of the seek table is 0xE (zstd's seekable_format, 0.1.0).
inline constexpr uint32_t kZstdMagic = 0xFD2FB528;
inline constexpr uint32_t kSkippableMagic = 0x184D2A50;
inline constexpr uint32_t kSkippableMask = 0xFFFFFFF0;
inline constexpr uint32_t kOwnMagic = kSkippableMagic | 7;
inline constexpr uint32_t kSeekTableMagic = 0x184D2A5E;
inline constexpr uint32_t kSeekTableEndMagic = 0x8F92EAB1;

constexpr uint32_t tag(const char (&text)[5]) {
  return static_cast<uint32_t>(text[0]) | static_cast<uint32_t>(text[1]) << 8 |
         static_cast<uint32_t>(text[2]) << 16 |
         static_cast<uint32_t>(text[3]) << 24;
}

// The skippable frames that are ours:
//   u32 kOwnMagic, u32 size of what follows, u32 tag, fields, content,
//   u64 XXH3-64 of tag, fields and content
// The content is a zstd frame without its magic: so a search for frames in a
// damaged file never takes it for data.
enum class Tag : uint32_t {
  kHeader = tag("ptzH"),    // u16 major, u16 minor, creator
  kImage = tag("ptzI"),     // id[16], u64 image size, u64 offset; the bytes
  kMappings = tag("ptzM"),  // CodeMappings
  kForeign = tag("ptzR"),   // records that perf does not know
  kLedger = tag("ptzL"),    // u32 flags; Ledger
  kIndex = tag("ptzX"),
};

// All tags begin with these three.
inline constexpr uint32_t kTagPrefix = tag("ptz ") & 0xFFFFFF;

inline constexpr uint64_t kSkippableHeaderSize = 4 + 4;  // magic, size
inline constexpr uint64_t kChecksumSize = 8;
// Of an own frame without fields and content.
inline constexpr uint64_t kOwnOverhead =
    kSkippableHeaderSize + 4 + kChecksumSize;

// Of ledger frames: losses add up, the totals of the last frame count. The
// last one of a trace that was finished has this flag.
inline constexpr uint32_t kLedgerComplete = 1;

// Of the content of any frame, decompressed. Bounds what a reader allocates.
inline constexpr uint64_t kMaxContentSize = 4 << 20;
// Of a frame in the file. Incompressible content grows by 3 bytes for each
// block of 128 KiB; the rest is for headers.
inline constexpr uint64_t kMaxFrameSize = kMaxContentSize + (64 << 10);
// Of an image: all its parts. Bounds what a reader allocates.
inline constexpr uint64_t kMaxImageSize = 1 << 30;

// What a perf.data stream in pipe mode begins with: magic, u64 size 16.
inline constexpr uint64_t kPerfMagic = 0x32454C4946524550;  // "PERFILE2"
inline constexpr uint64_t kPerfPipeHeaderSize = 8 + 8;

// The kinds that perf 6.1 takes in a stream; at any other it stops.
constexpr bool perf_knows(uint32_t type) {
  return (type >= 1 && type <= 21) || (type >= 64 && type <= 82);
}

// PERF_RECORD_HEADER_TRACING_DATA and PERF_RECORD_AUXTRACE are followed by
// data that their header.size does not count.
inline constexpr uint32_t kRecordTracingData = 66;
inline constexpr uint32_t kRecordAuxtraceInfo = 70;
inline constexpr uint32_t kRecordAuxtrace = 71;
inline constexpr uint64_t kRecordHeaderSize = 4 + 2 + 2;  // type, misc, size

// PERF_RECORD_AUXTRACE: header, u64 size, u64 offset, u64 reference, u32 idx,
// u32 tid, u32 cpu, u32 reserved; then size bytes. size is a multiple of 8;
// how many zeros were added to make it so, a .ptz has in reserved (perf: 0).
inline constexpr uint64_t kAuxtraceHeaderSize = 8 + 3 * 8 + 4 * 4;

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_LAYOUT_H_
