// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/frame_encoder.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cassert>
#include <new>
#include <stdexcept>

namespace ptcap::formats::ptz {

namespace {

// RFC 8878, 3.1.1.1.1: content size in 4 bytes, single segment, checksum.
constexpr uint8_t kRawDescriptor = 2 << 6 | 1 << 5 | 1 << 2;
constexpr size_t kMaxBlockSize = 128 << 10;   // RFC 8878, 3.1.1.2.3
constexpr uint32_t kLastBlock = 1;            // type 0, raw
constexpr size_t kRawHeaderSize = 4 + 1 + 4;  // magic, descriptor, size
constexpr size_t kBlockHeaderSize = 3;
constexpr size_t kRawChecksumSize = 4;

void put_u32(uint8_t* at, uint32_t value) { std::memcpy(at, &value, 4); }

}  // namespace

FrameEncoder::FrameEncoder(int level) : context_(ZSTD_createCCtx()) {
  if (!context_) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  set_level(level);
}

void FrameEncoder::set_level(int level) {
  level_ = level;
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
}

Bytes FrameEncoder::data(Bytes content) {
  if (level_ != 0) return compressed(content);
  out_.clear();
  append_raw(content);
  return out_;
}

std::span<const Bytes> FrameEncoder::data_parts(Bytes content) {
  out_.clear();
  parts_.clear();
  if (level_ == 0) {
    add_raw_parts(content);
  } else {
    parts_.push_back(compressed(content));
  }
  return parts_;
}

Bytes FrameEncoder::own(Tag tag, Bytes fields, Bytes content) {
  constexpr size_t kMagicSize = 4;
  out_.clear();
  ByteWriter writer(out_);
  writer.u32(kOwnMagic);
  writer.u32(0);  // the size, below
  writer.u32(static_cast<uint32_t>(tag));
  writer.bytes(fields);
  if (!content.empty()) {
    const auto at = static_cast<ptrdiff_t>(out_.size());
    append_zstd(content);
    out_.erase(out_.begin() + at, out_.begin() + at + kMagicSize);
  }
  const Bytes hashed = Bytes(out_).subspan(kSkippableHeaderSize);
  writer.u64(XXH3_64bits(hashed.data(), hashed.size()));
  put_u32(out_.data() + 4,
          static_cast<uint32_t>(out_.size() - kSkippableHeaderSize));
  return out_;
}

void FrameEncoder::append_zstd(Bytes content) {
  if (level_ == 0) return append_raw(content);
  ByteWriter(out_).bytes(compressed(content));
}

Bytes FrameEncoder::compressed(Bytes content) {
  assert(!content.empty() && content.size() <= kMaxContentSize);
  const size_t bound = ZSTD_compressBound(content.size());
  if (bound > room_) {
    compressed_ = std::make_unique_for_overwrite<uint8_t[]>(bound);
    room_ = bound;
  }
  const size_t size = ZSTD_compress2(context_.get(), compressed_.get(), room_,
                                     content.data(), content.size());
  if (ZSTD_isError(size)) {
    throw std::runtime_error(std::string("zstd: ") + ZSTD_getErrorName(size));
  }
  return {compressed_.get(), size};
}

void FrameEncoder::append_raw(Bytes content) {
  const size_t begin = out_.size();
  parts_.clear();
  add_raw_parts(content);
  Buffer frame;
  for (const Bytes part : parts_) {
    frame.insert(frame.end(), part.begin(), part.end());
  }
  out_.resize(begin);
  out_.insert(out_.end(), frame.begin(), frame.end());
}

// Headers and hash go to out_, in one piece each between the blocks.
void FrameEncoder::add_raw_parts(Bytes content) {
  assert(!content.empty() && content.size() <= kMaxContentSize);
  const size_t blocks = (content.size() + kMaxBlockSize - 1) / kMaxBlockSize;
  // Does not grow any more: parts_ points into it.
  out_.reserve(out_.size() + kRawHeaderSize + blocks * kBlockHeaderSize +
               kRawChecksumSize);
  size_t begin = out_.size();
  const auto add_own = [&] {
    parts_.push_back(Bytes(out_).subspan(begin));
    begin = out_.size();
  };
  ByteWriter writer(out_);
  writer.u32(kZstdMagic);
  writer.u8(kRawDescriptor);
  writer.u32(static_cast<uint32_t>(content.size()));
  const uint64_t hash = XXH64(content.data(), content.size(), 0);
  while (!content.empty()) {
    const size_t size = std::min(content.size(), kMaxBlockSize);
    const uint32_t last = size == content.size() ? kLastBlock : 0;
    uint8_t header[4];
    put_u32(header, static_cast<uint32_t>(size) << 3 | last);
    writer.bytes(Bytes(header).first(kBlockHeaderSize));
    add_own();
    parts_.push_back(content.first(size));
    content = content.subspan(size);
  }
  writer.u32(static_cast<uint32_t>(hash));
  add_own();
}

}  // namespace ptcap::formats::ptz
