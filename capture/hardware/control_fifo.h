// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// --control fifo:CTL[,ACK]: commands while recording.

#ifndef PTCAP_CAPTURE_HARDWARE_CONTROL_FIFO_H_
#define PTCAP_CAPTURE_HARDWARE_CONTROL_FIFO_H_

#include <optional>
#include <string>

#include "formats/io/unique_fd.h"

namespace ptcap::capture {

// Lines are commands, as with perf: "enable", "disable", "stop", "ping".
class ControlFifo {
 public:
  // Throws UsageError if `text` is not "fifo:CTL[,ACK]", CaptureError if they
  // cannot be opened.
  explicit ControlFifo(const std::string& text);

  // To be polled for input.
  int fd() const { return control_.get(); }
  // The next whole line that is there.
  std::optional<std::string> take_line();
  // Never blocks: an answer that nobody reads is dropped.
  void answer(const std::string& line);

 private:
  formats::UniqueFd control_, answers_;
  std::string buffer_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_CONTROL_FIFO_H_
