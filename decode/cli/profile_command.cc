// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec profile: exact counts for BOLT, and for compilers by AutoFDO.

#include <algorithm>
#include <stdexcept>
#include <string>

#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/cli/row_command.h"
#include "decode/coverage/stream_counter.h"
#include "decode/names.h"
#include "decode/profile/profile.h"
#include "decode/symbols/escape.h"
#include "decode/trace.h"

namespace ptcap::decode {

namespace {

using NamedFile = std::pair<const std::string, Profile::File>;

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// Paths, most instructions first.
std::string list_of(const Profile& profile) {
  std::vector<const NamedFile*> files;
  for (const NamedFile& file : profile.files()) files.push_back(&file);
  std::stable_sort(files.begin(), files.end(),
                   [](const NamedFile* a, const NamedFile* b) {
                     return a->second.insns > b->second.insns;
                   });
  constexpr size_t kMost = 5;
  std::string list;
  for (size_t i = 0; i < std::min(files.size(), kMost); ++i) {
    list +=
        (list.empty() ? "" : ", ") + escape_text(base_name(files[i]->first));
  }
  return list;
}

// That of --module, or else the program, or else the one that ran most.
const NamedFile& chosen(const CommandLine& line, const Trace& trace,
                        const Profile& profile) {
  const auto& command = trace.facts().command_line;
  const std::string program = command.empty() ? "" : base_name(command.front());
  const NamedFile* best = nullptr;
  for (const NamedFile& file : profile.files()) {
    if (!line.module.empty() && file.first != line.module &&
        base_name(file.first) != line.module) {
      continue;
    }
    if (line.module.empty() && !program.empty() &&
        base_name(file.first) == program && file.second.insns != 0) {
      return file;
    }
    if (best == nullptr || file.second.insns > best->second.insns) best = &file;
  }
  if (best != nullptr) return *best;
  const std::string list = list_of(profile);
  throw std::runtime_error(line.traces.front() + ": " +
                           (line.module.empty() ? "no code of a file ran"
                                                : "--module " + line.module +
                                                      ": nothing ran there") +
                           (list.empty() ? "" : "\n  most ran in " + list));
}

}  // namespace

int run_profile(const CommandLine& line, formats::Reporter& reporter) {
  if (line.begin || line.end || !line.around.empty()) {
    throw UsageError(std::string(line.around.empty() ? "--time" : "--around") +
                     ": a profile is of a whole trace");
  }
  RowRun run(line, reporter);
  StreamCounter counter(run.trace, line.engine == "libipt"
                                       ? EngineChoice::kLibipt
                                       : EngineChoice::kFast);
  Profile profile;
  for (const TraceStream* stream : selected(line, run.trace)) {
    profile.add(counter.count(*stream), *stream, run.names);
  }
  const auto& [path, file] = chosen(line, run.trace, profile);
  const auto write = [&](std::string_view text) { run.out.write(text); };
  if (line.to == "bolt") {
    write_bolt(file, write);
  } else if (line.to == "autofdo") {
    write_autofdo(file, write);
  } else {
    write_llvm_sample(file, write);
  }
  run.out.flush();
  if (line.module.empty()) {
    reporter.warn("the profile is of " + escape_text(path) +
                  "; --module chooses another file");
  }
  if (counter.gaps() != 0) {
    reporter.warn(std::to_string(counter.gaps()) +
                  " gaps: what ran there is not counted; 'ptdec branches' "
                  "shows where they are");
  }
  const bool incomplete = counter.gaps() != 0 || run.trace.reader().salvaged();
  return line.strict && incomplete ? kExitIncomplete : kExitOk;
}

}  // namespace ptcap::decode
