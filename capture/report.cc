// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/report.h"

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>

#include "capture/error.h"

namespace ptcap::capture {
namespace {

using nlohmann::json;

const char* name_of(StopReason reason) {
  switch (reason) {
    case StopReason::kNone:
      return "end";
    case StopReason::kDuration:
      return "duration";
    case StopReason::kMaxSize:
      return "max-size";
    case StopReason::kOutputFailed:
      return "output failed";
  }
  return "";
}

const char* name_of(formats::LossCause cause) {
  switch (cause) {
    case formats::LossCause::kAuxTruncated:
      return "aux truncated";
    case formats::LossCause::kAuxOverwritten:
      return "aux overwritten";
    case formats::LossCause::kRingLost:
      return "ring lost";
    case formats::LossCause::kPtOverflow:
      return "pt overflow";
    case formats::LossCause::kWriterStalled:
      return "writer stalled";
    case formats::LossCause::kCutShort:
      return "cut short";
    case formats::LossCause::kNotFollowed:
      return "not followed";
  }
  return "";
}

json json_of(const formats::Loss& loss) {
  json object = {{"cause", name_of(loss.cause)},
                 {"bytes", loss.bytes},
                 {"detail", loss.detail}};
  if (loss.pid != ~0u) object["pid"] = loss.pid;
  if (loss.tid != ~0u) object["tid"] = loss.tid;
  if (loss.cpu != ~0u) object["cpu"] = loss.cpu;
  if (loss.begin_ns != 0) object["begin_ns"] = loss.begin_ns;
  if (loss.end_ns != 0) object["end_ns"] = loss.end_ns;
  return object;
}

std::string with_unit(uint64_t bytes) {
  char text[32];
  if (bytes < 10'000) {
    std::snprintf(text, sizeof text, "%lu bytes", bytes);
  } else if (bytes < 10'000'000) {
    std::snprintf(text, sizeof text, "%.1f kB",
                  static_cast<double>(bytes) / 1e3);
  } else {
    std::snprintf(text, sizeof text, "%.1f MB",
                  static_cast<double>(bytes) / 1e6);
  }
  return text;
}

}  // namespace

std::string report_json(const ReportInput& input) {
  const formats::Ledger& ledger = input.summary.ledger;
  json losses = json::array();
  for (const formats::Loss& loss : ledger.losses) {
    losses.push_back(json_of(loss));
  }
  const json report = {
      {"trace", input.trace},
      {"files", input.summary.files},
      {"source", input.source},
      {"exit_status", input.exit_status},
      {"ended_by", name_of(input.stop)},
      {"begin_ns", input.summary.begin_ns},
      {"end_ns", input.summary.end_ns},
      {"streams", input.summary.streams},
      {"images", input.summary.images},
      {"file_bytes", input.summary.bytes_written},
      {"produced_bytes", ledger.produced_bytes},
      {"written_bytes", ledger.written_bytes},
      {"synthetic_bytes", ledger.synthetic_bytes},
      {"losses", losses},
  };
  return report.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

void write_report(const std::string& path, const ReportInput& input) {
  std::ofstream file(path);
  file << report_json(input);
  file.close();
  if (!file) throw CaptureError(system_message("write " + path, errno));
}

std::string summary_line(const ReportInput& input) {
  const Recorder::Summary& summary = input.summary;
  const size_t losses = summary.ledger.losses.size();
  const size_t files = summary.files.size();
  return "wrote " + input.trace +
         (files > 1 ? " and " + std::to_string(files - 1) + " more" : "") +
         ": " + std::to_string(summary.streams) +
         (summary.streams == 1 ? " thread, " : " threads, ") +
         with_unit(summary.ledger.produced_bytes) + " of trace in " +
         with_unit(summary.bytes_written) + ", " +
         (losses == 0   ? "nothing lost"
          : losses == 1 ? "1 loss"
                        : std::to_string(losses) + " losses");
}

}  // namespace ptcap::capture
