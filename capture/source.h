// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where branch flow comes from: the one interface of pt, bts, emu and step,
// and the table of those that this build has.

#ifndef PTCAP_CAPTURE_SOURCE_H_
#define PTCAP_CAPTURE_SOURCE_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "capture/options.h"
#include "capture/recorder.h"

namespace ptcap::capture {

// How the traced program ended; nothing of it for -p, -t and -a.
struct ProgramEnd {
  int exit_status = 0;  // its own, or 128 + N for signal N
};

// One capture. Made for one target, run once, in one thread.
class Source {
 public:
  virtual ~Source() = default;

  // Runs or attaches to the target and records until
  // - the program has ended (not its descendants: those are let go), or
  // - interrupts.h has a signal: the program gets it and recording goes on to
  //   its end; with -p, -t and -a recording ends. A second signal always ends
  //   recording, or
  // - recorder.stop_asked(): recording ends.
  // When recording ends before the program, the program runs on unharmed and
  // untraced, and run() waits for it if ptcap started it.
  //
  // Calls recorder.tick() at least ten times a second, and writes the last
  // bytes of every stream before it returns; the caller finishes the trace.
  // Throws CaptureError if the target cannot be run or traced at all (126 and
  // 127 as exit status belong here).
  virtual ProgramEnd run(Recorder& recorder) = 0;
};

struct SourceEntry {
  SourceKind kind;
  std::string_view name;  // as after --source
  std::string_view what;  // a line for --help
  FeatureSet features;

  // Why it would not work here for this target ("this CPU has no Intel PT");
  // empty if it would. Quick, and without effect.
  std::string (*probe)(const CaptureOptions& options);

  // Throws UsageError for option values that it cannot honour. nullptr for a
  // source that this version lacks; its probe says so.
  std::unique_ptr<Source> (*make)(const CaptureOptions& options);
};

// In the order in which `auto` tries them.
std::span<const SourceEntry> sources();

struct ChosenSource {
  const SourceEntry* entry = nullptr;
  std::string why;  // for stderr, where `auto` chose; otherwise empty
};

// The source that the options name, or the first that probes well and has all
// features asked for. Throws UsageError, naming the sources that have it, for
// a feature that the named source lacks; CaptureError if none would work.
ChosenSource choose_source(const CaptureOptions& options,
                           std::span<const SourceEntry> entries = sources());

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_SOURCE_H_
