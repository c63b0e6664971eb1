// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Which code bytes stood at which address, when: what makes a trace decode
// anywhere, without the traced files.

#ifndef PTCAP_FORMATS_PTZ_CODE_MAPPING_H_
#define PTCAP_FORMATS_PTZ_CODE_MAPPING_H_

#include <array>
#include <cstdint>
#include <string>

#include "formats/io/byte_writer.h"

namespace ptcap::formats {

// XXH3-128 of the content. Equal content has one image in a trace.
using ImageId = std::array<uint8_t, 16>;
ImageId image_id_of(Bytes content);

// `size` bytes of `image`, from `image_offset` on, stand at `address`.
//
// Scope: with `aux_idx == kAllStreams` they hold for every thread of `pid`
// from `time_ns` (perf clock) on. Otherwise they hold for that one stream from
// `aux_offset` on, which is where a PSB stands: the source closed the flow
// before it and opened it again behind it at the same ip, because the code had
// changed under it. Such a restart is no event of the program. `size == 0`
// marks a restart without a change.
struct CodeMapping {
  static constexpr uint32_t kAllStreams = ~0u;

  uint32_t pid = 0;
  uint32_t aux_idx = kAllStreams;
  uint64_t aux_offset = 0;
  uint64_t time_ns = 0;
  uint64_t address = 0;
  uint64_t size = 0;
  ImageId image = {};
  uint64_t image_offset = 0;
  // Of the mapping: a path, or "[vdso]", "//anon" as in PERF_RECORD_MMAP2.
  std::string name;

  bool operator==(const CodeMapping&) const = default;
};

// As the frames of a .ptz hold it.
void write_code_mapping(ByteWriter& writer, const CodeMapping& mapping);
// Throws FormatError.
CodeMapping read_code_mapping(ByteReader& reader);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PTZ_CODE_MAPPING_H_
