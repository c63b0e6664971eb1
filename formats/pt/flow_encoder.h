// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From branch outcomes to PT packets, as a CPU would write them: what every
// software source feeds. Header-only and free of the C++ library, so that it
// can run inside an emulator's plugin, with its state in shared memory.

#ifndef PTCAP_FORMATS_PT_FLOW_ENCODER_H_
#define PTCAP_FORMATS_PT_FLOW_ENCODER_H_

#include <cstdint>

#include "formats/pt/packet_writer.h"

namespace ptcap::pt {

struct FlowEncoderOptions {
  // As perf's psb_period=N: 2^(N+11) bytes.
  uint64_t psb_period_bytes = 1 << 14;
  uint8_t mode_exec = kModeExec64;
  bool compress_returns = true;
  bool tsc = true;
  // While running without other cause for one; in units of the TSC.
  uint64_t tsc_interval = 1'000'000;
};

// Encodes the flow of one thread into buffers that the caller gives.
//
// What is called when, with the encoder enabled:
//   conditional branch      cond(taken)
//   direct jump             nothing
//   direct call             call(return address), not for `call +0`
//   indirect jump           indirect(target)
//   indirect call           call(return address), indirect(target)
//   near return             ret(target)
//   syscall                 disable() before, enable(ip, tsc) behind it
//   interrupt, signal       async(from, to), or async_disable(from) and
//                           enable(handler, tsc) if the kernel is not traced
//   changed code            restart(ip, tsc)
//
// Room: an operation writes at most kMaxOperationSize bytes and checks
// nothing. The caller asks due() at least after every three operations, and
// where it says so gives a new buffer if full(), then calls maintain(), which
// writes what is periodic.
//
// Compressed returns: call() pushes, ret() of the top address is a TNT bit.
// The stack is emptied at every PSB and at every return that does not match.
// A decoder that pops only on compressed returns (libipt) and one that pops on
// each (perf) then see the same.
//
// Plain data apart from the buffer pointers: whoever finds the encoder of a
// dead process in shared memory copies it, takes the bytes up to at(), gives
// the copy a buffer of its own and closes the stream. Every operation leaves a
// prefix of its packets at any moment: none twice, none torn.
class FlowEncoder {
 public:
  // restart(): TNT-64, FUP, PGD, PSB, TSC, MODE, PSBEND, TSC, PGE.
  static constexpr size_t kMaxOperationSize =
      8 + 9 + 1 + kPsbSize + 8 + 2 + 2 + 8 + 9;
  static constexpr size_t kReserve = 4 * kMaxOperationSize;
  static constexpr unsigned kStackDepth = 64;

  explicit FlowEncoder(const FlowEncoderOptions& options) : options_(options) {}

  // Goes on writing at `begin`. REQUIRES: end - begin > 2 * kReserve.
  // The first call starts the stream; maintain() or enable() follows.
  void set_buffer(uint8_t* begin, uint8_t* end) {
    offset_ = position();
    begin_ = at_ = begin;
    full_ = end - kReserve;
    set_limit();
  }

  // The next byte to be written. Also for a reader in another process.
  const uint8_t* at() const { return at_; }
  bool due() const { return at_ >= limit_; }
  bool full() const { return at_ >= full_; }
  // Bytes written into the current buffer, and into the stream.
  uint64_t buffered() const { return static_cast<uint64_t>(at_ - begin_); }
  uint64_t position() const { return offset_ + buffered(); }
  bool enabled() const { return enabled_; }
  uint64_t last_tsc() const { return last_tsc_; }

  // PSB+ if its time has come, or else TSC. `ip` is the next instruction to
  // execute (used while enabled). REQUIRES: not full().
  void maintain(uint64_t ip, uint64_t tsc) {
    if (position() >= next_psb_) {
      put_psb_plus(enabled_, ip, tsc);
    } else if (options_.tsc && enabled_) {
      if (tsc - last_tsc_ >= options_.tsc_interval) {
        put_time(tsc);
      } else if (time_check_bytes_ < kMaxTimeCheckBytes) {
        time_check_bytes_ *= 2;
      }
    }
    set_limit();
  }

  // True if it wrote something, so that due() is worth asking.
  bool cond(bool taken) { return cond_if(~uint64_t{0}, taken ? 1 : 0); }

  // cond(taken) if `is_branch` is all ones; nothing if both are 0. For those
  // whom a branch of their own would cost more.
  bool cond_if(uint64_t is_branch, uint64_t taken) {
    tnt_ = (tnt_ + taken) + (tnt_ & is_branch);
    if (static_cast<int64_t>(tnt_) >= 0) [[likely]] {
      return false;
    }
    advance(put_bytes(at_, kTnt64Header | tnt_ << 16 | kTnt64Stop, 8));
    return true;
  }

  void indirect(uint64_t target) { put_ip_packet(IpPacket::kTip, target); }

  void call(uint64_t return_address) {
    stack_[top_ % kStackSlots] = return_address;
    ++top_;
  }

  // After a far branch: perf takes a return address for a far RET too, so no
  // later return may rely on those from before.
  void forget_calls() { base_ = top_; }

  // For a call that was announced and then did not execute.
  void undo_call() {
    if (top_ != base_) --top_;
  }

  // Whether ret() to `target` would be a TNT bit.
  bool is_compressed_ret(uint64_t target) {
    if (!options_.compress_returns) return false;
    if (top_ - base_ > kStackDepth) [[unlikely]] {
      base_ = top_ - kStackDepth;
    }
    return top_ != base_ && stack_[(top_ - 1) % kStackSlots] == target;
  }

  // The TNT bit. REQUIRES: is_compressed_ret(). True if it wrote something.
  bool compressed_ret() {
    --top_;
    return cond(true);
  }

  // True if it wrote something.
  bool ret(uint64_t target) {
    if (is_compressed_ret(target)) return compressed_ret();
    base_ = top_;
    indirect(target);
    return true;
  }

  // Tracing begins or resumes at `ip`.
  void enable(uint64_t ip, uint64_t tsc) {
    if (position() >= next_psb_) {
      put_psb_plus(/*with_ip=*/false, ip, tsc);
      set_limit();
    } else if (options_.tsc) {
      put_time(tsc);
    }
    if (mode_due_) put_mode();
    put_ip_packet(IpPacket::kTipPge, ip);
    enabled_ = true;
  }

  // Tracing ends at the branch instruction that comes next, without saying
  // where it goes (a syscall) or with it (a branch out of a filtered range).
  void disable() {
    advance(put_bytes(put_pending_tnt(at_),
                      static_cast<uint64_t>(IpPacket::kTipPgd), 1));
    enabled_ = false;
  }
  // The same, saying when.
  void disable(uint64_t tsc) {
    if (options_.tsc) put_time(tsc);
    disable();
  }
  void disable_towards(uint64_t target) {
    put_ip_packet(IpPacket::kTipPgd, target);
    enabled_ = false;
  }

  // Tracing ends before the instruction at `ip`.
  void async_disable(uint64_t ip) {
    put_ip_packet(IpPacket::kFup, ip);
    disable();
  }

  // Control went from before the instruction at `from` to `to`.
  void async(uint64_t from, uint64_t to) {
    put_ip_packet(IpPacket::kFup, from);
    put_ip_packet(IpPacket::kTip, to);
  }

  // The execution mode for what follows; written at once while enabled (in
  // front of the TIP of the far branch), else with the next enable().
  void set_mode(uint8_t mode_exec) {
    if (mode_exec == options_.mode_exec) return;
    options_.mode_exec = mode_exec;
    mode_due_ = true;
    if (enabled_) put_mode();
  }

  void tsc(uint64_t tsc) { put_time(tsc); }

  // Packets were lost; tracing goes on at `ip`, or is now disabled.
  void overflow(uint64_t ip) {
    put_overflow();
    put_ip_packet(IpPacket::kFup, ip);
    enabled_ = true;
  }
  void overflow_disabled() {
    put_overflow();
    enabled_ = false;
  }

  // Closes the flow before the instruction at `ip` and opens it again there,
  // behind a PSB, whose offset in the stream is returned: decoders take new
  // code from there on. REQUIRES: enabled.
  uint64_t restart(uint64_t ip, uint64_t tsc) {
    async_disable(ip);
    const uint64_t psb_offset = position();
    put_psb_plus(/*with_ip=*/false, ip, tsc);
    enable(ip, tsc);
    set_limit();
    return psb_offset;
  }

  // enable() behind a PSB, whose offset is returned: as restart(), where the
  // flow is closed already. REQUIRES: not enabled.
  uint64_t enable_behind_psb(uint64_t ip, uint64_t tsc) {
    const uint64_t psb_offset = position();
    put_psb_plus(/*with_ip=*/false, ip, tsc);
    enable(ip, tsc);
    set_limit();
    return psb_offset;
  }

  // The branches that no packet holds yet, written to `out` (8 bytes of room).
  uint8_t* put_pending_tnt(uint8_t* out) const {
    if (tnt_ <= kNoTnt) return out;
    return put_tnt(out, tnt_);
  }

  void flush_tnt() { advance(put_pending_tnt(at_)); }

 private:
  // Shares no bytes with an address. Behind OVF and PSB the IP is written
  // whole: whether a decoder keeps the last one behind OVF is not agreed upon,
  // and perf does keep it behind a PSB that it meets while it decodes.
  static constexpr uint64_t kNoLastIp = ~0ull << 63;
  static constexpr unsigned kMaxTntBits = 47;
  static constexpr uint64_t kTnt64Header = 0xa302;
  static constexpr uint64_t kTnt64Stop = uint64_t{1} << 63;
  // Pending branches: a bit that each branch shifts up by one and that is the
  // sign after kMaxTntBits of them, which is quickly asked; the branches in
  // the lowest bits, the last one first.
  static constexpr unsigned kFirstTntBit = 63 - kMaxTntBits;
  static constexpr uint64_t kNoTnt = uint64_t{1} << kFirstTntBit;
  // A power of two above the depth, so that undo_call() finds the entry that
  // a push at full depth replaced.
  static constexpr unsigned kStackSlots = 2 * kStackDepth;
  // How far apart looks at the clock are: the longer the more of them in a row
  // were too early.
  static constexpr unsigned kMinTimeCheckBytes = 256;
  static constexpr unsigned kMaxTimeCheckBytes = 1024;

  // Two short packets beat a long one up to 12 branches.
  static uint8_t* put_tnt(uint8_t* out, uint64_t pending) {
    const unsigned count =
        kMaxTntBits - static_cast<unsigned>(__builtin_clzll(pending));
    const uint64_t stop = uint64_t{1} << count;
    const uint64_t tnt = (pending & (stop - 1)) | stop;
    if (count <= 6) return put_bytes(out, tnt << 1, 1);
    if (count <= 12) {
      const unsigned rest = count - 6;
      out = put_tnt8(out, tnt >> rest & 0x3f, 6);
      return put_tnt8(out, tnt & ((1u << rest) - 1), rest);
    }
    return put_bytes(out, kTnt64Header | tnt << 16, 8);
  }

  // Publishes what was written up to `end`, the pending branches among it. In
  // this order, so that a reader finds these not at all rather than twice.
  void advance(uint8_t* end) {
    tnt_ = kNoTnt;
    asm volatile("" ::: "memory");
    at_ = end;
  }

  void put_ip_packet(IpPacket kind, uint64_t ip) {
    advance(put_tip(put_pending_tnt(at_), kind, ip, last_ip_));
  }

  void put_time(uint64_t tsc) {
    advance(put_tsc(put_pending_tnt(at_), tsc));
    last_tsc_ = tsc;
    time_check_bytes_ = kMinTimeCheckBytes;
  }

  void put_mode() {
    advance(put_mode_exec(put_pending_tnt(at_), options_.mode_exec));
    mode_due_ = false;
  }

  void put_psb_plus(bool with_ip, uint64_t ip, uint64_t tsc) {
    flush_tnt();
    next_psb_ = position() + options_.psb_period_bytes;
    at_ = put_psb(at_);
    last_ip_ = kNoLastIp;
    base_ = top_;
    if (options_.tsc) put_time(tsc);
    put_mode();
    if (with_ip) put_ip_packet(IpPacket::kFup, ip);
    at_ = put_psbend(at_);
  }

  void put_overflow() {
    advance(put_ovf(at_));
    last_ip_ = kNoLastIp;
    base_ = top_;
  }

  void set_limit() {
    limit_ = full_;
    const uint64_t at = position();
    uint64_t left = next_psb_ > at ? next_psb_ - at : 0;
    if (options_.tsc && left > time_check_bytes_) left = time_check_bytes_;
    if (at_ < full_ && left < static_cast<uint64_t>(full_ - at_)) {
      limit_ = at_ + left;
    }
  }

  uint8_t* at_ = nullptr;
  uint8_t* limit_ = nullptr;
  uint64_t tnt_ = kNoTnt;
  uint64_t last_ip_ = 0;
  uint64_t top_ = 0;
  uint64_t base_ = 0;
  uint8_t* begin_ = nullptr;
  uint8_t* full_ = nullptr;
  uint64_t offset_ = 0;  // of begin_ in the stream
  uint64_t next_psb_ = 0;
  uint64_t last_tsc_ = 0;
  unsigned time_check_bytes_ = kMinTimeCheckBytes;
  FlowEncoderOptions options_;
  bool enabled_ = false;
  bool mode_due_ = false;  // options_.mode_exec is not written yet
  uint64_t stack_[kStackSlots] = {};
};

}  // namespace ptcap::pt

#endif  // PTCAP_FORMATS_PT_FLOW_ENCODER_H_
