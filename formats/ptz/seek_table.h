// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The last frame: zstd's seekable format 0.1.0
// (contrib/seekable_format/zstd_seekable_compression_format.md).

#ifndef PTCAP_FORMATS_PTZ_SEEK_TABLE_H_
#define PTCAP_FORMATS_PTZ_SEEK_TABLE_H_

#include <optional>

#include "formats/io/byte_writer.h"
#include "formats/io/input_file.h"

namespace ptcap::formats::ptz {

// Without checksums of its own: each frame has one.
class SeekTableBuilder {
 public:
  // The next frame of the file; `content_size` is 0 for a skippable one.
  // (Without those zstd's own seekable reader looks in the wrong places.)
  void add(uint64_t file_size, uint64_t content_size);

  // The whole frame.
  Buffer build() const;

 private:
  Buffer entries_;
};

// Where the table and the frame before it stand in a file that ends with a
// table. Nothing else in it is trusted: the index says it better.
struct SeekTableEnd {
  uint64_t table_offset = 0;
  uint64_t last_frame_size = 0;
};

// nullopt where the file does not end with a well-formed table.
std::optional<SeekTableEnd> find_seek_table(const InputFile& file);

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_SEEK_TABLE_H_
