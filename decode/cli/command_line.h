// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The command line of `ptdec COMMAND ...`, parsed.

#ifndef PTCAP_DECODE_CLI_COMMAND_LINE_H_
#define PTCAP_DECODE_CLI_COMMAND_LINE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "formats/manual/program_doc.h"

namespace ptcap::decode {

// What is wrong with the command line; exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Format : uint8_t { kText, kTsv, kJson };

// A point in time: in ns of the perf clock, or from the start of the trace.
struct TimePoint {
  uint64_t ns = 0;
  bool from_start = false;
};

struct CommandLine {
  std::vector<std::string> traces;
  Format format = Format::kText;
  std::set<uint32_t> pids, tids, cpus;  // empty: all
  std::optional<TimePoint> begin, end;
  std::string around;  // FUNCTION[#N], instead of both
  std::optional<uint64_t> limit, last;
  std::string module, function;
  std::string output;  // empty: stdout
  std::string sysroot, image_store;
  std::string errata;  // F/M/S or none; empty: as the trace says
  bool force = false;
  bool strict = false;
  bool not_taken = false;
  bool no_text = false;
  bool lines = false;
  bool help = false;
  // Of text; what stdout may have, nobody's options.
  bool colour = false;
  size_t columns = 80;

  std::string engine;  // empty: the default
  std::optional<uint64_t> jobs;

  // calls, timeline, flame
  std::optional<uint64_t> depth;
  uint64_t min_duration_ns = 0;
  uint64_t split_bytes = 0;  // 0: one file

  // skim
  std::optional<uint64_t> buckets;

  // coverage, cmin
  std::string to, by, edge_hash;
  std::string only_new;  // a trace
  bool diff = false;
  bool raw_afl = false;
  bool per_thread = false;

  // import
  std::string pt_file, bts_file, cpu_model;
  std::string mode;
  std::vector<std::string> raw, elf, pages;
};

// Which options a command takes beside the common ones.
struct CommandOptions {
  bool flow = false;       // what selects a part of the trace
  bool rows = false;       // --limit, --last
  bool not_taken = false;  // --not-taken
  bool text = false;       // --no-text
  bool names = false;      // --module, --function
  bool lines = false;      // --lines
  bool calls = false;      // --depth, --min-duration
  bool flame = false;      // --by insns|time
  bool timeline = false;   // --to, --split
  bool skim = false;       // --buckets, --limit
  bool profile = false;    // --to, --module
  bool import = false;
  bool exporting = false;
  bool coverage = false;
};

// Leaves of `rows` what --limit or --last asks for.
template <typename Row>
void keep_asked(const CommandLine& line, std::vector<Row>& rows) {
  if (line.limit && rows.size() > *line.limit) rows.resize(*line.limit);
  if (line.last && rows.size() > *line.last) {
    rows.erase(rows.begin(),
               rows.end() - static_cast<std::ptrdiff_t>(*line.last));
  }
}

// `words` are those behind the command. Throws UsageError.
CommandLine parse_command_line(const std::vector<std::string>& words,
                               const CommandOptions& options);

// What the command takes, for help, the manual page and the shells.
std::vector<formats::OptionDoc> document_options(const CommandOptions& options);

// 10, 10ns, 1.5ms: in ns. Throws UsageError naming `option`.
uint64_t parse_duration(std::string_view text, const std::string& option);

// 10, 4K, 1M, 2G. Throws UsageError naming `option`.
uint64_t parse_size(std::string_view text, const std::string& option);

// "A..B", each a time with unit ns (default), us, ms, s or m, "+" in front of
// it counts from the start; either may be missing. Throws UsageError.
void parse_time_range(std::string_view text, CommandLine& line);

// As in C: 10, 0x10, 010. Throws UsageError naming `what`.
uint64_t parse_number(std::string_view text, const std::string& what);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_COMMAND_LINE_H_
