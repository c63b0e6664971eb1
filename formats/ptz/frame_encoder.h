// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Content to frames: the bytes of each frame of a .ptz but the seek table.

#ifndef PTCAP_FORMATS_PTZ_FRAME_ENCODER_H_
#define PTCAP_FORMATS_PTZ_FRAME_ENCODER_H_

#include <zstd.h>

#include <memory>
#include <span>
#include <vector>

#include "formats/io/byte_writer.h"
#include "formats/ptz/layout.h"

namespace ptcap::formats::ptz {

// Reuses its buffers: what a method returns is valid until the next call.
class FrameEncoder {
 public:
  // Of zstd, negative ones too; 0 stores raw blocks.
  explicit FrameEncoder(int level);

  void set_level(int level);

  // A data frame. REQUIRES: 1 to kMaxContentSize bytes.
  Bytes data(Bytes content);
  // The same in parts: what is not compressed stays where it lies, in
  // `content`.
  std::span<const Bytes> data_parts(Bytes content);

  // An own frame; see Tag. `content` may be empty: then there is none.
  Bytes own(Tag tag, Bytes fields, Bytes content);

 private:
  // Appends a zstd frame of `content` to out_, content size and checksum
  // included.
  void append_zstd(Bytes content);
  void append_raw(Bytes content);
  // A zstd frame. Valid until the next call.
  Bytes compressed(Bytes content);
  void add_raw_parts(Bytes content);

  struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
  int level_ = 0;
  Buffer out_;
  // Not a vector, which would clear megabytes for each frame.
  std::unique_ptr<uint8_t[]> compressed_;
  size_t room_ = 0;
  std::vector<Bytes> parts_;  // point to what is above, and to the content
};

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_FRAME_ENCODER_H_
