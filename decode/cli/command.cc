// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/command.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "decode/cli/commands.h"
#include "decode/cli/terminal.h"
#include "formats/manual/closest.h"

namespace ptcap::decode {

namespace {

constexpr CommandOptions kFlow = {.flow = true, .rows = true};
constexpr CommandOptions kNamed = {.flow = true, .rows = true, .names = true};

constexpr std::array kCommands = {
    Command{"info",
            "TRACE...",
            "where the trace comes from, its threads, sizes and losses",
            {},
            ~size_t{0},
            run_info},
    Command{"skim",
            "TRACE",
            "what ran when, at a glance: without decoding the flow",
            {.flow = true, .skim = true},
            1,
            run_skim},
    Command{"branches",
            "TRACE",
            "every branch that was taken, in order",
            {.flow = true,
             .rows = true,
             .not_taken = true,
             .names = true,
             .lines = true},
            1,
            run_branches},
    Command{"insns",
            "TRACE",
            "every instruction, in order",
            {.flow = true,
             .rows = true,
             .text = true,
             .names = true,
             .lines = true},
            1,
            run_insns},
    Command{"blocks", "TRACE", "what ran between two branches, in order",
            kNamed, 1, run_blocks},
    Command{"calls",
            "TRACE",
            "every call, with who called, how long and how much it ran",
            {.flow = true, .rows = true, .names = true, .calls = true},
            1,
            run_calls},
    Command{"events", "TRACE",
            "what the trace says beside the branches: power, transactions, "
            "PTWRITE...",
            kNamed, 1, run_events},
    Command{"packets", "TRACE", "the packets, undecoded", kFlow, 1,
            run_packets},
    Command{"functions", "TRACE",
            "instructions, calls and time of each function", kNamed, 1,
            run_functions},
    Command{"flame",
            "TRACE",
            "calls by their stacks, folded, for flame graphs",
            {.flow = true,
             .rows = true,
             .names = true,
             .calls = true,
             .flame = true},
            1,
            run_flame},
    Command{"timeline",
            "TRACE --to chrome|fxt|speedscope",
            "calls over time, for a viewer",
            {.flow = true, .names = true, .calls = true, .timeline = true},
            1,
            run_timeline},
    Command{"report",
            "TRACE -o FILE.html",
            "a page with all of it: functions, flame graph, timeline, code",
            {.flow = true, .names = true, .calls = true},
            1,
            run_report},
    Command{"profile",
            "TRACE --to bolt|autofdo|llvm-sample",
            "exact counts of branches, for optimizers",
            {.flow = true, .profile = true},
            1,
            run_profile},
    Command{"verify",
            "TRACE...",
            "read all of it, and decode it with two decoders",
            {},
            ~size_t{0},
            run_verify},
    Command{"coverage",
            "TRACE...",
            "what ran, by block, edge, function or source line",
            {.flow = true, .rows = true, .names = true, .coverage = true},
            ~size_t{0},
            run_coverage},
    Command{"cmin",
            "TRACE...",
            "the fewest traces that have the edges of all",
            {.flow = true, .names = true},
            ~size_t{0},
            run_cmin},
    Command{"export",
            "TRACE -o OUT",
            "write a perf.data for perf's own commands; -o - as a stream",
            {.exporting = true},
            1,
            run_export},
    Command{"import",
            "IN -o OUT | {--pt|--bts} FILE CODE... -o OUT",
            "make a .ptz of a perf.data file, or of raw packets and code",
            {.import = true},
            1,
            run_import},
};

// Problems and progress; results never come here.
class StderrReporter : public formats::Reporter {
 public:
  void warn(const std::string& message) override {
    progress_.clear();
    std::fprintf(stderr, "ptdec: %s\n", message.c_str());
  }
  void aux_read(uint64_t bytes, uint64_t total) override {
    progress_.add(bytes, total);
  }

 private:
  Progress progress_;
};

std::string overview() {
  std::string text =
      "usage: ptdec COMMAND TRACE... [OPTIONS]\n"
      "\n"
      "Reconstructs the control flow of a program from an Intel PT trace: a\n"
      ".ptz of ptcap, a perf.data file of perf, or - for stdin.\n"
      "\n"
      "commands:\n";
  text += formats::help_commands(document_command_line().commands);
  text +=
      "\n"
      "'ptdec COMMAND --help' tells its options; 'ptdec --version' the "
      "version.\n"
      "Exit status: 0 done, 1 failed, 2 wrong usage, 3 with --strict and gaps "
      "or damage.\n";
  return text;
}

std::string help(const Command& command) {
  return "usage: ptdec " + std::string(command.name) + " " +
         std::string(command.arguments) + " [OPTIONS]\n\n" +
         std::string(command.summary) + "\n\noptions:\n" +
         formats::help_options(document_options(command.options));
}

const Command* find_command(std::string_view name) {
  const auto* at = std::find_if(
      kCommands.begin(), kCommands.end(),
      [&](const Command& command) { return command.name == name; });
  return at == kCommands.end() ? nullptr : at;
}

int unknown_command(const std::string& name) {
  std::array<std::string_view, kCommands.size()> names;
  std::transform(kCommands.begin(), kCommands.end(), names.begin(),
                 [](const Command& command) { return command.name; });
  std::fprintf(stderr,
               "ptdec: '%s' is no command%s\n  'ptdec --help' lists them\n",
               name.c_str(), formats::did_you_mean(name, names).c_str());
  return kExitUsage;
}

// Nobody wants the trace overwritten while it is read.
void check_output(const CommandLine& line) {
  std::vector<std::string> inputs = line.traces;
  for (const auto& file : {line.only_new, line.pt_file, line.bts_file}) {
    inputs.push_back(file);
  }
  for (const std::string& input : inputs) {
    std::error_code error;
    if (std::filesystem::equivalent(input, line.output, error) &&
        std::filesystem::is_regular_file(line.output)) {
      throw UsageError("-o " + line.output + ": it is what is read");
    }
  }
}

int run_command(const Command& command, const std::vector<std::string>& words) {
  CommandLine line = parse_command_line(words, command.options);
  if (line.help) {
    std::fputs(help(command).c_str(), stdout);
    return kExitOk;
  }
  const bool needs_trace = line.pt_file.empty() && line.bts_file.empty();
  if (needs_trace && line.traces.empty()) throw UsageError("no TRACE given");
  if (line.traces.size() > command.max_traces) {
    throw UsageError("takes one TRACE, not " +
                     std::to_string(line.traces.size()));
  }
  check_output(line);
  // What people read on a terminal.
  std::optional<Pager> pager;
  if (line.format == Format::kText && line.output.empty() && line.to.empty()) {
    line.colour = stdout_has_colour();
    line.columns = stdout_columns();
    pager.emplace();
  }
  StderrReporter reporter;
  return command.run(line, reporter);
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

formats::ProgramDoc document_command_line() {
  formats::ProgramDoc doc;
  doc.name = "ptdec";
  for (const Command& command : kCommands) {
    doc.commands.push_back(
        {std::string(command.name), std::string(command.arguments),
         std::string(command.summary), document_options(command.options)});
  }
  return doc;
}

int ptdec_main(const std::vector<std::string>& words) {
  if (words.empty()) {
    std::fputs(overview().c_str(), stderr);
    return kExitUsage;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    std::fputs(overview().c_str(), stdout);
    return kExitOk;
  }
  if (words[0] == "--version") {
    std::puts("ptdec " PTCAP_VERSION);
    return kExitOk;
  }
  const Command* command = find_command(words[0]);
  if (command == nullptr) return unknown_command(words[0]);
  try {
    return run_command(*command, {words.begin() + 1, words.end()});
  } catch (const UsageError& error) {
    std::fprintf(stderr, "ptdec: %s: %s\n  'ptdec %s --help' tells more\n",
                 words[0].c_str(), error.what(), words[0].c_str());
    return kExitUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ptdec: %s\n", error.what());
    return kExitFailed;
  }
}

}  // namespace ptcap::decode
