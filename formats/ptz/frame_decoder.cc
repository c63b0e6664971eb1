// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/frame_decoder.h"

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <new>

#include "formats/io/error.h"

namespace ptcap::formats::ptz {

namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_DCtx* context_of_thread() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(
      ZSTD_createDCtx());
  if (!context) throw std::bad_alloc();
  return context.get();
}

// RFC 8878, 3.1.1.1: descriptor, window, dictionary id, content size.
constexpr size_t kMaxFrameHeaderSize = 1 + 1 + 4 + 8;

Buffer with_magic(Bytes packed) {
  Buffer frame;
  frame.reserve(sizeof(kZstdMagic) + packed.size());
  ByteWriter writer(frame);
  writer.u32(kZstdMagic);
  writer.bytes(packed);
  return frame;
}

uint64_t content_size(Bytes frame) {
  const auto size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR) {
    throw FormatError(0, "not a zstd frame");
  }
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMaxContentSize) {
    throw FormatError(0, "a zstd frame of more than 4 MiB or unknown size");
  }
  return size;
}

}  // namespace

Buffer decode_data(Bytes frame) {
  const uint64_t size = content_size(frame);
  Buffer content(size);
  const size_t done = ZSTD_decompressDCtx(context_of_thread(), content.data(),
                                          size, frame.data(), frame.size());
  if (ZSTD_isError(done)) {
    throw FormatError(0, std::string("zstd: ") + ZSTD_getErrorName(done));
  }
  if (done != size) throw FormatError(0, "content shorter than it says");
  return content;
}

OwnFrame parse_own(Bytes frame) {
  ByteReader reader(frame);
  if (reader.u32() != kOwnMagic) throw FormatError(0, "not a frame of ours");
  const Bytes payload = reader.take(reader.u32());
  if (!reader.empty() || payload.size() < kOwnOverhead - kSkippableHeaderSize) {
    throw FormatError(0, "a frame of a wrong size");
  }
  const Bytes hashed = payload.first(payload.size() - kChecksumSize);
  const uint64_t checksum = ByteReader(payload.last(kChecksumSize)).u64();
  if (XXH3_64bits(hashed.data(), hashed.size()) != checksum) {
    throw FormatError(0, "checksum mismatch");
  }
  ByteReader fields(hashed);
  const uint32_t tag = fields.u32();
  return {.tag = static_cast<Tag>(tag), .body = fields.rest()};
}

OwnImage parse_image(Bytes body) {
  ByteReader reader(body);
  OwnImage image;
  image.info.id = reader.value<ImageId>();
  image.info.image_size = reader.u64();
  image.info.offset = reader.u64();
  image.packed = reader.rest();
  image.info.size = packed_content_size(image.packed);
  return image;
}

Buffer decode_packed(Bytes packed) {
  if (packed.empty()) return {};
  return decode_data(with_magic(packed));
}

uint64_t packed_content_size(Bytes packed) {
  if (packed.empty()) return 0;
  const Bytes front =
      packed.first(std::min<size_t>(packed.size(), kMaxFrameHeaderSize));
  return content_size(with_magic(front));
}

}  // namespace ptcap::formats::ptz
