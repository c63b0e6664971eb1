// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Takes what is in the arena: drains rings into the recorder, finishes the
// streams of threads that ended or died, gives slots back.

#ifndef PTCAP_CAPTURE_EMU_COLLECTOR_H_
#define PTCAP_CAPTURE_EMU_COLLECTOR_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "capture/emu/arena_owner.h"
#include "capture/emu/traced_process.h"
#include "capture/recorder.h"

namespace ptcap::capture::emu {

// Who is told what, one sentence at a time.
struct CollectorNotes {
  using Note = std::function<void(const std::string&)>;
  Note detail;      // what `ptcap -v` says
  Note less_exact;  // what the user should know; each sentence once
};

class Collector final : private TraceDirectory {
 public:
  Collector(ArenaOwner& owner, Recorder& recorder, CollectorNotes notes);
  ~Collector() override;

  // Takes every full chunk, and closes what has ended. Often.
  void collect();

  // Takes what is in part-filled chunks, too.
  void flush();

  // The recording ends: takes all that is left. Nobody drains after this, so
  // the emulators no longer wait. What still runs is a loss.
  void finish();

  // Whether any emulator has loaded the plugin.
  bool has_seen_process() const { return has_seen_process_; }

 private:
  struct Ring;
  struct Thread;
  struct Process;

  // TraceDirectory
  std::string process_name(pid_t pid) const override;
  std::optional<uint32_t> stream(uint32_t slot, uint32_t generation) override;
  void note(const std::string& text) override;
  void note_less_exact(const std::string& text) override;

  void adopt_new_slots();
  void adopt_process(uint32_t slot);
  void adopt_thread(uint32_t slot);
  Process* process_in(uint32_t slot);

  void drain(Process& process, bool with_rest);
  void drain(Thread& thread, bool with_rest);
  void close_dead_processes();
  void close(Process& process);
  void close(Thread& thread);
  void distrust(Process& process);
  void distrust(Thread& thread);
  void report_unserved();

  ArenaOwner& owner_;
  Recorder& recorder_;
  CollectorNotes notes_;
  std::set<std::string> less_exact_;  // told already
  MappedFiles files_;
  std::map<uint32_t, std::unique_ptr<Process>> processes_;  // by slot
  std::map<uint32_t, std::unique_ptr<Thread>> threads_;     // by slot
  // Streams of all threads ever, by slot and generation.
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> streams_;
  bool has_seen_process_ = false;
  bool finished_ = false;
};

}  // namespace ptcap::capture::emu

#endif  // PTCAP_CAPTURE_EMU_COLLECTOR_H_
