// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What was recorded and lost: --report, and the last words on stderr.

#ifndef PTCAP_CAPTURE_REPORT_H_
#define PTCAP_CAPTURE_REPORT_H_

#include <string>

#include "capture/recorder.h"

namespace ptcap::capture {

struct ReportInput {
  std::string trace;  // path
  std::string source;
  int exit_status = 0;
  Recorder::Summary summary;
  StopReason stop = StopReason::kNone;
};

std::string report_json(const ReportInput& input);

// Throws CaptureError.
void write_report(const std::string& path, const ReportInput& input);

// "wrote ls.ptz: 1 thread, 1.2 MB of trace in 0.4 MB, nothing lost".
std::string summary_line(const ReportInput& input);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_REPORT_H_
