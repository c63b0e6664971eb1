// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From the steps of one thread to its PT stream.

#ifndef PTCAP_CAPTURE_STEP_THREAD_FLOW_H_
#define PTCAP_CAPTURE_STEP_THREAD_FLOW_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "capture/recorder.h"
#include "capture/step/address_space.h"
#include "capture/step/step_insn.h"
#include "formats/pt/flow_encoder.h"

namespace ptcap::capture {

// The flow is closed while the thread is in the kernel, and opens with the
// next instruction that has run: a thread that is told of a signal may never
// come back to where it was. Every method takes the address of an instruction
// that has run or would have.
class ThreadFlow {
 public:
  ThreadFlow(pid_t pid, pid_t tid, const SoftwarePtTerms& terms, x86::Mode mode,
             Recorder& recorder);

  // The instruction at `from` ran and went to `to`. False if it cannot have
  // gone there: the kernel moved the thread (a restartable sequence was
  // aborted), which is recorded as such. A `rep` instruction that is at it
  // again has not run yet: nothing is recorded.
  bool step(const StepInsn& step, uint64_t from, uint64_t to,
            x86::Mode mode_after);

  // The instruction at `from` ran and called the kernel.
  void enter_kernel(uint64_t from);

  // The thread was interrupted before the instruction at `at`.
  void interrupt(uint64_t at);

  // Makes sure that decoders have the instruction at `ip` as it is now (`code`
  // holds it), before it runs.
  void check_code(pid_t tid, uint64_t ip, formats::Bytes code,
                  AddressSpace& space);

  // In the kernel anything may happen; code that comes next runs in `mode`.
  void set_mode(x86::Mode mode);

  // A time packet before the instruction at `ip` and all that comes later, so
  // that decoders see it run behind what was mapped before.
  void mark_time(uint64_t ip);

  // Hands over the bytes so far.
  void flush();
  // Closes the flow before the instruction at `ip`. Once, last.
  void end(uint64_t ip);

 private:
  void open(uint64_t ip);
  bool goes_to(const StepInsn& step, uint64_t from, uint64_t to) const;
  void encode(const x86::Insn& insn, uint64_t from, uint64_t to,
              x86::Mode mode_after);
  void keep_up(uint64_t next_ip);
  void keep_time(uint64_t next_ip);
  bool sees_current(uint64_t begin, formats::Bytes code,
                    const AddressSpace& space) const;
  void drop_stale_views(const AddressSpace& space);

  Recorder& recorder_;
  pt::FlowEncoder encoder_;
  std::vector<uint8_t> buffer_;
  uint32_t stream_;
  x86::Mode mode_;
  unsigned steps_until_clock_ = 0;

  // What decoders take generated pages to be.
  std::unordered_map<uint64_t, std::shared_ptr<const PageBytes>> views_;
  uint64_t views_version_ = 0;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_STEP_THREAD_FLOW_H_
