// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/capture.h"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <system_error>

#include "capture/doctor.h"
#include "capture/error.h"
#include "capture/interrupts.h"
#include "capture/message.h"
#include "capture/output.h"
#include "capture/program_file.h"
#include "capture/recorder.h"
#include "capture/report.h"
#include "capture/source.h"
#include "capture/version.h"

namespace ptcap::capture {
namespace {

int print(const std::string& text) {
  return std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0
             ? 0
             : kExitFailed;
}

int run_command(const ShowHelp&) { return print(help_text()); }

int run_command(const ShowVersion&) {
  return print(std::string("ptcap ") + kVersion + "\n");
}

int run_command(const RunDoctor& doctor) {
  const DoctorReport report = examine(doctor);
  const int status = print(report.text);
  return status != 0 || report.all_well ? status : 1;
}

// Fails early: no trace file for a program that cannot be run.
void check_program(const CaptureOptions& options) {
  const auto* program = std::get_if<RunProgram>(&options.target);
  if (program == nullptr) return;
  const std::string path = find_program(program->argv[0]);
  std::error_code error;
  if (std::filesystem::equivalent(path, options.output, error)) {
    throw CaptureError("create " + options.output +
                       ": it is the program to trace\n  -o names the trace");
  }
}

int exit_status(const CaptureOptions& options, const ReportInput& report) {
  if (report.stop == StopReason::kOutputFailed) return kExitFailed;
  const bool lost = !report.summary.ledger.losses.empty();
  if (options.strict && lost && report.exit_status == 0) return kExitStrict;
  return report.exit_status;
}

int run_command(const CaptureOptions& options) {
  const ChosenSource chosen = choose_source(options);
  const std::string source_name(chosen.entry->name);
  const std::unique_ptr<Source> source = chosen.entry->make(options);
  if (!chosen.why.empty() && !options.quiet) {
    print_message("source " + source_name + " (" + chosen.why + ")");
  }
  check_program(options);
  Output output = open_output(options);
  Recorder recorder(output.fd.release(), output.path, options);
  ReportInput report;
  report.trace = output.path;
  report.source = source_name;
  try {
    report.exit_status = source->run(recorder).exit_status;
  } catch (const std::exception&) {
    output.discard();
    throw;
  }
  {
    const InterruptGuard full_disks_are_errors;
    recorder.finish();
  }
  report.summary = recorder.summary();
  report.stop = recorder.stop_asked();
  if (!options.quiet && report.stop != StopReason::kOutputFailed) {
    print_message(summary_line(report));
  }
  if (!options.report.empty()) write_report(options.report, report);
  return exit_status(options, report);
}

}  // namespace

int run_ptcap(const std::vector<std::string>& arguments) noexcept {
  try {
    const Command command = parse_command_line(arguments);
    return std::visit([](const auto& c) { return run_command(c); }, command);
  } catch (const UsageError& error) {
    print_message(std::string(error.what()) +
                  "\n  'ptcap --help' lists the options");
  } catch (const CaptureError& error) {
    print_message(error.what());
    return error.exit_status();
  } catch (const std::exception& error) {
    print_message(error.what());
  }
  return kExitFailed;
}

}  // namespace ptcap::capture
