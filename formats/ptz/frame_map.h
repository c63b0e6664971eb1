// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Which frames a .ptz has and what is in them, from its index or, where that
// is missing or wrong, from the frames themselves.

#ifndef PTCAP_FORMATS_PTZ_FRAME_MAP_H_
#define PTCAP_FORMATS_PTZ_FRAME_MAP_H_

#include <optional>
#include <vector>

#include "formats/io/input_file.h"
#include "formats/io/reporter.h"
#include "formats/ptz/index.h"

namespace ptcap::formats::ptz {

struct Frame {
  FrameKind kind = FrameKind::kOther;
  uint64_t file_offset = 0;
  uint64_t file_size = 0;
  uint64_t content_size = 0;
  RecordsInfo records;
};

struct AuxPart {
  AuxInfo info;
  size_t frame = 0;             // index into FrameMap::frames
  uint64_t content_offset = 0;  // of the data, behind the AUXTRACE record
};

struct ImagePart {
  ImageInfo info;
  size_t frame = 0;
};

// All in file order.
struct FrameMap {
  std::vector<Frame> frames;
  std::vector<AuxPart> aux;
  std::vector<ImagePart> images;
};

// How many small things (PSBs, mappings, losses) a reader takes from a file
// of that size. zstd can make millions out of a hundred bytes; real files have
// far fewer, so this bounds memory and cuts nothing.
constexpr uint64_t max_items(uint64_t file_size) {
  return (1 << 22) + file_size;
}

// nullopt where the file does not end with a seek table. Throws FormatError
// where the index is damaged or does not fit the file.
std::optional<FrameMap> load_frame_map(const InputFile& file);

// Reads every frame. What cannot be read is reported and passed over: up to
// the next frame that can.
FrameMap scan_frames(const InputFile& file, Reporter& reporter);

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_FRAME_MAP_H_
