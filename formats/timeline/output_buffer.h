// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Gathers small pieces of output into large writes.

#ifndef PTCAP_FORMATS_TIMELINE_OUTPUT_BUFFER_H_
#define PTCAP_FORMATS_TIMELINE_OUTPUT_BUFFER_H_

#include <string>
#include <utility>

#include "formats/timeline/timeline_writer.h"

namespace ptcap::formats {

class OutputBuffer {
 public:
  explicit OutputBuffer(WriteBytes write) : write_(std::move(write)) {}

  // Append to it, then call flush_if_full() once in a while.
  std::string& text() { return text_; }

  void flush_if_full() {
    if (text_.size() >= kFull) flush();
  }
  void flush() {
    if (!text_.empty()) write_(text_);
    text_.clear();
  }

 private:
  static constexpr size_t kFull = 64 << 10;

  WriteBytes write_;
  std::string text_;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_TIMELINE_OUTPUT_BUFFER_H_
