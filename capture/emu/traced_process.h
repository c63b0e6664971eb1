// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// One traced process between two execs: what its messages say, as records.

#ifndef PTCAP_CAPTURE_EMU_TRACED_PROCESS_H_
#define PTCAP_CAPTURE_EMU_TRACED_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "capture/emu/code_images.h"
#include "capture/emu/messages.h"
#include "capture/recorder.h"

namespace ptcap::capture::emu {

// What messages need to know of other processes and threads.
class TraceDirectory {
 public:
  virtual ~TraceDirectory() = default;
  // The name of the process that lives as `pid`; empty if it is not traced.
  virtual std::string process_name(pid_t pid) const = 0;
  // The recorder's number of a thread's stream.
  virtual std::optional<uint32_t> stream(uint32_t slot,
                                         uint32_t generation) = 0;
  // Something that `ptcap -v` says.
  virtual void note(const std::string& text) = 0;
  // Something that its user should know.
  virtual void note_less_exact(const std::string& text) = 0;
};

class TracedProcess {
 public:
  TracedProcess(Recorder& recorder, MappedFiles& files,
                TraceDirectory& directory)
      : recorder_(recorder), files_(files), directory_(directory) {}

  // Messages in the order written. `bytes` holds whole ones; false if they are
  // not what messages look like, and none behind was read.
  bool read(formats::Bytes bytes);

  // Valid once the first message was read.
  bool is_known() const { return code_.has_value(); }
  pid_t pid() const { return pid_; }
  pid_t parent_pid() const { return parent_pid_; }
  const std::string& name() const { return name_; }
  // Whether it came by an execve and began to run the program.
  bool has_run_code() const { return has_run_code_; }

  void flush() {
    if (code_) code_->flush();
  }

 private:
  bool read_message(MessageKind kind, formats::Bytes body);
  void start(const ProcessMessage& message, const std::string& name);
  void map(const MappingMessage& message, const std::string& path);
  void restart(const RestartMessage& message);
  void not_followed(const std::string& what);

  Recorder& recorder_;
  MappedFiles& files_;
  TraceDirectory& directory_;
  pid_t pid_ = 0;
  pid_t parent_pid_ = 0;
  std::string name_;
  bool is_executed_ = false;
  bool has_run_code_ = false;
  std::optional<CodeImages> code_;
};

}  // namespace ptcap::capture::emu

#endif  // PTCAP_CAPTURE_EMU_TRACED_PROCESS_H_
