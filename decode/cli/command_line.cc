// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/command_line.h"

#include <boost/program_options.hpp>
#include <charconv>
#include <cmath>
#include <initializer_list>

#include "formats/manual/program_options.h"

namespace ptcap::decode {

namespace {

namespace po = boost::program_options;

using Words = std::vector<std::string>;

void add_common(po::options_description& all) {
  // clang-format off
  all.add_options()
    ("format", po::value<std::string>()->value_name("text|tsv|json"),
     "how results are written; tsv is the stable form, json has one object a "
     "line")
    ("output,o", po::value<std::string>()->value_name("FILE"),
     "write results to FILE")
    ("force", "overwrite FILE")
    ("strict", "exit with 3 if there are gaps or the trace is damaged")
    ("sysroot", po::value<std::string>()->value_name("DIR"),
     "where the traced files are")
    ("image-store", po::value<std::string>()->value_name("DIR"),
     "where ptcap --images store=DIR put the code")
    ("help,h", "this text");
  // clang-format on
}

void add_flow(po::options_description& all) {
  // clang-format off
  all.add_options()
    ("pid", po::value<Words>()->value_name("PID"), "only this process")
    ("tid", po::value<Words>()->value_name("TID"), "only this thread")
    ("cpu", po::value<Words>()->value_name("CPU"), "only this CPU")
    ("time", po::value<std::string>()->value_name("A..B"),
     "only this part: perf clock in ns, or with unit us, ms, s, m; +1ms counts "
     "from the start")
    ("around", po::value<std::string>()->value_name("FUNCTION[#N]"),
     "only the time of the Nth call of FUNCTION, from its begin to its end, in "
     "all threads (default: the first; #-1 is the last one). Calls are counted "
     "in the order of their begins, over the threads that are selected")
    ("errata", po::value<std::string>()->value_name("F/M/S|none"),
     "work around the errata of this CPU (family/model/stepping) instead of "
     "those of the one that traced")
    ("engine", po::value<std::string>()->value_name("fast|libipt"),
     "what reconstructs the flow (default: fast, where it applies)")
    ("jobs,j", po::value<std::string>()->value_name("N"),
     "threads that coverage and cmin decode on (default: one a core)");
  // clang-format on
}

void add_coverage(po::options_description& all) {
  // clang-format off
  all.add_options()
    ("to", po::value<std::string>()
         ->value_name("text|json|drcov|lcov|sancov|afl|afl-map"),
     "what to write: --format text, tsv or json rows, or a file for another "
     "tool")
    ("by", po::value<std::string>()->value_name("block|edge|line|function|module"),
     "what the rows are about (default: function); of a module: how much of "
     "all its blocks ran")
    ("per-thread", "rows of each thread on its own")
    ("merge", "all TRACEs together, which is how it is anyway")
    ("diff", "of two TRACEs: what only one of them has")
    ("only-new", po::value<std::string>()->value_name("BASE"),
     "without what the trace BASE has")
    ("edge-hash", po::value<std::string>()->value_name("qemu|mix"),
     "how edges fall into the map of --to afl and afl-map (default: qemu)")
    ("raw", "with --to afl and afl-map: hits instead of their classes");
  // clang-format on
}

void add_import(po::options_description& all) {
  // clang-format off
  all.add_options()
    ("pt", po::value<std::string>()->value_name("FILE"), "raw Intel PT bytes")
    ("bts", po::value<std::string>()->value_name("FILE"),
     "raw BTS records of 24 bytes")
    ("cpu", po::value<std::string>()->value_name("F/M/S"),
     "family/model/stepping of the CPU that traced, for its errata")
    ("mode", po::value<std::string>()->value_name("16|32|64"),
     "execution mode until the stream says it")
    ("raw", po::value<Words>()->value_name("FILE[:OFF[-END]]:ADDR"),
     "code: the bytes of FILE from OFF to END stand at ADDR")
    ("elf", po::value<Words>()->value_name("FILE:BIAS"),
     "code: the executable segments of FILE, BIAS added to their addresses")
    ("pages", po::value<Words>()->value_name("ADDRS:DUMP"),
     "code: the 4 KiB pages in DUMP stand at the addresses in ADDRS");
  // clang-format on
}

po::options_description options_for(const CommandOptions& options) {
  po::options_description all;
  add_common(all);
  if (options.flow) add_flow(all);
  if (options.rows) {
    // clang-format off
    all.add_options()
      ("limit", po::value<std::string>()->value_name("N"), "the first N rows")
      ("last", po::value<std::string>()->value_name("N"), "the last N rows");
    // clang-format on
  }
  if (options.not_taken) {
    all.add_options()("not-taken", "rows for branches that fell through, too");
  }
  if (options.text) {
    all.add_options()("no-text", "without the text of instructions");
  }
  if (options.names) {
    // clang-format off
    all.add_options()
      ("module", po::value<std::string>()->value_name("NAME"),
       "only rows in this file (path or base name)")
      ("function", po::value<std::string>()->value_name("NAME"),
       "only rows in this function");
    // clang-format on
  }
  if (options.calls) {
    // clang-format off
    all.add_options()
      ("depth", po::value<std::string>()->value_name("N"),
       "only N levels of calls, from the outermost one shown")
      ("min-duration", po::value<std::string>()->value_name("TIME"),
       "only calls that took TIME (ns, or with unit us, ms, s, m) or longer");
    // clang-format on
  }
  if (options.flame) {
    all.add_options()("by", po::value<std::string>()->value_name("insns|time"),
                      "what counts (default: insns)");
  }
  if (options.timeline) {
    // clang-format off
    all.add_options()
      ("to", po::value<std::string>()->value_name("chrome|fxt|speedscope"),
       "the viewer's format: chrome and fxt are Perfetto's")
      ("split", po::value<std::string>()->value_name("SIZE"),
       "begin another file (FILE.2...) when one has SIZE bytes");
    // clang-format on
  }
  if (options.profile) {
    // clang-format off
    all.add_options()
      ("to", po::value<std::string>()->value_name("bolt|autofdo|llvm-sample"),
       "bolt: for 'perf2bolt -pa'; autofdo: for 'create_llvm_prof "
       "--profiler=text' and 'create_gcov --profiler=text'; llvm-sample: for "
       "'llvm-profgen --use-offset=0 --unsymbolized-profile='")
      ("module", po::value<std::string>()->value_name("NAME"),
       "the file that the profile is of (path or base name; default: the "
       "program, or else the one that ran most)");
    // clang-format on
  }
  if (options.skim) {
    // clang-format off
    all.add_options()
      ("buckets", po::value<std::string>()->value_name("N"),
       "cut the time into N parts (default: 100, of text what the screen is "
       "wide)")
      ("limit", po::value<std::string>()->value_name("N"),
       "the N threads with most trace (default: all, of text 24)");
    // clang-format on
  }
  if (options.coverage) add_coverage(all);
  if (options.lines) {
    all.add_options()("lines",
                      "source lines, too: another column for each "
                      "address");
  }
  if (options.exporting) {
    all.add_options()("to", po::value<std::string>()->value_name("perf.data"),
                      "what to write (the only one)");
  }
  if (options.import) add_import(all);
  return all;
}

Format parse_format(const std::string& text) {
  if (text == "text") return Format::kText;
  if (text == "tsv") return Format::kTsv;
  if (text == "json") return Format::kJson;
  throw UsageError("--format " + text + ": not one of text, tsv, json");
}

[[noreturn]] void fail_too_large(const std::string& option,
                                 const std::string& word) {
  throw UsageError(option + " " + word + ": too large");
}

std::set<uint32_t> parse_ids(const po::variables_map& values,
                             const std::string& name) {
  std::set<uint32_t> ids;
  if (values.count(name) == 0) return ids;
  const std::string option = "--" + name;
  for (const std::string& word : values[name].as<Words>()) {
    const uint64_t id = parse_number(word, option);
    if (id > ~0u) fail_too_large(option, word);
    ids.insert(static_cast<uint32_t>(id));
  }
  return ids;
}

std::string text_of(const po::variables_map& values, const char* name) {
  return values.count(name) != 0 ? values[name].as<std::string>() : "";
}

Words words_of(const po::variables_map& values, const char* name) {
  return values.count(name) != 0 ? values[name].as<Words>() : Words();
}

std::optional<uint64_t> number_of(const po::variables_map& values,
                                  const char* name) {
  if (values.count(name) == 0) return std::nullopt;
  return parse_number(values[name].as<std::string>(), "--" + std::string(name));
}

void take_flow(const po::variables_map& values, CommandLine& line) {
  line.pids = parse_ids(values, "pid");
  line.tids = parse_ids(values, "tid");
  line.cpus = parse_ids(values, "cpu");
  line.jobs = number_of(values, "jobs");
  if (values.count("time") != 0) {
    parse_time_range(values["time"].as<std::string>(), line);
  }
  line.around = text_of(values, "around");
  if (!line.around.empty() && values.count("time") != 0) {
    throw UsageError("--around and --time exclude each other");
  }
  line.errata = text_of(values, "errata");
  line.engine = text_of(values, "engine");
  if (!line.engine.empty() && line.engine != "libipt" &&
      line.engine != "fast") {
    throw UsageError("--engine " + line.engine + ": not fast or libipt");
  }
}

void take_rows(const po::variables_map& values, CommandLine& line) {
  line.limit = number_of(values, "limit");
  line.last = number_of(values, "last");
  if (line.limit && line.last) {
    throw UsageError("--limit and --last exclude each other");
  }
}

void require_one_of(const char* option, const std::string& word,
                    std::initializer_list<std::string_view> known) {
  if (word.empty()) return;
  std::string all;
  for (const std::string_view candidate : known) {
    if (word == candidate) return;
    all += (all.empty() ? "" : ", ") + std::string(candidate);
  }
  throw UsageError(std::string(option) + ' ' + word + ": not one of " + all);
}

void take_coverage(const po::variables_map& values, CommandLine& line) {
  line.to = text_of(values, "to");
  line.by = text_of(values, "by");
  line.edge_hash = text_of(values, "edge-hash");
  line.only_new = text_of(values, "only-new");
  line.diff = values.count("diff") != 0;
  line.raw_afl = values.count("raw") != 0;
  line.per_thread = values.count("per-thread") != 0;
  require_one_of("--to", line.to,
                 {"text", "json", "drcov", "lcov", "sancov", "afl", "afl-map"});
  require_one_of("--by", line.by,
                 {"block", "edge", "line", "function", "module"});
  require_one_of("--edge-hash", line.edge_hash, {"qemu", "mix"});
  if (line.to == "json") line.format = Format::kJson;
  if (line.diff && line.traces.size() != 2) {
    throw UsageError("--diff takes two TRACEs");
  }
}

void take_calls(const po::variables_map& values, CommandLine& line) {
  line.depth = number_of(values, "depth");
  if (line.depth == 0u) throw UsageError("--depth 0: nothing would be left");
  if (values.count("min-duration") != 0) {
    line.min_duration_ns = parse_duration(
        values["min-duration"].as<std::string>(), "--min-duration");
  }
}

void take_timeline(const po::variables_map& values, CommandLine& line) {
  line.to = text_of(values, "to");
  require_one_of("--to", line.to, {"chrome", "fxt", "speedscope"});
  if (line.to.empty()) {
    throw UsageError("--to is missing: chrome, fxt or speedscope");
  }
  if (values.count("split") == 0) return;
  line.split_bytes = parse_size(values["split"].as<std::string>(), "--split");
  if (line.split_bytes < 4096) throw UsageError("--split: less than 4K");
  if (line.output.empty() || line.output == "-") {
    throw UsageError("--split needs -o FILE");
  }
}

void take_skim(const po::variables_map& values, CommandLine& line) {
  line.buckets = number_of(values, "buckets");
  line.limit = number_of(values, "limit");
  constexpr uint64_t kMost = 100'000;
  if (line.buckets && (*line.buckets == 0 || *line.buckets > kMost)) {
    throw UsageError("--buckets: not from 1 to " + std::to_string(kMost));
  }
}

void take_profile(const po::variables_map& values, CommandLine& line) {
  line.to = text_of(values, "to");
  line.module = text_of(values, "module");
  require_one_of("--to", line.to, {"bolt", "autofdo", "llvm-sample"});
  if (line.to.empty()) {
    throw UsageError("--to is missing: bolt, autofdo or llvm-sample");
  }
}

void take_import(const po::variables_map& values, CommandLine& line) {
  line.pt_file = text_of(values, "pt");
  line.bts_file = text_of(values, "bts");
  line.cpu_model = text_of(values, "cpu");
  line.mode = text_of(values, "mode");
  line.raw = words_of(values, "raw");
  line.elf = words_of(values, "elf");
  line.pages = words_of(values, "pages");
}

CommandLine take(const po::variables_map& values,
                 const CommandOptions& options) {
  CommandLine line;
  line.traces = words_of(values, "trace");
  line.help = values.count("help") != 0;
  if (line.help) return line;  // whatever else may be wrong
  line.force = values.count("force") != 0;
  line.strict = values.count("strict") != 0;
  line.output = text_of(values, "output");
  line.sysroot = text_of(values, "sysroot");
  line.image_store = text_of(values, "image-store");
  if (values.count("format") != 0) {
    line.format = parse_format(values["format"].as<std::string>());
  }
  if (options.flow) take_flow(values, line);
  if (options.rows) take_rows(values, line);
  if (options.coverage) take_coverage(values, line);
  if (options.import) take_import(values, line);
  if (options.exporting) line.to = text_of(values, "to");
  if (options.lines) line.lines = values.count("lines") != 0;
  if (options.not_taken) line.not_taken = values.count("not-taken") != 0;
  if (options.text) line.no_text = values.count("no-text") != 0;
  if (options.names) {
    line.module = text_of(values, "module");
    line.function = text_of(values, "function");
  }
  if (options.calls) take_calls(values, line);
  if (options.flame) {
    line.by = text_of(values, "by");
    require_one_of("--by", line.by, {"insns", "time"});
  }
  if (options.timeline) take_timeline(values, line);
  if (options.skim) take_skim(values, line);
  if (options.profile) take_profile(values, line);
  return line;
}

TimePoint parse_time_point(std::string_view text) {
  TimePoint point;
  if (text.starts_with('+')) {
    point.from_start = true;
    text.remove_prefix(1);
  }
  point.ns = parse_duration(text, "--time");
  return point;
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& words,
                               const CommandOptions& options) {
  po::options_description all = options_for(options);
  all.add_options()("trace", po::value<Words>());
  po::positional_options_description positional;
  positional.add("trace", -1);
  constexpr int kStyle = po::command_line_style::unix_style &
                         ~po::command_line_style::allow_guessing;
  po::variables_map values;
  try {
    po::store(po::command_line_parser(words)
                  .options(all)
                  .positional(positional)
                  .style(kStyle)
                  .run(),
              values);
  } catch (const po::unknown_option& error) {
    throw UsageError(formats::describe(error, all));
  } catch (const po::error& error) {
    throw UsageError(error.what());
  }
  return take(values, options);
}

std::vector<formats::OptionDoc> document_options(
    const CommandOptions& options) {
  return formats::document(options_for(options));
}

uint64_t parse_duration(std::string_view text, const std::string& option) {
  const std::string_view given = text;
  struct Unit {
    std::string_view name;
    uint64_t ns;
  };
  constexpr Unit kUnits[] = {{"ns", 1},
                             {"us", 1'000},
                             {"ms", 1'000'000},
                             {"s", 1'000'000'000},
                             {"m", 60'000'000'000}};
  uint64_t unit = 1;
  for (const Unit& candidate : kUnits) {
    if (!text.ends_with(candidate.name)) continue;
    unit = candidate.ns;
    text.remove_suffix(candidate.name.size());
    break;
  }
  const char* end = text.data() + text.size();
  uint64_t whole = 0;
  auto parsed = std::from_chars(text.data(), end, whole);
  double fraction = 0;
  if (parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '.') {
    double scale = 0.1;
    for (++parsed.ptr;
         parsed.ptr != end && *parsed.ptr >= '0' && *parsed.ptr <= '9';
         ++parsed.ptr, scale /= 10) {
      fraction += scale * (*parsed.ptr - '0');
    }
  }
  if (parsed.ec != std::errc() || parsed.ptr != end ||
      whole > ~0ull / unit - 1) {
    throw UsageError(option + ": '" + std::string(given) + "' is no time");
  }
  return whole * unit + static_cast<uint64_t>(
                            std::llround(fraction * static_cast<double>(unit)));
}

void parse_time_range(std::string_view text, CommandLine& line) {
  const size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    throw UsageError("--time: '" + std::string(text) + "' is not A..B");
  }
  const std::string_view begin = text.substr(0, dots);
  const std::string_view end = text.substr(dots + 2);
  if (!begin.empty()) line.begin = parse_time_point(begin);
  if (!end.empty()) line.end = parse_time_point(end);
  if (line.begin && line.end &&
      line.begin->from_start == line.end->from_start &&
      line.begin->ns >= line.end->ns) {
    throw UsageError("--time: '" + std::string(text) + "' ends at its begin");
  }
}

uint64_t parse_size(std::string_view text, const std::string& option) {
  constexpr std::string_view kUnits = "KMG";
  std::string_view digits = text;
  unsigned shift = 0;
  if (!digits.empty()) {
    const size_t unit = kUnits.find(digits.back());
    if (unit != std::string_view::npos) {
      shift = 10 * static_cast<unsigned>(unit + 1);
      digits.remove_suffix(1);
    }
  }
  const uint64_t value = parse_number(digits, option);
  if (value > ~uint64_t{0} >> shift) fail_too_large(option, std::string(text));
  return value << shift;
}

uint64_t parse_number(std::string_view text, const std::string& what) {
  int base = 10;
  std::string_view digits = text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    base = 16;
    digits.remove_prefix(2);
  } else if (digits.size() > 1 && digits.starts_with('0')) {
    base = 8;
    digits.remove_prefix(1);
  }
  uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, value, base);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    throw UsageError(what + " " + std::string(text) + ": no number");
  }
  return value;
}

}  // namespace ptcap::decode
