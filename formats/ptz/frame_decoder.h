// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Frames to content: the other half of FrameEncoder.

#ifndef PTCAP_FORMATS_PTZ_FRAME_DECODER_H_
#define PTCAP_FORMATS_PTZ_FRAME_DECODER_H_

#include "formats/io/byte_writer.h"
#include "formats/ptz/index.h"
#include "formats/ptz/layout.h"

namespace ptcap::formats::ptz {

// All throw FormatError, with offsets counted in what they are given, where
// bytes are malformed, a checksum does not match, or content would be larger
// than kMaxContentSize. May be called from any thread.

// The content of a data frame. `frame` is exactly one frame.
Buffer decode_data(Bytes frame);

struct OwnFrame {
  Tag tag;
  Bytes body;  // fields and packed content, of the frame's bytes
};
// Its checksum has been checked.
OwnFrame parse_own(Bytes frame);

struct OwnImage {
  ImageInfo info;
  Bytes packed;
};
// Of a kImage frame's body.
OwnImage parse_image(Bytes body);

// The content that stands in an own frame behind the fields.
Buffer decode_packed(Bytes packed);
// Its size, as the frame says.
uint64_t packed_content_size(Bytes packed);

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_FRAME_DECODER_H_
