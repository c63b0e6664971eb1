// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/trigger.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <string_view>

#include "capture/error.h"
#include "capture/hardware/function_file.h"
#include "capture/program_file.h"

namespace ptcap::capture {
namespace {

constexpr std::string_view kSymbol = "sym:";

std::atomic<bool> signalled;
static_assert(std::atomic<bool>::is_always_lock_free);

void note(int) { signalled = true; }

// The file that the target runs.
std::string program_of(const CaptureOptions& options,
                       const std::string& trigger) {
  if (const auto* program = std::get_if<RunProgram>(&options.target)) {
    return find_program(program->argv[0]);
  }
  if (const auto* process = std::get_if<AttachProcess>(&options.target)) {
    return "/proc/" + std::to_string(process->pid) + "/exe";
  }
  if (const auto* thread = std::get_if<AttachThread>(&options.target)) {
    return "/proc/" + std::to_string(thread->tid) + "/exe";
  }
  throw UsageError("--trigger " + trigger +
                   ": with -a, say in which file: " + trigger + "@FILE");
}

std::string absolute_path(const std::string& trigger, const std::string& path) {
  char resolved[PATH_MAX];
  if (!::realpath(path.c_str(), resolved)) {
    throw CaptureError(
        system_message("--trigger " + trigger + ": " + path, errno));
  }
  return resolved;
}

}  // namespace

bool triggers_at_exit(const CaptureOptions& options) {
  const auto& triggers = options.triggers;
  return triggers.empty() ||
         std::find(triggers.begin(), triggers.end(), "exit") != triggers.end();
}

std::vector<bindings::EventAttr> function_triggers(
    const CaptureOptions& options) {
  std::vector<bindings::EventAttr> events;
  for (const std::string& trigger : options.triggers) {
    if (!trigger.starts_with(kSymbol)) continue;
    const size_t at = trigger.find('@');
    const std::string path = absolute_path(
        trigger, at == std::string::npos ? program_of(options, trigger)
                                         : trigger.substr(at + 1));
    const FunctionFile file("--trigger " + trigger, path);
    const std::string name =
        trigger.substr(kSymbol.size(), at - kSymbol.size());
    events.push_back(
        bindings::EventAttr::uprobe(path, file.function(name).begin));
  }
  return events;
}

SnapshotSignal::SnapshotSignal() {
  signalled = false;
  // Without SA_RESTART: what waits, returns.
  struct sigaction action = {};
  action.sa_handler = note;
  sigaction(SIGUSR2, &action, &before_);
}

SnapshotSignal::~SnapshotSignal() { sigaction(SIGUSR2, &before_, nullptr); }

bool SnapshotSignal::take() { return signalled.exchange(false); }

}  // namespace ptcap::capture
