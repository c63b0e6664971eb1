// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/coverage_input.h"

#include "decode/cli/command.h"
#include "decode/cli/row_command.h"
#include "decode/coverage/stream_counter.h"
#include "decode/names.h"
#include "decode/symbols/symbolizer.h"
#include "decode/trace.h"

namespace ptcap::decode {

namespace {

Coverage::Filter filter_of(const CommandLine& line) {
  if (line.module.empty() && line.function.empty()) return nullptr;
  return [&line](const Place& place) {
    const bool module_passes =
        line.module.empty() ||
        (place.module != nullptr && (line.module == place.module_name() ||
                                     line.module == place.module->name));
    return module_passes &&
           (line.function.empty() || line.function == place.function ||
            line.function == without_parameters(place.function));
  };
}

}  // namespace

void add_coverage_of(const std::string& path, const CommandLine& line,
                     bool with_lines, formats::Reporter& reporter,
                     CoverageInput& input) {
  if (line.begin || line.end) {
    throw UsageError("--time: coverage is of whole traces");
  }
  Trace trace(path, trace_options(line), reporter);
  Names names(trace, symbol_options(line), reporter);
  StreamCounter counter(trace, line.engine == "libipt" ? EngineChoice::kLibipt
                                                       : EngineChoice::kFast);
  const Coverage::Filter filter = filter_of(line);
  for (const TraceStream* stream : selected(line, trace)) {
    const fast::FlowCounts counts = counter.count(*stream);
    input.coverage.add(counts, *stream, names, filter);
    if (!with_lines) continue;
    StreamCode code = trace.code(*stream);
    code.advance_time(~0ull);
    code.advance_offset(~0ull - 1);  // ~0 is behind all changes
    input.coverage.add_lines(counts, *stream, names, *code.view(),
                             trace.settings().mode, filter);
  }
  input.gaps += counter.gaps();
  input.damaged |= trace.reader().salvaged();
  input.size_bytes += trace.reader().file_size_bytes();
}

int finish_coverage(const CommandLine& line, const CoverageInput& input,
                    formats::Reporter& reporter) {
  if (input.gaps != 0) {
    reporter.warn(std::to_string(input.gaps) +
                  " gaps: what ran there is not counted; 'ptdec branches' "
                  "shows where they are");
  }
  const bool incomplete = input.gaps != 0 || input.damaged;
  return line.strict && incomplete ? kExitIncomplete : kExitOk;
}

}  // namespace ptcap::decode
