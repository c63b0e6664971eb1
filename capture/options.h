// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What ptcap is asked to do: its command line as data.

#ifndef PTCAP_CAPTURE_OPTIONS_H_
#define PTCAP_CAPTURE_OPTIONS_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "formats/manual/program_doc.h"

namespace ptcap::capture {

enum class SourceKind : uint8_t { kPt, kBts, kEmu, kStep };

// What to trace.
struct RunProgram {
  std::vector<std::string> argv;  // never empty
};
struct AttachProcess {
  pid_t pid = 0;
};
struct AttachThread {
  pid_t tid = 0;
};
struct WholeSystem {
  std::string cpus;    // as after -C; empty is all
  std::string cgroup;  // only its tasks; empty is all
};
using Target =
    std::variant<RunProgram, AttachProcess, AttachThread, WholeSystem>;

// Whether the code that ran goes into the trace.
enum class ImagePolicy : uint8_t {
  kAll,
  kNone,
  kStore,  // into a folder, once for all traces
};

// What not every source can do. Everything else on the command line is about
// the trace file and holds for each.
enum class Feature : uint8_t {
  kAttachProcess,
  kAttachThread,
  kWholeSystem,
  kCgroup,
  kKernel,
  kFilter,
  kSnapshot,
  kTrigger,
  kAuxSize,
  kDataSize,
  kDelay,
  kDuration,
  kMaxSize,
  kSwitchOutput,
  kControl,
  kPtTerms,
};

// The option as the user writes it: "--kernel".
std::string_view option_name(Feature feature);

class FeatureSet {
 public:
  constexpr FeatureSet() = default;
  constexpr FeatureSet(std::initializer_list<Feature> features) {
    for (Feature feature : features) add(feature);
  }
  constexpr void add(Feature feature) { bits_ |= bit(feature); }
  constexpr bool has(Feature feature) const {
    return (bits_ & bit(feature)) != 0;
  }

 private:
  static constexpr uint32_t bit(Feature feature) {
    return 1u << static_cast<unsigned>(feature);
  }
  uint32_t bits_ = 0;
};

struct CaptureOptions {
  Target target;
  std::optional<SourceKind> source;  // nullopt is auto
  FeatureSet asked;                  // features that the command line names

  std::string output;  // empty: named after the program; "-": stdout
  bool force = false;  // overwrite
  int level = 1;       // zstd; 0 stores
  // Whether a backlog may make it 0 for a while.
  bool adapt_level = true;
  unsigned threads = 0;  // that compress; 0: the one that collects does
  ImagePolicy images = ImagePolicy::kAll;
  std::string image_store;  // folder, with kStore
  bool strict = false;
  std::string report;  // file for the json report; empty is none
  bool verbose = false;
  bool quiet = false;

  // Of --pt, in order: name and value ("cyc" is 1, "noretcomp" 1). What they
  // mean is the source's business.
  std::vector<std::pair<std::string, uint64_t>> pt_terms;

  // Of the sources that have the features of these names.
  bool kernel = false;
  std::string filter;  // empty: all; perf's syntax
  bool snapshot = false;
  std::optional<uint64_t> snapshot_bytes;  // of each buffer
  std::vector<std::string> triggers;       // "sym:NAME", "signal", "exit"
  std::optional<uint64_t> aux_size_bytes, data_size_bytes;
  std::string control;  // "fifo:CTL[,ACK]"

  uint64_t delay_ns = 0;
  std::optional<uint64_t> duration_ns;     // of recording, after the delay
  std::optional<uint64_t> max_size_bytes;  // of the trace, all files together
  // A new file after so much or so long; at most one of them is set.
  std::optional<uint64_t> switch_bytes, switch_ns;
};

struct ShowHelp {};
struct ShowVersion {};
struct RunDoctor {
  bool json = false;
  bool self_test = false;
};
using Command = std::variant<CaptureOptions, RunDoctor, ShowHelp, ShowVersion>;

// `arguments` without the program's name. Throws UsageError.
Command parse_command_line(const std::vector<std::string>& arguments);

std::string help_text();

// The same as data, for the manual page and the shells.
formats::ProgramDoc document_command_line();

// The terms of --pt that sources without a PMU have.
struct SoftwarePtTerms {
  bool tsc = true;
  bool compress_returns = true;
  unsigned psb_period = 3;  // 2^(psb_period + 11) bytes; 0 to 5

  uint64_t psb_period_bytes() const { return uint64_t{1} << (psb_period + 11); }
};

// Throws UsageError, naming what `source` knows, for any other term or value.
SoftwarePtTerms software_pt_terms(const CaptureOptions& options,
                                  std::string_view source);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_OPTIONS_H_
