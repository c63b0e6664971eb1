// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The frames of a .ptz on their way into the file, and the two tables about
// them: index and seek table.

#ifndef PTCAP_FORMATS_PTZ_FRAME_FILE_H_
#define PTCAP_FORMATS_PTZ_FRAME_FILE_H_

#include <string>

#include "formats/io/output_file.h"
#include "formats/ptz/frame_encoder.h"
#include "formats/ptz/index.h"
#include "formats/ptz/seek_table.h"

namespace ptcap::formats::ptz {

// Appends frame after frame, each in one write. Throws as OutputFile does.
class FrameFile {
 public:
  FrameFile(OutputFile file, int level)
      : file_(std::move(file)), encoder_(level) {}

  // The content of a data frame. Of `entry`, kind and info are the caller's.
  void append_data(Bytes content, FrameEntry entry);
  // See FrameEncoder::own().
  void append_own(Tag tag, Bytes fields, Bytes content, FrameEntry entry);

  // The last index frame, the seek table, close.
  void finish();

  void set_level(int level) { encoder_.set_level(level); }
  uint64_t size_bytes() const { return file_.size(); }

 private:
  void append(Bytes frame, FrameEntry& entry);
  void append_index();

  OutputFile file_;
  FrameEncoder encoder_;
  IndexBuilder index_;
  SeekTableBuilder seek_table_;
};

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_FRAME_FILE_H_
