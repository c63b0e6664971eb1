// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where the trace goes.

#ifndef PTCAP_CAPTURE_OUTPUT_H_
#define PTCAP_CAPTURE_OUTPUT_H_

#include <string>

#include "capture/options.h"
#include "formats/io/unique_fd.h"

namespace ptcap::capture {

struct Output {
  formats::UniqueFd fd;
  std::string path;  // "stdout" for -o -
  bool created = false;

  // For a trace that never began: removes a file that was created for it.
  void discard();
};

// Opens what -o names, or PROGRAM.ptz, else PROGRAM.1.ptz and so on, the first
// that does not exist. Throws CaptureError: without --force nothing that
// exists is written over (devices and pipes are no loss), and a terminal is no
// place for a trace.
Output open_output(const CaptureOptions& options);

// The next file of --switch-output: behind FILE.ptz, FILE.1.ptz and so on, the
// first above `number` that may be written; `number` follows. Throws likewise.
Output open_next_output(const CaptureOptions& options, const std::string& first,
                        unsigned& number);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_OUTPUT_H_
