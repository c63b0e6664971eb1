// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/thread_flow.h"

#include <algorithm>

namespace ptcap::capture {
namespace {

using x86::InsnClass;

// Of PT; a thread that steps at full speed fills it in some seconds.
constexpr size_t kBufferSize = 16384;
constexpr uint64_t kTimeInterval = 1'000'000;  // ns
// Half a millisecond of stepping.
constexpr unsigned kStepsBetweenClocks = 25;
// 16 MB a thread; when exceeded, pages are recorded again.
constexpr size_t kMaxViews = 4096;

uint8_t mode_exec(x86::Mode mode) {
  return mode == x86::Mode::k64 ? pt::kModeExec64 : pt::kModeExec32;
}

pt::FlowEncoderOptions encoder_options(const SoftwarePtTerms& terms,
                                       x86::Mode mode) {
  pt::FlowEncoderOptions options;
  options.psb_period_bytes = terms.psb_period_bytes();
  options.mode_exec = mode_exec(mode);
  options.compress_returns = terms.compress_returns;
  options.tsc = terms.tsc;
  options.tsc_interval = kTimeInterval;
  return options;
}

}  // namespace

ThreadFlow::ThreadFlow(pid_t pid, pid_t tid, const SoftwarePtTerms& terms,
                       x86::Mode mode, Recorder& recorder)
    : recorder_(recorder),
      encoder_(encoder_options(terms, mode)),
      buffer_(kBufferSize),
      stream_(recorder.add_stream(pid, tid, recorder.now_ns())),
      mode_(mode) {
  encoder_.set_buffer(buffer_.data(), buffer_.data() + buffer_.size());
}

bool ThreadFlow::step(const StepInsn& step, uint64_t from, uint64_t to,
                      x86::Mode mode_after) {
  if (step.insn.kind == InsnClass::kOther && to == from) return true;
  open(from);
  const bool explained = goes_to(step, from, to);
  if (explained) {
    encode(step.insn, from, to, mode_after);
  } else {
    encoder_.async_disable(from);
  }
  keep_up(to);
  if (steps_until_clock_-- == 0) keep_time(to);
  return explained;
}

bool ThreadFlow::goes_to(const StepInsn& step, uint64_t from,
                         uint64_t to) const {
  const x86::Insn& insn = step.insn;
  const uint64_t mask = mode_ == x86::Mode::k32 ? 0xffffffff : ~0ull;
  const uint64_t next = (from + insn.length) & mask;
  const uint64_t target =
      (next + static_cast<uint64_t>(int64_t{insn.displacement})) & mask;
  switch (insn.kind) {
    case InsnClass::kCondJump:
      return to == next || to == target;
    case InsnClass::kJump:
    case InsnClass::kCall:
      return to == target;
    case InsnClass::kIndirectJump:
    case InsnClass::kIndirectCall:
    case InsnClass::kReturn:
    case InsnClass::kIret:
    case InsnClass::kFarBranch:
      return true;
    case InsnClass::kSyscall:
    case InsnClass::kSysret:
    case InsnClass::kInterrupt:
    case InsnClass::kVmEntry:
    case InsnClass::kVmExit:
    case InsnClass::kMovToCr3:
    case InsnClass::kPtwrite:
    case InsnClass::kOther:
      break;
  }
  if (insn.length != 0) return to == next;
  return to > from && to - from <= x86::kMaxInsnSize;
}

void ThreadFlow::encode(const x86::Insn& insn, uint64_t from, uint64_t to,
                        x86::Mode mode_after) {
  const uint64_t next = from + insn.length;
  switch (insn.kind) {
    case InsnClass::kCondJump:
      encoder_.cond(to != next);
      return;
    case InsnClass::kCall:
      if (insn.displacement != 0) encoder_.call(next);
      return;
    case InsnClass::kIndirectCall:
      encoder_.call(next);
      encoder_.indirect(to);
      return;
    case InsnClass::kIndirectJump:
      encoder_.indirect(to);
      return;
    case InsnClass::kReturn:
      encoder_.ret(to);
      return;
    case InsnClass::kIret:
    case InsnClass::kFarBranch:
      set_mode(mode_after);
      encoder_.forget_calls();
      encoder_.indirect(to);
      return;
    case InsnClass::kJump:
    case InsnClass::kOther:
    // INTO that found nothing to report; the others fault in user mode.
    case InsnClass::kInterrupt:
    case InsnClass::kSyscall:
    case InsnClass::kSysret:
    case InsnClass::kVmEntry:
    case InsnClass::kVmExit:
    case InsnClass::kMovToCr3:
    case InsnClass::kPtwrite:
      return;
  }
}

void ThreadFlow::enter_kernel(uint64_t from) {
  open(from);
  encoder_.disable();
  keep_up(from);
}

void ThreadFlow::interrupt(uint64_t at) {
  if (!encoder_.enabled()) return;
  encoder_.async_disable(at);
  keep_up(at);
}

void ThreadFlow::set_mode(x86::Mode mode) {
  if (mode == mode_) return;
  mode_ = mode;
  encoder_.set_mode(mode_exec(mode));
}

void ThreadFlow::open(uint64_t ip) {
  if (!encoder_.enabled()) encoder_.enable(ip, recorder_.now_ns());
}

void ThreadFlow::mark_time(uint64_t ip) {
  if (!encoder_.enabled()) return;  // it opens with the time
  encoder_.tsc(recorder_.now_ns());
  keep_up(ip);
}

// REQUIRES of the encoder: at least after every three operations.
void ThreadFlow::keep_up(uint64_t next_ip) {
  if (!encoder_.due()) return;
  if (encoder_.full()) flush();
  encoder_.maintain(next_ip, recorder_.now_ns());
}

void ThreadFlow::keep_time(uint64_t next_ip) {
  steps_until_clock_ = kStepsBetweenClocks;
  const uint64_t now_ns = recorder_.now_ns();
  if (now_ns - encoder_.last_tsc() < kTimeInterval) return;
  encoder_.maintain(next_ip, now_ns);
}

void ThreadFlow::flush() {
  recorder_.add_aux(stream_, {buffer_.data(), encoder_.buffered()},
                    recorder_.now_ns());
  encoder_.set_buffer(buffer_.data(), buffer_.data() + buffer_.size());
}

void ThreadFlow::end(uint64_t ip) {
  interrupt(ip);
  flush();
  recorder_.end_stream(stream_);
}

bool ThreadFlow::sees_current(uint64_t begin, formats::Bytes code,
                              const AddressSpace& space) const {
  for (size_t done = 0; done < code.size();) {
    const uint64_t at = begin + done;
    const uint64_t page = page_of(at);
    const size_t part =
        std::min<size_t>(code.size() - done, page + kPageSize - at);
    const AddressSpace::Region* region = space.find(at);
    if (region != nullptr && region->kind != CodeKind::kImage) {
      const auto view = views_.find(page);
      if (view == views_.end()) return false;
      const uint8_t* seen = view->second->data() + (at - page);
      if (!std::equal(seen, seen + part, code.data() + done)) return false;
    }
    done += part;
  }
  return true;
}

void ThreadFlow::check_code(pid_t tid, uint64_t ip, formats::Bytes code,
                            AddressSpace& space) {
  if (views_version_ != space.version()) drop_stale_views(space);
  if (sees_current(ip, code, space)) return;
  if (views_.size() >= kMaxViews) views_.clear();
  const uint64_t now_ns = recorder_.now_ns();
  const uint64_t psb_offset = encoder_.enabled()
                                  ? encoder_.restart(ip, now_ns)
                                  : encoder_.enable_behind_psb(ip, now_ns);
  for (uint64_t page = page_of(ip); page < ip + code.size();
       page += kPageSize) {
    const AddressSpace::Region* region = space.find(page);
    if (region == nullptr || region->kind == CodeKind::kImage) continue;
    const auto bytes = space.snapshot(tid, page);
    if (bytes == nullptr) continue;
    recorder_.code_of_stream(stream_, psb_offset, page, *bytes,
                             region->mapping.name, now_ns);
    views_[page] = bytes;
  }
  keep_up(ip);
}

void ThreadFlow::drop_stale_views(const AddressSpace& space) {
  views_version_ = space.version();
  std::erase_if(views_, [&space](const auto& view) {
    const AddressSpace::Region* region = space.find(view.first);
    return region == nullptr || region->kind == CodeKind::kImage;
  });
}

}  // namespace ptcap::capture
