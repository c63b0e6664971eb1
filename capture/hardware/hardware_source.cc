// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/hardware_source.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <optional>

#include "bindings/error.h"
#include "bindings/event.h"
#include "bindings/pmu.h"
#include "capture/error.h"
#include "capture/hardware/address_filter.h"
#include "capture/hardware/cgroup.h"
#include "capture/hardware/control_fifo.h"
#include "capture/hardware/cpu_watch.h"
#include "capture/hardware/event_plan.h"
#include "capture/hardware/hardware_capture.h"
#include "capture/hardware/launch.h"
#include "capture/hardware/poll_set.h"
#include "capture/hardware/pt_config.h"
#include "capture/hardware/ring_set.h"
#include "capture/hardware/trace_head.h"
#include "capture/hardware/trigger.h"
#include "capture/interrupts.h"
#include "capture/message.h"
#include "capture/proc_files.h"

namespace ptcap::capture {
namespace {

using formats::UniqueFd;

constexpr int kPollMs = 100;  // tick() wants ten a second

uint64_t monotonic_ns() {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<uint64_t>(now.tv_nsec);
}

// Readable when the process ends. Before Linux 5.3 there is none (-1).
UniqueFd open_pidfd(pid_t pid) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ec)) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    if (pid > 0) pids.push_back(pid);
  }
  return pids;
}

// What is different between the two PMUs.
struct Kind {
  const char* pmu;
  bool is_pt;
};
constexpr Kind kPtKind = {"intel_pt", true};
constexpr Kind kBtsKind = {"intel_bts", false};

// One capture, from opening to the last bytes.
class Session {
 public:
  Session(const CaptureOptions& options, const Kind& kind, Recorder& recorder)
      : options_(options), kind_(kind), recorder_(recorder) {}

  ProgramEnd run() {
    if (options_.snapshot) signal_.emplace();
    if (!options_.control.empty()) control_.emplace(options_.control);
    if (const auto* program = std::get_if<RunProgram>(&options_.target)) {
      program_.emplace(program->argv, options_.output == "-", interrupts_);
    }
    open();
    begin();
    record();
    rings_.clear();
    return {wait_for_program()};
  }

 private:
  void open() {
    const bindings::Pmu pmu(kind_.pmu);
    std::optional<PtConfig> config;
    if (kind_.is_pt) config.emplace(pmu, options_.pt_terms);
    EventPlan plan =
        kind_.is_pt ? plan_pt(options_, *config) : plan_bts(options_);
    const RingLayout layout = lay_out(options_, program_ ? program_->pid() : 0);
    std::vector<std::string> notes;
    rings_ = open_rings(plan, layout, options_, notes);
    const std::string filter = set_filter();
    follow_kernel(plan, notes);
    if (options_.verbose) {
      notes.push_back(describe(plan.trace));
      notes.push_back(describe(plan.sideband));
    }
    if (!options_.quiet) {
      for (const std::string& note : notes) print_message(note);
    }
    const HeadInput head = {
        plan,
        rings_,
        is_system(),
        options_.snapshot,
        filter,
        kernel_changes_ ? kernel_changes_->ids() : std::vector<uint64_t>()};
    head_ = kind_.is_pt ? make_pt_head(head, pmu, *config)
                        : make_bts_head(head, pmu);
    HardwareCapture::Options how;
    how.is_pt = kind_.is_pt;
    how.per_thread = !is_system();
    how.whole_system = is_system();
    how.snapshot = options_.snapshot;
    how.kernel = options_.kernel;
    how.kernel_changes = kernel_changes_ ? &*kernel_changes_ : nullptr;
    how.format = formats::RecordFormat::of(plan.trace.fields());
    capture_.emplace(rings_, how, recorder_);
    cpus_.emplace(layout.cpus);
    if (how.per_thread) capture_->guard_threads(layout.tids);
    if (program_) capture_->add_process(program_->pid());
  }

  // Who may trace ring 0 of own programs need not be allowed whole CPUs.
  void follow_kernel(EventPlan& plan, std::vector<std::string>& notes) {
    if (!plan.kernel_changes) return;
    try {
      kernel_changes_.emplace(*plan.kernel_changes, bindings::online_cpus());
    } catch (const bindings::PerfError& error) {
      notes.push_back(std::string("changes of the kernel's code are not "
                                  "followed: ") +
                      error.what());
    }
  }

  std::string set_filter() {
    if (options_.filter.empty()) return {};
    std::string filter = resolve_filter(parse_filter(options_.filter));
    for (const auto& ring : rings_) ring->set_filter(filter);
    return filter;
  }

  bool is_system() const {
    return std::holds_alternative<WholeSystem>(options_.target);
  }

  void begin() {
    recorder_.begin(head_, rings_.front()->sideband_ids().front());
    capture_->record_kernel();
    if (!program_) {
      for (const auto& ring : rings_) ring->enable_sideband();
      capture_->record_existing(existing_processes());
    }
    for (const auto& ring : rings_) ring->enable_triggers();
    enable_at_ns_ = monotonic_ns() + options_.delay_ns;
    // A program is traced from its exec on, by the kernel itself.
    enabled_ = program_ && options_.delay_ns == 0;
    enable_when_due();
    for (const auto& ring : rings_) {
      for (int fd : ring->fds()) polled_.add_event(fd);
    }
    if (program_) {
      end_fd_ = open_pidfd(program_->pid());
      program_->go();
    } else if (const auto* process =
                   std::get_if<AttachProcess>(&options_.target)) {
      end_fd_ = open_pidfd(process->pid);
    }
    polled_.add_other(end_fd_.get());
    if (control_) polled_.add_other(control_->fd());
  }

  std::vector<pid_t> existing_processes() const {
    if (const auto* system = std::get_if<WholeSystem>(&options_.target)) {
      return system->cgroup.empty()
                 ? all_processes()
                 : processes_of_cgroup(find_cgroup(system->cgroup));
    }
    if (const auto* process = std::get_if<AttachProcess>(&options_.target)) {
      return {process->pid};
    }
    const pid_t tid = std::get<AttachThread>(options_.target).tid;
    const auto status = read_status(tid);
    return {status ? status->pid : tid};
  }

  void enable_when_due() {
    if (enabled_ || monotonic_ns() < enable_at_ns_) return;
    enabled_ = true;
    recorder_.start_duration();
    for (const auto& ring : rings_) ring->enable_trace();
  }

  void record() {
    while (!is_over()) {
      if (polled_.wait(kPollMs)) capture_->drain();
      enable_when_due();
      obey_commands();
      snapshot_when_asked();
      if (!enabled_) continue;
      recorder_.tick([this] { capture_->drain(); });
      watch_cpus();
      if (recorder_.switch_due()) capture_->switch_output();
    }
    for (const auto& ring : rings_) ring->disable_all();
    capture_->set_tracing(false);
    capture_->drain();
    snapshot_when_asked();
    if (options_.snapshot && triggers_at_exit(options_)) snapshot("the end");
    read_generated_code();
    capture_->finish();
    tell_missing(capture_->code().missing());
    if (capture_->kernel()) tell_missing(capture_->kernel()->missing());
  }

  void tell_missing(const std::string& missing) const {
    if (missing.empty() || options_.quiet) return;
    print_message("code not in the trace: " + missing);
  }

  // Events of tasks stay when a CPU goes: it is theirs again when it comes.
  void watch_cpus() {
    if (std::holds_alternative<AttachThread>(options_.target)) return;
    const CpuWatch::Changes changes = cpus_->look();
    for (const int cpu : changes.gone) {
      if (is_system()) tell_untraced(cpu, "went offline");
    }
    const auto* system = std::get_if<WholeSystem>(&options_.target);
    for (const int cpu : changes.came) {
      if (!system || system->cpus.empty()) tell_untraced(cpu, "came online");
    }
  }

  void tell_untraced(int cpu, const char* what) {
    formats::Loss loss;
    loss.cause = formats::LossCause::kNotFollowed;
    loss.cpu = static_cast<uint32_t>(cpu);
    loss.begin_ns = recorder_.now_ns();
    loss.detail = std::string("the CPU ") + what;
    recorder_.loss(loss);
    if (options_.quiet) return;
    print_message("CPU " + std::to_string(cpu) + " " + what +
                  ": it is not traced from here on");
  }

  void snapshot_when_asked() {
    if (!options_.snapshot) return;
    if (signal_->take()) snapshot("SIGUSR2");
    if (capture_->take_trigger()) snapshot("a function was reached");
  }

  void snapshot(const char* why) {
    capture_->snapshot();
    ++snapshots_;
    if (options_.quiet) return;
    print_message("snapshot " + std::to_string(snapshots_) + ": " + why);
  }

  void obey_commands() {
    if (!control_) return;
    while (const auto command = control_->take_line()) {
      control_->answer(obey(*command));
    }
  }

  // Returns the answer.
  std::string obey(const std::string& command) {
    if (command == "enable" || command == "disable") {
      const bool on = command == "enable";
      for (const auto& ring : rings_) {
        on ? ring->enable_trace() : ring->disable_trace();
      }
      capture_->set_tracing(on);
    } else if (command == "snapshot" && options_.snapshot) {
      snapshot("--control");
    } else if (command == "stop") {
      stop_ = true;
    } else if (command != "ping") {
      print_message("--control: unknown command '" + command +
                    "'\n  there are enable, disable, snapshot (with "
                    "--snapshot), stop and ping");
      return "unknown";
    }
    return "ack";
  }

  bool is_over() {
    if (stop_) return true;
    if (recorder_.stop_asked() != StopReason::kNone) return true;
    if (interrupted()) return true;
    if (program_) {
      end_ = program_->poll_end();
      return end_.has_value();
    }
    return polled_.is_ready(end_fd_.get()) || polled_.all_events_ended();
  }

  // A first signal is the program's; the second one is ours.
  bool interrupted() {
    const auto interrupt = interrupts_.take();
    if (!interrupt) return false;
    if (!program_ || ++signals_ > 1) return true;
    if (!interrupt->from_terminal) ::kill(program_->pid(), interrupt->signal);
    return false;
  }

  void read_generated_code() {
    if (const auto* process = std::get_if<AttachProcess>(&options_.target)) {
      capture_->code().read_generated(process->pid);
    }
  }

  int wait_for_program() {
    if (!program_) return 0;
    while (!end_) {
      end_ = program_->wait_end();
      if (const auto interrupt = interrupts_.take()) {
        if (!end_ && !interrupt->from_terminal) {
          ::kill(program_->pid(), interrupt->signal);
        }
      }
    }
    return *end_;
  }

  const CaptureOptions& options_;
  const Kind& kind_;
  Recorder& recorder_;
  InterruptGuard interrupts_;
  std::optional<WaitingProgram> program_;
  Rings rings_;
  std::vector<uint8_t> head_;
  std::optional<KernelChanges> kernel_changes_;
  std::optional<HardwareCapture> capture_;
  std::optional<ControlFifo> control_;
  bool stop_ = false;
  PollSet polled_;
  UniqueFd end_fd_;
  uint64_t enable_at_ns_ = 0;
  bool enabled_ = false;
  std::optional<CpuWatch> cpus_;
  std::optional<SnapshotSignal> signal_;
  unsigned snapshots_ = 0;
  int signals_ = 0;
  std::optional<int> end_;
};

class HardwareSource : public Source {
 public:
  HardwareSource(const CaptureOptions& options, const Kind& kind)
      : options_(options), kind_(kind) {
    // Whatever is wrong with the command line is told before anything runs.
    if (kind.is_pt) PtConfig(bindings::Pmu(kind.pmu), options.pt_terms);
    if (!options.filter.empty()) {
      resolve_filter(parse_filter(options.filter));
    }
    check_snapshot();
    function_triggers(options);
  }

  ProgramEnd run(Recorder& recorder) override {
    try {
      return Session(options_, kind_, recorder).run();
    } catch (const bindings::PerfError& error) {
      throw CaptureError(error.what());
    }
  }

 private:
  void check_snapshot() const {
    if (!options_.triggers.empty() && !options_.snapshot) {
      throw UsageError("--trigger goes with --snapshot");
    }
    if (!options_.snapshot) return;
    if (options_.snapshot_bytes && options_.aux_size_bytes) {
      throw UsageError(
          "--snapshot=SIZE is the size of the AUX area: no "
          "--aux-size beside it");
    }
    const bool one_thread =
        std::holds_alternative<AttachThread>(options_.target);
    const bool system = std::holds_alternative<WholeSystem>(options_.target);
    if (!kind_.is_pt && !one_thread) {
      throw UsageError(
          "--snapshot: BTS records do not say which thread's they "
          "are\n  -t TID takes one thread's");
    }
    for (const auto& [term, value] : options_.pt_terms) {
      if (term != "tsc" || value != 0 || one_thread || system) continue;
      throw UsageError(
          "--snapshot: --pt tsc=0 leaves no way to tell the bytes "
          "of threads on one CPU apart\n  -t TID takes one "
          "thread's");
    }
  }

  CaptureOptions options_;
  const Kind& kind_;
};

// Why an event of this thread cannot be opened, in one line.
std::string probe(const Kind& kind, const bindings::EventAttr& attr) {
  std::error_code ec;
  const bindings::Target self = bindings::Target::self();
  if (bindings::Event::open(attr, self, {}, ec)) return "";
  const std::string advice =
      bindings::open_advice(ec.value(), attr, self, bindings::Kernel::real());
  return std::string("opening ") + kind.pmu + ": " + ec.message() +
         (advice.empty() ? "" : " (" + advice + ")");
}

}  // namespace

std::string probe_pt(const CaptureOptions& /*options*/) {
  if (!bindings::Pmu::find(kPtKind.pmu)) {
    return "there is no Intel PT here (no intel_pt PMU: another vendor's CPU, "
           "a virtual machine, or a kernel without it)";
  }
  return probe(kPtKind, bindings::EventAttr::intel_pt());
}

std::unique_ptr<Source> make_pt_source(const CaptureOptions& options) {
  return std::make_unique<HardwareSource>(options, kPtKind);
}

std::string probe_bts(const CaptureOptions& /*options*/) {
  if (!bindings::Pmu::find(kBtsKind.pmu)) {
    return "there is no Intel BTS here (no intel_bts PMU)";
  }
  return probe(kBtsKind, bindings::EventAttr::intel_bts().user_only());
}

std::unique_ptr<Source> make_bts_source(const CaptureOptions& options) {
  return std::make_unique<HardwareSource>(options, kBtsKind);
}

}  // namespace ptcap::capture
