// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/options.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <sstream>

#include "capture/error.h"
#include "capture/source.h"
#include "capture/units.h"
#include "formats/manual/program_options.h"

namespace ptcap::capture {
namespace {

namespace po = boost::program_options;

constexpr unsigned kMaxThreads = 64;
constexpr int kMaxLevel = 19;  // zstd's, without the "ultra" ones

struct FeatureOption {
  Feature feature;
  const char* name;
};

// Options that not every source has.
constexpr FeatureOption kFeatureOptions[] = {
    {Feature::kAttachProcess, "--pid"},
    {Feature::kAttachThread, "--tid"},
    {Feature::kWholeSystem, "--all-cpus"},
    {Feature::kCgroup, "--cgroup"},
    {Feature::kKernel, "--kernel"},
    {Feature::kFilter, "--filter"},
    {Feature::kSnapshot, "--snapshot"},
    {Feature::kTrigger, "--trigger"},
    {Feature::kAuxSize, "--aux-size"},
    {Feature::kDataSize, "--data-size"},
    {Feature::kDelay, "--delay"},
    {Feature::kDuration, "--duration"},
    {Feature::kMaxSize, "--max-size"},
    {Feature::kSwitchOutput, "--switch-output"},
    {Feature::kControl, "--control"},
    {Feature::kPtTerms, "--pt"},
};

po::options_description describe_options() {
  const auto text = [](const char* name) {
    return po::value<std::string>()->value_name(name);
  };
  po::options_description all;
  auto add = all.add_options();
  add("output,o", text("FILE"),
      "the trace; default PROGRAM.ptz, then PROGRAM.1.ptz...; '-' is stdout, "
      "the program's own then goes to stderr");
  add("force", "overwrite FILE");
  add("source", text("auto|pt|bts|emu|step"), "what records");
  add("pid,p", po::value<pid_t>()->value_name("PID"),
      "attach to a process, all its threads");
  add("tid,t", po::value<pid_t>()->value_name("TID"), "attach to one thread");
  add("all-cpus,a", "the whole system");
  add("cpus,C", text("CPUS"), "with -a: only these");
  add("cgroup", text("NAME"), "with -a: only the tasks of this cgroup");
  add("pt", text("TERMS"),
      "as perf's intel_pt/TERMS/: tsc=0, noretcomp, psb_period=N, ...");
  add("kernel", "trace ring 0 too");
  add("filter", text("EXPR"), "trace only there: perf's syntax");
  add("snapshot", text("SIZE")->implicit_value(""),
      "keep the last SIZE, write on a trigger");
  add("trigger", text("WHEN"),
      "snapshot at sym:NAME[@FILE], signal or exit; default signal,exit");
  add("aux-size", text("SIZE"), "AUX buffer");
  add("data-size", text("SIZE"), "sideband buffer");
  add("level", text("N"), "compression: 1 to 19, auto (default) or none");
  add("threads", po::value<unsigned>()->value_name("N"),
      "compress in so many threads beside the one that collects: 0 (default) "
      "to 64");
  add("delay", text("TIME"), "start recording after TIME");
  add("duration", text("TIME"), "record for TIME only");
  add("max-size", text("SIZE"), "record until the trace has SIZE");
  add("switch-output", text("WHEN"), "a new file each SIZE or TIME");
  add("control", text("fifo:CTL[,ACK]"), "take commands while recording");
  add("images", text("WHICH"), "code in the trace: all, none or store=DIR");
  add("strict", "exit with 3 if anything was lost");
  add("report", text("FILE"), "what was recorded and lost, as json");
  add("verbose,v", "say more");
  add("quiet,q", "say errors only");
  add("help,h", "this text");
  add("version", "the version");
  return all;
}

[[noreturn]] void fail_value(const std::string& option,
                             const std::string& value,
                             const std::string& expected) {
  throw UsageError("--" + option + " " + value + ": expected " + expected);
}

// Boost's messages name the option; this keeps its exceptions in this file.
po::variables_map parse(const std::vector<std::string>& arguments,
                        const po::options_description& options) {
  po::variables_map values;
  // No guessing: an abbreviation that works today is ambiguous tomorrow.
  const int style = po::command_line_style::default_style &
                    ~po::command_line_style::allow_guessing;
  try {
    // An empty positional list makes stray words an error.
    const po::positional_options_description none;
    po::store(po::command_line_parser(arguments)
                  .options(options)
                  .positional(none)
                  .style(style)
                  .run(),
              values);
  } catch (const po::too_many_positional_options_error&) {
    throw UsageError(
        "the program goes behind '--': ptcap [options] -- PROGRAM");
  } catch (const po::unknown_option& error) {
    throw UsageError(formats::describe(error, options));
  } catch (const po::error& error) {
    throw UsageError(error.what());
  }
  return values;
}

Target parse_target(const po::variables_map& values,
                    std::vector<std::string> program) {
  const bool pid = values.count("pid") != 0;
  const bool tid = values.count("tid") != 0;
  const bool all = values.count("all-cpus") != 0;
  const int given =
      (pid ? 1 : 0) + (tid ? 1 : 0) + (all ? 1 : 0) + (program.empty() ? 0 : 1);
  if (given == 0) {
    throw UsageError("nothing to trace: ptcap [options] -- PROGRAM [ARGS...]");
  }
  if (given > 1) {
    throw UsageError("more than one of -- PROGRAM, -p, -t and -a");
  }
  if (values.count("cpus") != 0 && !all) throw UsageError("-C goes with -a");
  if (values.count("cgroup") != 0 && !all) {
    throw UsageError("--cgroup goes with -a");
  }
  for (const char* option : {"pid", "tid"}) {
    if (values.count(option) == 0) continue;
    const auto number = values[option].as<pid_t>();
    if (number <= 0) {
      fail_value(option, std::to_string(number), "a number above 0");
    }
    if (pid) return AttachProcess{number};
    return AttachThread{number};
  }
  if (all) {
    const auto given = [&values](const char* option) {
      return values.count(option) != 0 ? values[option].as<std::string>()
                                       : std::string();
    };
    return WholeSystem{given("cpus"), given("cgroup")};
  }
  return RunProgram{std::move(program)};
}

std::optional<SourceKind> parse_source(const std::string& name) {
  if (name == "auto") return std::nullopt;
  std::string known = "auto";
  for (const SourceEntry& entry : sources()) {
    if (entry.name == name) return entry.kind;
    known += ", " + std::string(entry.name);
  }
  fail_value("source", name, known);
}

int parse_level(const std::string& text) {
  if (text == "none") return 0;
  int level = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, level);
  if (error != std::errc{} || rest != end || level < 0 || level > kMaxLevel) {
    fail_value("level", text, "1 to 19, auto or none");
  }
  return level;
}

void parse_images(const std::string& text, CaptureOptions& options) {
  constexpr std::string_view kStore = "store=";
  if (text == "all") {
    options.images = ImagePolicy::kAll;
  } else if (text == "none") {
    options.images = ImagePolicy::kNone;
  } else if (text.starts_with(kStore) && text.size() > kStore.size()) {
    options.images = ImagePolicy::kStore;
    options.image_store = text.substr(kStore.size());
  } else {
    fail_value("images", text, "all, none or store=DIR");
  }
}

// "cyc,mtc_period=3": names with values, 1 where there is none.
std::vector<std::pair<std::string, uint64_t>> parse_terms(
    const std::string& text) {
  std::vector<std::pair<std::string, uint64_t>> terms;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    uint64_t value = 1;
    if (equals != std::string::npos) {
      const std::string digits = word.substr(equals + 1);
      const bool hex = digits.starts_with("0x");
      const char* begin = digits.data() + (hex ? 2 : 0);
      const char* end = digits.data() + digits.size();
      const auto [rest, error] =
          std::from_chars(begin, end, value, hex ? 16 : 10);
      if (error != std::errc{} || rest != end) {
        fail_value("pt", word, "NAME=NUMBER");
      }
    }
    if (name.empty()) fail_value("pt", text, "NAME[=NUMBER],...");
    terms.emplace_back(name, value);
  }
  return terms;
}

std::vector<std::string> parse_triggers(const std::string& text) {
  constexpr std::string_view kSymbol = "sym:";
  std::vector<std::string> triggers;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    const bool symbol = word.starts_with(kSymbol) && word.size() > 4;
    if (!symbol && word != "signal" && word != "exit") {
      fail_value("trigger", word, "sym:NAME, signal or exit");
    }
    triggers.push_back(word);
  }
  return triggers;
}

uint64_t time_value(const po::variables_map& values, const char* option) {
  const auto text = values[option].as<std::string>();
  const auto time = parse_time_ns(text);
  if (!time) fail_value(option, text, "a time such as 250ms, 1.5s or 2m");
  return *time;
}

uint64_t size_value(const po::variables_map& values, const char* option) {
  const auto text = values[option].as<std::string>();
  const auto size = parse_size(text);
  if (!size) fail_value(option, text, "a size such as 4096, 64K, 10M or 1G");
  return *size;
}

// Without unit it could be either.
void parse_switch(const std::string& text, CaptureOptions& options) {
  const bool has_unit =
      !text.empty() && (text.back() < '0' || text.back() > '9');
  if (has_unit) {
    options.switch_bytes = parse_size(text);
    if (!options.switch_bytes) options.switch_ns = parse_time_ns(text);
  }
  const uint64_t value =
      options.switch_bytes.value_or(options.switch_ns.value_or(0));
  if (value == 0) {
    fail_value("switch-output", text,
               "a size such as 10M or a time such as 30s");
  }
}

CaptureOptions to_options(const po::variables_map& values,
                          std::vector<std::string> program) {
  CaptureOptions options;
  options.target = parse_target(values, std::move(program));
  const auto given = [&values](const char* name) {
    return values.count(name) != 0;
  };
  const auto text = [&values](const char* name) {
    return values[name].as<std::string>();
  };
  for (const FeatureOption& option : kFeatureOptions) {
    if (given(option.name + 2)) options.asked.add(option.feature);
  }
  if (given("source")) options.source = parse_source(text("source"));
  if (given("output")) {
    options.output = text("output");
    if (options.output.empty()) fail_value("output", "''", "a file name");
  }
  options.force = given("force");
  if (given("level") && text("level") != "auto") {
    options.level = parse_level(text("level"));
    options.adapt_level = false;
  }
  if (given("threads")) {
    options.threads = values["threads"].as<unsigned>();
    if (options.threads > kMaxThreads) {
      fail_value("threads", std::to_string(options.threads), "0 to 64");
    }
  }
  if (given("images")) parse_images(text("images"), options);
  options.strict = given("strict");
  if (given("report")) options.report = text("report");
  options.verbose = given("verbose");
  options.quiet = given("quiet");
  if (given("pt")) options.pt_terms = parse_terms(text("pt"));
  options.kernel = given("kernel");
  if (given("filter")) options.filter = text("filter");
  options.snapshot = given("snapshot");
  if (options.snapshot && !text("snapshot").empty()) {
    options.snapshot_bytes = size_value(values, "snapshot");
  }
  if (given("trigger")) options.triggers = parse_triggers(text("trigger"));
  if (given("aux-size"))
    options.aux_size_bytes = size_value(values, "aux-size");
  if (given("data-size"))
    options.data_size_bytes = size_value(values, "data-size");
  if (given("control")) options.control = text("control");
  if (given("delay")) options.delay_ns = time_value(values, "delay");
  if (given("duration")) options.duration_ns = time_value(values, "duration");
  if (given("max-size"))
    options.max_size_bytes = size_value(values, "max-size");
  if (given("switch-output")) parse_switch(text("switch-output"), options);
  const bool switches = options.switch_bytes || options.switch_ns;
  if (switches && options.output == "-") {
    throw UsageError("--switch-output needs files: not with -o -");
  }
  return options;
}

// `ptcap doctor [--format text|json]`.
po::options_description describe_doctor_options() {
  po::options_description all;
  // clang-format off
  all.add_options()
    ("format", po::value<std::string>()->value_name("text|json"),
     "how the report is written")
    ("self-test", "trace a built-in program with every source that works, and "
     "compare what ptdec decodes with what has run: a report for an issue")
    ("help,h", "this text");
  // clang-format on
  return all;
}

Command parse_doctor(const std::vector<std::string>& arguments) {
  const po::variables_map values = parse(
      {arguments.begin() + 1, arguments.end()}, describe_doctor_options());
  if (values.count("help") != 0) return ShowHelp{};
  RunDoctor doctor;
  doctor.self_test = values.count("self-test") != 0;
  if (values.count("format") != 0) {
    const auto format = values["format"].as<std::string>();
    if (format != "json" && format != "text") {
      fail_value("format", format, "text or json");
    }
    doctor.json = format == "json";
  }
  return doctor;
}

}  // namespace

std::string_view option_name(Feature feature) {
  const auto* option = std::find_if(
      std::begin(kFeatureOptions), std::end(kFeatureOptions),
      [feature](const FeatureOption& o) { return o.feature == feature; });
  return option->name;
}

Command parse_command_line(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments[0] == "doctor") {
    return parse_doctor(arguments);
  }
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  const po::variables_map values =
      parse({arguments.begin(), dashes}, describe_options());
  if (values.count("help") != 0) return ShowHelp{};
  if (values.count("version") != 0) return ShowVersion{};
  std::vector<std::string> program;
  if (dashes != arguments.end()) program.assign(dashes + 1, arguments.end());
  return to_options(values, std::move(program));
}

std::string help_text() {
  std::ostringstream text;
  text << "usage: ptcap [options] -- PROGRAM [ARGS...]\n"
          "       ptcap [options] -p PID | -t TID | -a [-C CPUS]\n"
          "       ptcap doctor [--format text|json] [--self-test]\n"
          "Records the control flow of a program into a trace for ptdec.\n\n"
          "options:\n"
       << formats::help_options(formats::document(describe_options()))
       << "\nsizes take K, M, G; times ns, us, ms, s, m.\n\nsources:\n";
  for (const SourceEntry& entry : sources()) {
    text << "  " << entry.name << std::string(6 - entry.name.size(), ' ')
         << entry.what << "\n";
  }
  text << "\nexit status: the program's own (128+N for signal N); 125 usage, "
          "or ptcap\nfailed; 126 not executable; 127 not found; 3 with "
          "--strict and losses.\n";
  return text.str();
}

formats::ProgramDoc document_command_line() {
  formats::ProgramDoc doc;
  doc.name = "ptcap";
  doc.options = formats::document(describe_options());
  doc.commands = {{"doctor", "",
                   "tell what can trace here, and what mends what cannot",
                   formats::document(describe_doctor_options())}};
  return doc;
}

SoftwarePtTerms software_pt_terms(const CaptureOptions& options,
                                  std::string_view source) {
  constexpr unsigned kMaxPsbPeriod = 5;
  SoftwarePtTerms terms;
  for (const auto& [name, value] : options.pt_terms) {
    if (name == "tsc" && value <= 1) {
      terms.tsc = value == 1;
    } else if (name == "noretcomp" && value <= 1) {
      terms.compress_returns = value == 0;
    } else if (name == "psb_period" && value <= kMaxPsbPeriod) {
      terms.psb_period = static_cast<unsigned>(value);
    } else {
      throw UsageError("--pt " + name + "=" + std::to_string(value) +
                       ": source " + std::string(source) +
                       " knows tsc=0|1, noretcomp=0|1, psb_period=0..5");
    }
  }
  return terms;
}

}  // namespace ptcap::capture
