// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/libipt/engine.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <utility>

#include "formats/pt/packet.h"
#include "formats/pt/packet_writer.h"
#include "formats/pt/scanner.h"

namespace ptcap::decode {

namespace {

ExecMode exec_mode(pt_exec_mode mode) {
  switch (mode) {
    case ptem_16bit:
      return ExecMode::k16;
    case ptem_32bit:
      return ExecMode::k32;
    case ptem_unknown:
    case ptem_64bit:
      return ExecMode::k64;
  }
  return ExecMode::k64;
}

uint8_t mode_payload(ExecMode mode) {
  switch (mode) {
    case ExecMode::k16:
      return 0;
    case ExecMode::k32:
      return pt::kModeExec32;
    case ExecMode::k64:
      return pt::kModeExec64;
  }
  return pt::kModeExec64;
}

FlowCause gap_cause(int error) {
  switch (pt_errcode(error)) {
    case pte_nomap:
      return FlowCause::kNoCode;
    case pte_bad_opc:
    case pte_bad_packet:
      return FlowCause::kCorrupt;
    default:
      return FlowCause::kDesync;
  }
}

pt_config make_config(const PtSettings& settings, std::span<uint8_t> bytes) {
  pt_config config;
  pt_config_init(&config);
  config.begin = bytes.data();
  config.end = bytes.data() + bytes.size();
  if (settings.cpu) {
    config.cpu = {pcv_intel, settings.cpu->family, settings.cpu->model,
                  settings.cpu->stepping};
    // A CPU that libipt does not know has no errata; who reads the trace says
    // so once.
    pt_cpu_errata(&config.errata, &config.cpu);
  }
  config.mtc_freq = settings.mtc_freq;
  config.nom_freq = settings.nom_freq;
  config.cpuid_0x15_eax = settings.tsc_ctc_denominator;
  config.cpuid_0x15_ebx = settings.tsc_ctc_numerator;
  return config;
}

// With many streams open at once windows are small, and so is what else each
// of them holds.
size_t insn_slots(uint64_t window_size) {
  return std::bit_floor(
      std::clamp<uint64_t>(window_size / 64, 1 << 10, 1 << 14));
}

// Where libipt stops when it reads ahead. Not at a FUP, which it takes together
// with what belongs to it.
bool stops_reading(pt::PacketType type) {
  return is_flow(type) && type != pt::PacketType::kFup &&
         type != pt::PacketType::kOvf;
}

}  // namespace

LibiptEngine::LibiptEngine(StreamInput input, SectionCache& sections,
                           uint64_t window_size, IptKind kind)
    : input_(std::move(input)),
      sections_(sections),
      windows_(*input_.aux, window_size),
      insns_(insn_slots(window_size)),
      kind_(kind),
      next_offset_(input_.begin),
      mode_(input_.settings.mode) {}

LibiptEngine::~LibiptEngine() = default;

bool LibiptEngine::next(FlowBatch& batch) {
  batch.clear();
  const size_t wanted = std::max<size_t>(batch.capacity(), 64);
  builder_.set_batch(&batch);
  while (!done_ && batch.size() + 4 < wanted) {
    if (decoder_) {
      step();
    } else if (!open_window()) {
      finish_stream();
    }
  }
  return !batch.empty();
}

// ---------------------------------------------------------------- windows

bool LibiptEngine::open_window() {
  const auto pieces = input_.aux->pieces();
  if (pieces.empty()) return false;
  const uint64_t from = std::max(next_offset_, pieces.front().offset);
  window_ = windows_.next(from, input_.code.next_offset(), input_.end);
  if (!window_) return false;
  if (input_.code.next_offset().value_or(~0ull) <= window_->offset) {
    // It begins at a change; the one behind that cuts it.
    if (input_.code.advance_offset(window_->offset)) insns_.clear();
    window_ = windows_.next(from, input_.code.next_offset(), input_.end);
  }
  if (window_->offset > from && !gap_ &&
      holds_flow(*input_.aux, from, window_->offset)) {
    open_gap(FlowCause::kDesync, std::nullopt, 0);
  }
  next_offset_ = window_->end_offset();
  start_decoder();
  return true;
}

// A PSB+ without MODE.Exec leaves libipt without a mode: one is put into it,
// which moves the PSB two bytes down.
void LibiptEngine::start_decoder() {
  auto bytes = window_->bytes;
  foreign_ = {};
  if (input_.events != nullptr || input_.settings.foreign_packets) {
    foreign_ = hide_foreign_packets(bytes);
  }
  if (input_.settings.cycles) cycles_.read(bytes, window_->offset);
  shift_ = 0;
  if (!window_->header.has_mode && bytes.size() >= pt::kPsbSize) {
    uint8_t room[pt::kMaxWriteSize * 2];
    shift_ = static_cast<uint64_t>(
        pt::put_mode_exec(room, mode_payload(mode_)) - room);
    uint8_t* begin = bytes.data() - shift_;
    std::memmove(begin, bytes.data(), pt::kPsbSize);
    std::memcpy(begin + pt::kPsbSize, room, shift_);
    bytes = {begin, bytes.size() + shift_};
  }
  const pt_config config = make_config(input_.settings, bytes);
  decoder_ = make_ipt_decoder(kind_, config);
  set_code();
  tail_.clear();
  next_flow_ = window_->offset + pt::kPsbSize;
  find_next_psb();
  unmoved_ = 0;
  abort_ = false;
  status_ = decoder_->sync(0);
  if (status_ < 0) return fail(status_, {});
  settle_start((status_ & pts_ip_suppressed) == 0);
}

// What the first state of a window means after what was before.
void LibiptEngine::settle_start(bool on) {
  std::optional<uint64_t> ip;
  if (on) ip = window_->header.ip.value_or(0);
  if (restart_) builder_.expect_restart();
  restart_ = false;
  started_ = true;
  const auto resume = std::exchange(resume_ip_, std::nullopt);
  const uint64_t time = time_now();
  if (gap_) {
    cycles_.take(position());  // nobody knows what they were for
    const FlowItem gap = *gap_;
    gap_.reset();
    put_gap(gap, ip);
    return;
  }
  if (resume == ip) return;
  pass_slice(time, position());
  if (resume) {  // the PSB+ says that tracing is off
    FlowItem gap = event_item(FlowKind::kGap, time_);
    gap.cause = FlowCause::kDesync;
    gap.has_from = true;
    gap.from = *resume;
    builder_.event(gap);
    return;
  }
  FlowItem item = event_item(FlowKind::kOn, time_);
  item.has_to = true;
  item.to = ip.value_or(0);
  builder_.event(item);
}

void LibiptEngine::close_window() {
  put_foreign(~0ull);
  decoder_.reset();
  switch (window_->end) {
    case AuxWindow::End::kPsb:
      leave_window_at_psb();
      return;
    case AuxWindow::End::kChange:
      release_tail();
      if (!builder_.on()) {
        restart_ = true;
        return;
      }
      leave_window_at_psb();
      return;
    case AuxWindow::End::kHole:
      release_tail();
      open_gap(FlowCause::kLost, std::nullopt, 0);
      return;
    case AuxWindow::End::kStream:
      release_tail();
      return;
  }
}

void LibiptEngine::leave_window_at_psb() {
  const auto ip = window_->next.ip;
  if (tail_is_on() && ip && cut_tail(*ip)) {
    release_tail();
    resume_ip_ = ip;
    return;
  }
  release_tail();
  if (builder_.on()) open_gap(FlowCause::kDesync, std::nullopt, 0);
}

void LibiptEngine::finish_stream() {
  done_ = true;
  if (gap_) {
    builder_.event(*gap_);
    gap_.reset();
  } else if (!started_) {
    const auto pieces = input_.aux->pieces();
    const bool lost = !pieces.empty() &&
                      holds_flow(*input_.aux, pieces.front().offset,
                                 pieces.back().offset + pieces.back().size);
    if (lost && input_.begin == 0) {
      FlowItem gap = event_item(FlowKind::kGap, 0);
      gap.cause = FlowCause::kDesync;
      builder_.event(gap);
    }
  } else if (builder_.on() && !resume_ip_) {
    FlowItem off = event_item(FlowKind::kOff, time_);
    off.cause = FlowCause::kEnd;
    if (const FlowItem* block = builder_.last_block()) {
      off.has_from = true;
      off.from = block->last;
    }
    builder_.event(off);
  }
  builder_.flush();
}

// ------------------------------------------------------------------- steps

void LibiptEngine::step() {
  if ((status_ & pts_event_pending) != 0) return take_event();
  if (!foreign_.by_offset.empty()) put_foreign(position());
  // Before libipt reads on: the packet that ends the block comes next, and what
  // the packets in front of it say of the time is known.
  const uint64_t time = time_now();
  const uint64_t read = input_.settings.cycles ? position() : 0;
  pt_block block;
  status_ = decoder_->next(block);
  if (block.ninsn != 0) [[likely]] {
    take_block(block, time, read);
    if (!decoder_) return;
  }
  if (status_ < 0) [[unlikely]] {
    if (status_ == -pte_eos) return close_window();
    return fail(status_, block);
  }
  if (loops(block)) fail(-pte_bad_query, block);
}

void LibiptEngine::take_block(const pt_block& block, uint64_t time,
                              uint64_t read) {
  if (input_.code.has_slices()) pass_slice_in_kernel(block, time);
  mode_ = exec_mode(block.mode);
  const InsnInfo& insn = insns_.at(*input_.code.view(), block.end_ip, mode_);
  FlowItem item;
  item.branch = insn.branch;
  item.mode = mode_;
  item.ninsn = block.ninsn;
  item.begin = block.ip;
  item.last = block.end_ip;
  item.end = block.end_ip + insn.size;
  item.time = input_.code.time_in_slice(time);
  item.slice = input_.code.slice();
  item.offset = position();
  if (input_.settings.cycles) item.detail = cycles_.take(read);
  unmoved_ = needs_packet(item.branch) ? 0 : unmoved_ + 1;
  put(item);
}

// Whether only direct branches led from this block back to it: no packet ends
// that, and only a stream that does not belong to the code leads there. Finds
// it by comparing with the block at the last power of two.
bool LibiptEngine::loops(const pt_block& block) {
  if (unmoved_ > 1 && block.ip == anchor_) return true;
  if ((unmoved_ & (unmoved_ - 1)) == 0) anchor_ = block.ip;
  return false;
}

// Items that stand behind a PSB that libipt has read ahead may be cut off
// again: the flow may not have passed it.
void LibiptEngine::put(const FlowItem& item) {
  if (item.offset >= next_psb_) return put_in_tail(item);
  if (item.kind == FlowKind::kBlock) [[likely]] {
    builder_.block(item);
  } else {
    builder_.event(item);
  }
}

void LibiptEngine::put_in_tail(const FlowItem& item) {
  if (item.offset <= next_flow_) {
    tail_.push_back(item);
    tail_.back().offset = next_psb_;  // from there it may be decoded again
    return;
  }
  // A packet behind the PSB was needed, so it is passed.
  if (!agrees_with_psb(item)) {
    release_tail();
    open_gap(FlowCause::kDesync, std::nullopt, 0);
    resume_at(next_psb_);
    decoder_.reset();
    return;
  }
  release_tail();
  find_next_psb();
  put(item);
}

void LibiptEngine::take_event() {
  unmoved_ = 0;  // a packet made it, so the flow does not stand still
  // Behind the packet that made it; the call below may go on to the next one.
  const uint64_t offset = position();
  pt_event event;
  status_ = decoder_->event(event);
  if (status_ < 0) return fail(status_, {});
  const uint64_t time = event_time(event);
  if (event.status_update == 0) put_foreign(offset);
  switch (event.type) {
    case ptev_enabled: {
      abort_ = false;  // if one was told, it has led out of what is traced
      pass_time(time);
      pass_slice(time, offset);
      FlowItem item = event_item(FlowKind::kOn, time);
      item.has_to = true;
      item.to = event.variant.enabled.ip;
      return put(item);
    }
    case ptev_disabled:
      return take_disabled(event);
    case ptev_async_disabled: {
      FlowItem item = event_item(FlowKind::kOff, time);
      item.cause = FlowCause::kAsync;
      item.has_from = true;
      item.from = event.variant.async_disabled.at;
      return put(item);
    }
    case ptev_async_branch: {
      FlowItem item =
          event_item(abort_ ? FlowKind::kTxAbort : FlowKind::kAsync, time);
      abort_ = false;
      item.has_from = true;
      item.from = event.variant.async_branch.from;
      item.has_to = event.ip_suppressed == 0;
      item.to = item.has_to ? event.variant.async_branch.to : 0;
      return put(item);
    }
    case ptev_overflow:
      abort_ = false;
      return take_overflow(event, offset);
    case ptev_stop:
      release_tail();
      builder_.set_off_cause(FlowCause::kStop);
      return put_other({"stop", {}}, std::nullopt, time);
    case ptev_tsx:
      abort_ = event.variant.tsx.aborted != 0;
      return take_other(event, time);
    default:
      return take_other(event, time);
  }
}

namespace {

unsigned mode_bits(pt_exec_mode mode) {
  switch (mode) {
    case ptem_16bit:
      return 16;
    case ptem_32bit:
      return 32;
    case ptem_64bit:
      return 64;
    case ptem_unknown:
      break;
  }
  return 0;
}

// Whether a state is another one than was told last.
bool changes(std::optional<uint64_t>& told, uint64_t value) {
  return std::exchange(told, value) != value;
}

std::optional<uint64_t> ip_of(const pt_event& event, uint64_t ip) {
  if (event.ip_suppressed != 0) return std::nullopt;
  return ip;
}

}  // namespace

// Events that are not of the flow.
void LibiptEngine::take_other(const pt_event& event, uint64_t time) {
  if (input_.events == nullptr) return;
  const auto& v = event.variant;
  switch (event.type) {
    case ptev_tsx: {
      const bool inside = v.tsx.speculative != 0;
      if (v.tsx.aborted == 0 && inside == in_transaction_) return;
      in_transaction_ = inside;
      const char* name = v.tsx.aborted != 0 ? "tx-abort"
                         : inside           ? "tx-begin"
                                            : "tx-commit";
      return put_other({name, {}}, ip_of(event, v.tsx.ip), time);
    }
    case ptev_exec_mode: {
      const unsigned bits = mode_bits(v.exec_mode.mode);
      if (!changes(told_.mode, bits)) return;
      return put_other({"exec-mode", {{"bits", bits}}},
                       ip_of(event, v.exec_mode.ip), time);
    }
    case ptev_paging:
      if (!changes(told_.cr3, v.paging.cr3)) return;
      return put_other(
          {"paging",
           {{"cr3", v.paging.cr3, true}, {"non_root", v.paging.non_root}}},
          std::nullopt, time);
    case ptev_async_paging:
      if (!changes(told_.cr3, v.async_paging.cr3)) return;
      return put_other({"paging",
                        {{"cr3", v.async_paging.cr3, true},
                         {"non_root", v.async_paging.non_root}}},
                       ip_of(event, v.async_paging.ip), time);
    case ptev_vmcs:
      if (!changes(told_.vmcs, v.vmcs.base)) return;
      return put_other({"vmcs", {{"base", v.vmcs.base, true}}}, std::nullopt,
                       time);
    case ptev_async_vmcs:
      if (!changes(told_.vmcs, v.async_vmcs.base)) return;
      return put_other({"vmcs", {{"base", v.async_vmcs.base, true}}},
                       ip_of(event, v.async_vmcs.ip), time);
    case ptev_exstop: {
      StreamEvent stop("exstop", {});
      if (!foreign_.stops.empty()) {
        stop = foreign_.stops.front();
        foreign_.stops.pop_front();
      }
      return put_other(stop, ip_of(event, v.exstop.ip), time);
    }
    case ptev_mwait:
      return put_other(
          {"mwait",
           {{"hints", v.mwait.hints, true}, {"extensions", v.mwait.ext, true}}},
          ip_of(event, v.mwait.ip), time);
    case ptev_pwre:
      return put_other({"pwre",
                        {{"state", v.pwre.state},
                         {"sub_state", v.pwre.sub_state},
                         {"hw", v.pwre.hw}}},
                       std::nullopt, time);
    case ptev_pwrx:
      return put_other({"pwrx",
                        {{"last", v.pwrx.last},
                         {"deepest", v.pwrx.deepest},
                         {v.pwrx.interrupt != 0 ? "interrupt"
                          : v.pwrx.store != 0   ? "store"
                                                : "autonomous",
                          1}}},
                       std::nullopt, time);
    case ptev_ptwrite:
      return put_other(
          {"ptwrite",
           {{"payload", v.ptwrite.payload, true}, {"size", v.ptwrite.size}}},
          ip_of(event, v.ptwrite.ip), time);
    case ptev_cbr:
      if (!changes(told_.cbr, v.cbr.ratio)) return;
      return put_other({"cbr", {{"ratio", v.cbr.ratio}}}, std::nullopt, time);
    case ptev_mnt:
      return put_other({"mnt", {{"payload", v.mnt.payload, true}}},
                       std::nullopt, time);
    case ptev_enabled:
    case ptev_disabled:
    case ptev_async_disabled:
    case ptev_async_branch:
    case ptev_overflow:
    case ptev_stop:
    case ptev_tick:  // not asked for
      return;
  }
  // Of a later libipt.
  put_other({"event", {{"type", static_cast<uint64_t>(event.type)}}},
            std::nullopt, time);
}

void LibiptEngine::put_other(const StreamEvent& event,
                             std::optional<uint64_t> ip, uint64_t time) {
  if (input_.events == nullptr) return;
  FlowItem item = event_item(FlowKind::kOther, time);
  item.has_from = ip.has_value();
  item.from = ip.value_or(0);
  item.detail = input_.events->add(event);
  put(item);
}

// What stands in front of that offset of the stream, and only we know.
void LibiptEngine::put_foreign(uint64_t until) {
  if (input_.events == nullptr) return;
  while (!foreign_.by_offset.empty()) {
    const auto [offset, event] = foreign_.by_offset.front();
    if (window_->offset + offset > until) return;
    foreign_.by_offset.pop_front();
    FlowItem item = event_item(FlowKind::kOther, time_);
    item.offset = window_->offset + offset;
    item.detail = input_.events->add(event);
    put(item);
  }
}

void LibiptEngine::take_overflow(const pt_event& event, uint64_t offset) {
  release_tail();
  FlowItem gap = event_item(FlowKind::kGap, event_time(event));
  gap.offset = offset;
  gap.cause = FlowCause::kOverflow;
  if (const FlowItem* block = builder_.last_block()) {
    gap.has_from = true;
    gap.from = block->last;
  }
  put_gap(gap, event.ip_suppressed == 0
                   ? std::optional(event.variant.overflow.ip)
                   : std::nullopt);
}

// A gap, behind which the flow goes on at `ip` (nowhere yet if nullopt). On a
// CPU it may have swallowed more than one thread.
void LibiptEngine::put_gap(FlowItem gap, std::optional<uint64_t> ip) {
  const uint32_t slice = input_.code.slice();
  if (pass_slice(time_, position())) return lose_slices(gap, slice, ip);
  gap.has_to = ip.has_value();
  gap.to = ip.value_or(0);
  builder_.event(gap);
}

// Each thread that ran since slice `from` has lost something.
void LibiptEngine::lose_slices(FlowItem gap, uint32_t from,
                               std::optional<uint64_t> ip) {
  const CpuTimeline& timeline = input_.code.timeline();
  gap.has_to = false;
  gap.to = 0;
  builder_.event(gap);
  gap.has_from = false;
  gap.from = 0;
  // The one that runs when it resumes may have run elsewhere meanwhile.
  std::set<uint32_t> told = {timeline.slices[from].tid};
  for (uint32_t i = from + 1; i < input_.code.slice(); ++i) {
    if (!told.insert(timeline.slices[i].tid).second) continue;
    gap.slice = i;
    if (!timeline.by_offset) gap.time = timeline.slices[i].begin;
    builder_.event(gap);
  }
  gap.slice = input_.code.slice();
  gap.time = input_.code.time_in_slice(time_);
  gap.has_to = ip.has_value();
  gap.to = ip.value_or(0);
  builder_.event(gap);
}

// Where it went is in the packet, or in the instruction, or not known.
void LibiptEngine::take_disabled(const pt_event& event) {
  FlowItem item = event_item(FlowKind::kOff, event_time(event));
  item.cause = FlowCause::kFilter;
  const FlowItem* block = builder_.last_block();
  if (!tail_.empty() && tail_.back().kind == FlowKind::kBlock) {
    block = &tail_.back();
  }
  item.has_to = event.ip_suppressed == 0;
  if (item.has_to) item.to = event.variant.disabled.ip;
  if (block != nullptr) {
    item.from = block->last;
    item.has_from = true;
    const BranchClass branch = block->branch;
    if (branch == BranchClass::kSyscall || branch == BranchClass::kInterrupt) {
      item.cause = FlowCause::kSyscall;
    } else if (!item.has_to &&
               (branch == BranchClass::kJump || branch == BranchClass::kCall)) {
      item.has_to = true;
      item.to = insns_.at(*input_.code.view(), block->last, block->mode).target;
    }
  }
  if (item.has_to && item.cause == FlowCause::kFilter) {
    item.has_from = true;
    item.from = item.to;
  }
  put(item);
}

// Where libipt failed: `block` begins there, or it leads there.
void LibiptEngine::fail(int error, const pt_block& block) {
  const auto ip = next_psb_ == ~0ull ? std::nullopt : next_header().ip;
  if (ip) cut_tail(*ip);
  release_tail();
  std::optional<uint64_t> from;
  if (block.ninsn == 0 && block.ip != 0) {
    from = block.ip;
  } else if (const FlowItem* last = builder_.last_block()) {
    switch (last->branch) {
      case BranchClass::kNone:
        from = last->end;
        break;
      case BranchClass::kJump:
      case BranchClass::kCall:
        from = insns_.at(*input_.code.view(), last->last, last->mode).target;
        break;
      default:
        from = last->last;
    }
  }
  open_gap(gap_cause(error), from, error);
  resume_at(std::min(next_psb_, window_->end_offset()));
  put_foreign(next_offset_ - 1);
  decoder_.reset();
}

// Behind the gap that is open: libipt may have read further.
void LibiptEngine::resume_at(uint64_t offset) {
  next_offset_ = offset;
  gap_->offset = std::min(gap_->offset, offset);
}

// Written when it is known where the flow goes on. A gap right behind another
// one is part of it.
void LibiptEngine::open_gap(FlowCause cause, std::optional<uint64_t> from,
                            int error) {
  if (gap_) return;
  gap_ = event_item(FlowKind::kGap, time_);
  gap_->cause = cause;
  gap_->detail = static_cast<uint64_t>(pt_errcode(error));
  if (!from) {
    if (const FlowItem* block = builder_.last_block()) from = block->last;
  }
  gap_->has_from = from.has_value();
  gap_->from = from.value_or(0);
}

// ------------------------------------------------------- stretches at a PSB

void LibiptEngine::find_next_psb() {
  const uint64_t from = next_flow_ - window_->offset;
  const auto psb = find_sync(window_->bytes, from);
  next_flow_ = ~0ull;
  if (psb) {
    next_psb_ = window_->offset + *psb;
    pt::PacketScanner scanner(window_->bytes, *psb);
    pt::Packet packet;
    bool header = true;  // inside of a PSB+
    for (uint64_t at = *psb; scanner.next(packet); at = scanner.offset()) {
      if (packet.type == pt::PacketType::kPsb) header = true;
      if (!header && stops_reading(packet.type)) {
        next_flow_ = window_->offset + at;
        return;
      }
      if (packet.type == pt::PacketType::kPsbEnd) header = false;
    }
  } else if (window_->end == AuxWindow::End::kPsb ||
             window_->end == AuxWindow::End::kChange) {
    next_psb_ = window_->end_offset();
  } else {
    next_psb_ = ~0ull;
  }
}

PsbHeader LibiptEngine::next_header() const {
  if (next_psb_ == window_->end_offset()) return window_->next;
  return parse_psb_header(window_->bytes.subspan(next_psb_ - window_->offset));
}

void LibiptEngine::release_tail() {
  for (const FlowItem& item : tail_) {
    if (item.kind == FlowKind::kBlock) {
      builder_.block(item);
    } else {
      builder_.event(item);
    }
  }
  tail_.clear();
}

// Whether tracing is on behind the tail.
bool LibiptEngine::tail_is_on() const {
  for (size_t i = tail_.size(); i-- > 0;) {
    switch (tail_[i].kind) {
      case FlowKind::kBlock:
      case FlowKind::kOn:
      case FlowKind::kAsync:
      case FlowKind::kTxAbort:
        return true;
      case FlowKind::kOff:
        return false;
      case FlowKind::kGap:
        return tail_[i].has_to;
      case FlowKind::kMode:
      case FlowKind::kOther:
        break;
    }
  }
  return builder_.on();
}

// Where in the last stretch of the tail `ip` stands: a stretch begins behind
// an event, or behind a branch that needed a packet and got it, which that of
// the very last block has not if `open_end`.
std::optional<size_t> LibiptEngine::find_in_tail(uint64_t ip, bool open_end) {
  for (size_t i = tail_.size(); i-- > 0;) {
    const FlowItem& item = tail_[i];
    if (item.kind == FlowKind::kOther) continue;
    if (item.kind != FlowKind::kBlock) {
      const bool leads_there =
          item.kind != FlowKind::kOff && item.has_to && item.to == ip;
      return leads_there ? std::optional(i) : std::nullopt;
    }
    const bool last = open_end && i + 1 == tail_.size();
    if (!last && needs_packet(item.branch)) return std::nullopt;
    if (insns_before(item, ip)) return i;
  }
  return std::nullopt;
}

// How many instructions of the block stand in front of `ip`, if that is one
// of its instructions.
std::optional<uint32_t> LibiptEngine::insns_before(const FlowItem& block,
                                                   uint64_t ip) {
  if (ip < block.begin || ip > block.last) return std::nullopt;
  uint32_t count = 0;
  for (uint64_t at = block.begin; at < ip; ++count) {
    const uint8_t size = insns_.at(*input_.code.view(), at, block.mode).size;
    if (size == 0 || size > ip - at) return std::nullopt;
    at += size;
  }
  return count;
}

// A flow that is out of step often goes on for long; each PSB says where it
// should be. `next` is the first item that needed a packet behind the PSB.
bool LibiptEngine::agrees_with_psb(const FlowItem& next) {
  const PsbHeader header = next_header();
  // Without MODE.Exec libipt may be ahead of the flow here.
  if (!header.whole || !header.has_mode || next.kind == FlowKind::kGap ||
      !tail_is_on()) {
    return true;
  }
  if (!header.ip) return false;
  if (next.kind == FlowKind::kBlock) {
    if (insns_before(next, *header.ip)) return true;
  } else if (next.has_from && next.from == *header.ip) {
    return true;
  }
  return find_in_tail(*header.ip, /*open_end=*/false).has_value();
}

// Drops from the last stretch what stands at `ip` and behind it; false if
// `ip` is not there.
bool LibiptEngine::cut_tail(uint64_t ip) {
  const auto found = find_in_tail(ip, /*open_end=*/true);
  if (!found) return false;
  FlowItem& item = tail_[*found];
  if (item.kind != FlowKind::kBlock) {
    tail_.resize(*found + 1);
  } else if (item.begin == ip) {
    tail_.resize(*found);
  } else {
    tail_.resize(*found + 1);
    cut_block(item, ip);
  }
  return true;
}

// REQUIRES: insns_before(block, ip) is at least 1.
void LibiptEngine::cut_block(FlowItem& block, uint64_t ip) {
  uint64_t last = block.begin;
  uint32_t count = 1;
  for (;;) {
    const uint64_t size = insns_.at(*input_.code.view(), last, block.mode).size;
    if (last + size >= ip) break;
    last += size;
    ++count;
  }
  block.ninsn = count;
  block.last = last;
  block.end = ip;
  block.branch = BranchClass::kNone;
}

// ------------------------------------------------------------ code and time

void LibiptEngine::set_code() {
  image_ = sections_.image(input_.code.view());
  decoder_->set_image(image_.get());
}

void LibiptEngine::pass_time(uint64_t time) {
  if (time == 0 || !input_.code.advance_time(time)) return;
  insns_.clear();
  set_code();
}

// Another thread may run on this CPU from here on: true if it does. Only where
// tracing begins, because user code is not left without packets, however
// inexact the time is.
bool LibiptEngine::pass_slice(uint64_t time, uint64_t offset) {
  if (!input_.code.advance_slice(time, offset)) return false;
  insns_.clear();
  set_code();
  return true;
}

// In kernel code threads change with tracing on.
void LibiptEngine::pass_slice_in_kernel(const pt_block& block, uint64_t time) {
  if (block.ip >> 63 == 0) return;
  FlowItem off = event_item(FlowKind::kOff, time);
  if (!pass_slice(time, position()) || !builder_.on()) return;
  off.cause = FlowCause::kSwitch;
  const FlowItem* last = tail_.empty() ? builder_.last_block() : &tail_.back();
  off.has_from = last != nullptr && last->kind == FlowKind::kBlock;
  off.from = off.has_from ? last->last : 0;
  off.has_to = true;
  off.to = block.ip;
  put(off);
  FlowItem on = event_item(FlowKind::kOn, time);
  on.has_to = true;
  on.to = block.ip;
  put(on);
}

uint64_t LibiptEngine::time_now() {
  if (!input_.settings.clock) return 0;
  uint64_t tsc = 0;
  if (decoder_->time(tsc) < 0) return time_;
  if (tsc != tsc_) {
    tsc_ = tsc;
    time_ = input_.settings.clock->to_ns(tsc);
    pass_time(time_);
  }
  return time_;
}

uint64_t LibiptEngine::event_time(const pt_event& event) const {
  if (!input_.settings.clock || event.has_tsc == 0) return time_;
  return input_.settings.clock->to_ns(event.tsc);
}

// What libipt has read, in the stream; not that the flow has passed it.
uint64_t LibiptEngine::position() const {
  uint64_t offset = 0;
  if (decoder_->offset(offset) < 0) return window_->offset;
  return window_->offset + (offset > shift_ ? offset - shift_ : 0);
}

FlowItem LibiptEngine::event_item(FlowKind kind, uint64_t time) const {
  FlowItem item;
  item.kind = kind;
  item.mode = mode_;
  item.time = input_.code.time_in_slice(time);
  item.slice = input_.code.slice();
  item.offset = decoder_ ? position() : next_offset_;
  return item;
}

}  // namespace ptcap::decode
