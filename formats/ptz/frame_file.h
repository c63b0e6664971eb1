// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The frames of a .ptz on their way into the file, and the two tables about
// them: index and seek table.

#ifndef PTCAP_FORMATS_PTZ_FRAME_FILE_H_
#define PTCAP_FORMATS_PTZ_FRAME_FILE_H_

#include <deque>
#include <future>
#include <memory>
#include <string>

#include "formats/io/output_file.h"
#include "formats/ptz/frame_encoder.h"
#include "formats/ptz/frame_pool.h"
#include "formats/ptz/index.h"
#include "formats/ptz/seek_table.h"

namespace ptcap::formats::ptz {

// Appends frame after frame, each in one write. Throws as OutputFile does.
class FrameFile {
 public:
  // Data frames are compressed by that many threads, 0: by the caller's. Their
  // order stays.
  FrameFile(OutputFile file, int level, unsigned threads = 0);

  // The content of a data frame. Of `entry`, kind and info are the caller's.
  // With threads it may be written later.
  void append_data(Bytes content, FrameEntry entry);
  // All frames are in the file when it returns.
  void flush();
  // See FrameEncoder::own().
  void append_own(Tag tag, Bytes fields, Bytes content, FrameEntry entry);

  // The last index frame, the seek table, close.
  void finish();

  void set_level(int level);
  uint64_t size_bytes() const { return file_.size(); }

 private:
  struct Pending {
    std::future<Buffer> frame;
    FrameEntry entry;
  };
  void append_oldest();
  void append(std::span<const Bytes> frame, FrameEntry& entry);
  void append_index();

  OutputFile file_;
  FrameEncoder encoder_;
  int level_;
  size_t max_pending_;
  std::deque<Pending> pending_;      // in order
  std::unique_ptr<FramePool> pool_;  // may be null
  IndexBuilder index_;
  SeekTableBuilder seek_table_;
};

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_FRAME_FILE_H_
