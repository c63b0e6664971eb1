// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec export: a trace for perf's own commands.

#include "decode/cli/command.h"
#include "decode/cli/commands.h"
#include "decode/cli/trace_output.h"
#include "formats/perf_data/perf_data_writer.h"

namespace ptcap::decode {

namespace {

void report(const formats::PerfDataSummary& summary,
            formats::Reporter& reporter) {
  if (summary.unknown_records != 0) {
    reporter.warn(std::to_string(summary.unknown_records) +
                  " records are of kinds that perf does not know: left out");
  }
  if (summary.lost_aux_bytes != 0) {
    reporter.warn(std::to_string(summary.lost_aux_bytes) +
                  " bytes of the trace could not be read: left out");
  }
}

}  // namespace

int run_export(const CommandLine& line, formats::Reporter& reporter) {
  if (!line.to.empty() && line.to != "perf.data") {
    throw UsageError("--to " + line.to + ": not perf.data");
  }
  const formats::TraceReader trace(line.traces.front(), reporter);
  const bool pipe = line.output == "-";
  const int fd = open_trace_output(line);
  const formats::PerfDataSummary summary = formats::write_perf_data(
      trace, fd, pipe ? "stdout" : line.output,
      pipe ? formats::PerfDataForm::kPipe : formats::PerfDataForm::kFile);
  report(summary, reporter);
  const bool incomplete = trace.salvaged() || summary.lost_aux_bytes != 0;
  return line.strict && incomplete ? kExitIncomplete : kExitOk;
}

}  // namespace ptcap::decode
