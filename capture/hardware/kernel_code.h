// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Puts the kernel's code into a trace of ring 0, and follows its changes.

#ifndef PTCAP_CAPTURE_HARDWARE_KERNEL_CODE_H_
#define PTCAP_CAPTURE_HARDWARE_KERNEL_CODE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "capture/hardware/kernel_layout.h"
#include "capture/recorder.h"
#include "formats/perf/record.h"

namespace ptcap::capture {

// It is the code of every process (Recorder::kEveryProcess). One thread.
class KernelCode {
 public:
  explicit KernelCode(Recorder& recorder) : recorder_(recorder) {}

  // As it stands now, at time 0; before anything is traced, and again in
  // another file. Where it cannot be read, the trace is without it.
  void record_existing();

  // Code that the kernel has made or changed.
  void note(const formats::KsymbolRecord& record, uint64_t time_ns);
  void note(const formats::TextPokeRecord& record, uint64_t time_ns);

  // Why code is not in the trace, for people; empty if it is.
  const std::string& missing() const { return missing_; }

 private:
  void record(const KernelRange& range, const std::vector<uint8_t>& build_id);

  Recorder& recorder_;
  std::optional<Kcore> kcore_;
  std::string missing_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_KERNEL_CODE_H_
