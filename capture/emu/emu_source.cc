// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/emu_source.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "capture/emu/arena_owner.h"
#include "capture/emu/collector.h"
#include "capture/emu/emulator_command.h"
#include "capture/emu/emulator_files.h"
#include "capture/error.h"
#include "capture/interrupts.h"
#include "capture/message.h"
#include "capture/program_file.h"

namespace ptcap::capture {

namespace {

using namespace emu;

// The longest that the death of a grandchild stays unseen.
constexpr std::chrono::milliseconds kPatience{20};

// Of TSC packets in code that makes no system call, in ns: about.
constexpr uint64_t kTimeInterval = 50'000;

template <size_t kSize>
void copy_path(char (&to)[kSize], const std::string& from) {
  if (from.size() >= kSize) {
    throw CaptureError("emulator: " + from + ": the path is too long");
  }
  std::memcpy(to, from.c_str(), from.size() + 1);
}

ArenaConfig arena_config(const EmulatorFiles& files,
                         const SoftwarePtTerms& terms) {
  ArenaConfig config;
  config.encoder.psb_period_bytes = terms.psb_period_bytes();
  config.encoder.compress_returns = terms.compress_returns;
  config.encoder.tsc = terms.tsc;
  config.encoder.tsc_interval = kTimeInterval;
  copy_path(config.emulator_64, files.emulator_64);
  copy_path(config.emulator_32, files.emulator_32);
  copy_path(config.plugin, files.plugin);
  if (const char* extra = std::getenv("PTCAP_EMU_EXTRA_PLUGIN")) {
    copy_path(config.extra_plugin, extra);
  }
  if (const char* checks = std::getenv("PTCAP_EMU_FAILING_CHECKS")) {
    config.failing_checks = static_cast<uint32_t>(std::atoi(checks));
  }
  return config;
}

void resolve(const std::string& file, const std::string& name,
             ResolvedProgram& program) {
  resolve_program(file.c_str(), name.c_str(), program);
  if (program.kind == ProgramKind::kError) {
    throw CaptureError(
        system_message(name, program.error),
        program.error == ENOENT ? kExitNotFound : kExitNotExecutable);
  }
  if (program.kind == ProgramKind::kNative) {
    throw CaptureError("emulator: " + name + ": " + program.reason,
                       kExitNotExecutable);
  }
}

EmulatedMode mode_of(const ResolvedProgram& program) {
  return program.kind == ProgramKind::kElf32 ? EmulatedMode::k32Bit
                                             : EmulatedMode::k64Bit;
}

// 64-bit if the program cannot be run: run() says why.
EmulatedMode mode_of(const std::string& name) {
  try {
    const auto program = std::make_unique<ResolvedProgram>();
    resolve_program(find_program(name).c_str(), name.c_str(), *program);
    return mode_of(*program);
  } catch (const CaptureError&) {
    return EmulatedMode::k64Bit;
  }
}

int exit_status_of(int wait_status) {
  if (WIFSIGNALED(wait_status)) return 128 + WTERMSIG(wait_status);
  return WEXITSTATUS(wait_status);
}

class EmuSource final : public Source {
 public:
  explicit EmuSource(const CaptureOptions& options)
      : argv_(std::get<RunProgram>(options.target).argv),
        terms_(software_pt_terms(options, "emu")),
        verbose_(options.verbose),
        quiet_(options.quiet),
        files_(find_emulator_files()) {}

  ProgramEnd run(Recorder& recorder) override;

 private:
  pid_t start(const EmulatorCommand& command,
              const InterruptGuard& interrupts) const;
  const std::string& emulator_for(EmulatedMode mode) const {
    return mode == EmulatedMode::k64Bit ? files_.emulator_64
                                        : files_.emulator_32;
  }
  void announce(EmulatedMode mode) const;
  void note(const std::string& text) const;
  void warn(const std::string& text) const;
  int watch(pid_t program, ArenaOwner& owner, Collector& collector,
            Recorder& recorder, InterruptGuard& interrupts);

  std::vector<std::string> argv_;
  SoftwarePtTerms terms_;
  bool verbose_;
  bool quiet_;
  EmulatorFiles files_;
};

ProgramEnd EmuSource::run(Recorder& recorder) {
  const auto program = std::make_unique<ResolvedProgram>();
  const std::string file = find_program(argv_[0]);
  resolve(file, argv_[0], *program);
  InterruptGuard interrupts;
  ArenaOwner owner(arena_config(files_, terms_));
  std::vector<char*> arguments;
  for (size_t i = 1; i < argv_.size(); ++i)
    arguments.push_back(argv_[i].data());
  arguments.push_back(nullptr);
  EmulatorCommand command;
  if (!build_emulator_command(owner.header().config, owner.path().c_str(),
                              *program, base_name(file.c_str()),
                              arguments.data(), environ, command)) {
    throw CaptureError("emulator: no memory for its command line");
  }
  const EmulatedMode mode = mode_of(*program);
  announce(mode);
  recorder.begin({terms_, "emu"});
  owner.watch_children();
  Collector collector(
      owner, recorder,
      {.detail = [this](const std::string& text) { note(text); },
       .less_exact = [this](const std::string& text) { warn(text); }});
  const pid_t child = start(command, interrupts);
  free_emulator_command(command);
  const int status = watch(child, owner, collector, recorder, interrupts);
  collector.finish();
  if (!collector.has_seen_process() &&
      recorder.stop_asked() == StopReason::kNone) {
    throw CaptureError(
        "emulator: " + emulator_for(mode) +
        " ended without a word from the plugin " + files_.plugin +
        "\n  unless it did not start, the program wrote over the memory "
        "that it shares with ptcap");
  }
  return {exit_status_of(status)};
}

pid_t EmuSource::start(const EmulatorCommand& command,
                       const InterruptGuard& interrupts) const {
  const pid_t child = fork();
  if (child < 0) throw CaptureError(system_message("fork", errno));
  if (child == 0) {
    interrupts.undo_in_child();
    signal(SIGCHLD, SIG_DFL);
    // QEMU would leave a core file of its own form in the current folder.
    rlimit core = {};
    getrlimit(RLIMIT_CORE, &core);
    core.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &core);
    execve(command.path, command.argv, command.envp);
    _exit(kExitFailed);
  }
  return child;
}

void EmuSource::announce(EmulatedMode mode) const {
  if (quiet_) return;
  print_message(
      "emulating: 4 to 25 times slower than native, no ASLR, a CPU without "
      "AVX-512, no ptrace, io_uring and rseq inside");
  if (!verbose_) return;
  note(emulator_for(mode) + ", plugin interface " +
       std::to_string(check_emulator(files_, mode).interface) + ", plugin " +
       files_.plugin);
  note(
      "also no vDSO, clone3, userfaultfd, perf_event_open and core files; "
      "vfork acts as fork; a child that is setuid, of another architecture "
      "or in a chroot runs untraced; at most " +
      std::to_string(kMaxSlots) + " threads and processes at once");
}

void EmuSource::note(const std::string& text) const {
  if (verbose_) print_message("emulator: " + text);
}

void EmuSource::warn(const std::string& text) const {
  if (!quiet_) print_message("less exact than usual: " + text);
}

int EmuSource::watch(pid_t program, ArenaOwner& owner, Collector& collector,
                     Recorder& recorder, InterruptGuard& interrupts) {
  int status = 0;
  bool was_interrupted = false;
  bool records = true;
  for (;;) {
    const uint32_t bell = owner.header().bell.load();
    if (waitpid(program, &status, WNOHANG) == program) return status;
    if (records) {
      collector.collect();
      recorder.tick([&collector] { collector.flush(); });
    }
    while (const auto interrupt = interrupts.take()) {
      if (!interrupt->from_terminal) kill(program, interrupt->signal);
      if (was_interrupted) records = false;
      was_interrupted = true;
    }
    if (recorder.stop_asked() != StopReason::kNone) records = false;
    if (!records) collector.finish();
    owner.wait(bell, kPatience);
  }
}

}  // namespace

std::string probe_emu(const CaptureOptions& options) {
  const auto* target = std::get_if<RunProgram>(&options.target);
  if (target == nullptr) {
    return "the emulator can only run a program, not attach to one";
  }
  return check_emulator(find_emulator_files(), mode_of(target->argv[0]))
      .problem;
}

std::unique_ptr<Source> make_emu_source(const CaptureOptions& options) {
  return std::make_unique<EmuSource>(options);
}

}  // namespace ptcap::capture
