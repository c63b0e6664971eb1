// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The packets beside TNT and TIP, as libipt takes them: what it would report as
// an error is trouble here, so that it has the last word on it.

#include <intel-pt.h>

#include <bit>

#include "decode/fast/follower.h"
#include "decode/fast/timing.h"
#include "decode/libipt/aux_window.h"
#include "decode/psb_header.h"

namespace ptcap::decode::fast {

namespace {

using pt::Packet;
using pt::PacketScanner;
using pt::PacketType;

// nullopt for the reserved encoding.
std::optional<ExecMode> exec_mode(const Packet& packet) {
  switch (packet.value & 3) {
    case 0:
      return ExecMode::k16;
    case 1:
      return ExecMode::k64;
    case 2:
      return ExecMode::k32;
    default:
      return std::nullopt;
  }
}

// Whether a TIP.PGE comes before anything else of consequence, as libipt looks
// for it (pt_event_decoder.c, check_erratum_bdm70).
bool pge_follows(PacketScanner scanner) {
  Packet packet;
  while (scanner.next(packet)) {
    switch (packet.type) {
      case PacketType::kTipPge:
        return true;
      case PacketType::kPip:
      case PacketType::kVmcs:
      case PacketType::kModeExec:
      case PacketType::kModeTsx:
      case PacketType::kPsbEnd:
      case PacketType::kPad:
      case PacketType::kTsc:
      case PacketType::kTma:
      case PacketType::kMtc:
      case PacketType::kMnt:
        break;
      case PacketType::kCyc:
        if (packet.size > kMaxCycBytes) return false;
        break;
      case PacketType::kCbr:
        if (packet.value == 0) return false;
        break;
      default:
        return false;
    }
  }
  return false;
}

}  // namespace

bool has_bdm70(const PtSettings& settings) {
  if (!settings.cpu) return false;
  const pt_cpu cpu = {pcv_intel, settings.cpu->family, settings.cpu->model,
                      settings.cpu->stepping};
  pt_errata errata = {};
  pt_cpu_errata(&errata, &cpu);
  return errata.bdm70 != 0;
}

namespace {

// Behind the PSB+ that `bytes` begin with; nullopt if they end before.
std::optional<PacketScanner> behind_psb_plus(std::span<const uint8_t> bytes) {
  PacketScanner scanner(bytes);
  Packet packet;
  while (scanner.next(packet)) {
    if (packet.type == PacketType::kPsbEnd) return scanner;
  }
  return std::nullopt;
}

}  // namespace

std::optional<uint64_t> start_ip(std::span<const uint8_t> bytes, bool bdm70) {
  const PsbHeader header = parse_psb_header(bytes);
  if (!header.ip || !bdm70) return header.ip;
  const auto scanner = behind_psb_plus(bytes);
  if (scanner && pge_follows(*scanner)) return std::nullopt;
  return header.ip;
}

bool can_start(std::span<const uint8_t> bytes) {
  if (!parse_psb_header(bytes).whole) return false;
  auto scanner = behind_psb_plus(bytes);
  Packet packet;
  while (scanner && scanner->next(packet)) {
    if (packet.type == PacketType::kUnknown) return false;
    if (is_flow(packet.type)) return true;
  }
  return true;
}

// Whether the packet changes nothing that is followed here but time.
bool Follower::is_neutral(const Packet& packet) {
  switch (packet.type) {
    case PacketType::kPad:
    case PacketType::kTma:
      return true;
    case PacketType::kMnt:
      piece_.meet_event();
      return true;
    case PacketType::kTsc:
      piece_.tsc = packet.value;
      return true;
    case PacketType::kMtc:
      return !options_.timed;
    case PacketType::kCyc:
      return !options_.timed && packet.size <= kMaxCycBytes;
    case PacketType::kCbr:
      piece_.meet_event();
      return packet.value != 0;  // which libipt refuses
    default:
      return false;
  }
}

// The next packet that is not neutral; false at the end of the bytes.
bool Follower::next_meaning(PacketScanner& scanner, Packet& packet) {
  while (scanner.next(packet)) {
    if (!is_neutral(packet)) return packet.type != PacketType::kTruncated;
  }
  return false;
}

Step Follower::follow_packet(std::span<const uint8_t> bytes, size_t& size) {
  PacketScanner scanner(bytes);
  Packet packet;
  if (!scanner.next(packet)) return Step::kEnd;
  const Step step =
      is_neutral(packet) ? Step::kDone : follow_first(scanner, packet);
  size = scanner.offset();
  return step;
}

Step Follower::follow_first(PacketScanner& scanner, const Packet& packet) {
  switch (packet.type) {
    case PacketType::kPsb:
      return follow_psb_plus(scanner);
    case PacketType::kTip:
      return follow_tip(packet.detail, packet.value);
    case PacketType::kTipPge:
      return follow_enable(packet, mode());
    case PacketType::kTipPgd:
      return follow_disable(packet);
    case PacketType::kFup:
      return follow_fup(scanner, packet, false);
    case PacketType::kModeExec:
      return follow_mode_exec(scanner, packet);
    case PacketType::kModeTsx:
      return follow_mode_tsx(scanner, packet);
    case PacketType::kPip:
    case PacketType::kVmcs:
      return is_code(state_.node) ? Step::kTrouble : Step::kDone;
    case PacketType::kStop:
      if (is_code(state_.node)) return Step::kTrouble;
      add_event({.kind = RecordKind::kStopped});
      return Step::kDone;
    case PacketType::kTruncated:
      return Step::kEnd;
    default:
      return Step::kTrouble;
  }
}

Step Follower::follow_psb_plus(PacketScanner& scanner) {
  state_.last_ip = 0;
  piece_.sets_ip = true;
  state_.stack.clear();
  std::optional<uint64_t> ip;
  std::optional<ExecMode> mode;
  Packet packet;
  while (scanner.next(packet)) {
    switch (packet.type) {
      case PacketType::kPsbEnd:
        return settle_psb_plus(scanner, ip, mode);
      case PacketType::kFup:
        ip = next_ip(packet.detail, packet.value);
        break;
      case PacketType::kModeExec:
        mode = exec_mode(packet);
        if (!mode) return Step::kTrouble;
        piece_.meet_event();
        break;
      case PacketType::kModeTsx:
      case PacketType::kPip:
      case PacketType::kVmcs:
        piece_.meet_event();
        break;
      case PacketType::kTruncated:
        return Step::kEnd;
      default:
        if (!is_neutral(packet)) return Step::kTrouble;
    }
  }
  return Step::kEnd;
}

// What the PSB+ says is where the flow is, or begins.
Step Follower::settle_psb_plus(PacketScanner& scanner,
                               std::optional<uint64_t> ip,
                               std::optional<ExecMode> said) {
  const bool bogus = ip && options_.bdm70 && pge_follows(scanner);
  if (is_code(state_.node)) {
    const bool agrees = ip && !bogus && said.value_or(mode()) == mode() &&
                        graph_.locate(state_.node, *ip);
    return agrees ? Step::kDone : Step::kTrouble;
  }
  if (state_.node >= kOffExpectPgeBase) return Step::kTrouble;
  const bool starts = state_.node == kUnsynced;
  const bool known = starts || said || mode_known();
  const ExecMode mode = said.value_or(starts ? options_.mode : this->mode());
  if (ip && !bogus) {
    if (!starts) return Step::kTrouble;
    add_event({.to = *ip, .kind = RecordKind::kSync, .has_to = true});
    state_.node = graph_.find(*ip, mode);
    return Step::kDone;
  }
  const NodeId base = ip ? kOffExpectPgeBase : kOffBase;
  state_.node = base + (known ? mode_index(mode) : 0);
  return Step::kDone;
}

Step Follower::follow_enable(const Packet& packet, ExecMode mode) {
  const std::optional<uint64_t> ip = next_ip(packet.detail, packet.value);
  if (!ip || is_code(state_.node) || state_.node == kUnsynced ||
      !mode_known()) {
    return Step::kTrouble;
  }
  add_event({.to = *ip, .kind = RecordKind::kOn, .has_to = true});
  state_.node = graph_.find(*ip, mode);
  return Step::kDone;
}

void Follower::turn_off(Record off) {
  off.kind = RecordKind::kOff;
  off.has_from = true;
  add_event(off);
  state_.node = kOffBase + mode_index(mode());
}

// A branch left what is traced: to a known ip, or (in front of a syscall, or
// with an erratum) to an unknown one.
Step Follower::follow_disable(const Packet& packet) {
  if (!is_code(state_.node)) return Step::kTrouble;
  const bool has_ip = packet.detail != 0;
  const std::optional<uint64_t> ip = next_ip(packet.detail, packet.value);
  if (has_ip && !ip) return Step::kTrouble;
  const NodeId left = state_.node;
  if (ip && stop_at(*ip)) {
    turn_off(
        {.from = *ip, .to = *ip, .cause = FlowCause::kFilter, .has_to = true});
    return Step::kDone;
  }
  const Node& node = graph_.resolved(left);
  const NodeEnd& end = graph_.end(left);
  if (node.kind == NodeKind::kStuck || (!ip && end.writes_cr3)) {
    return Step::kTrouble;
  }
  leave_node(node);
  if (node.kind == NodeKind::kIndirectCall) push(end.return_site);
  add_event({.to = ip.value_or(0),
             .node = left,
             .links = node.links,
             .kind = ip ? RecordKind::kBranchOut : RecordKind::kLeave});
  const bool leaves_ring = end.branch == BranchClass::kSyscall ||
                           end.branch == BranchClass::kInterrupt;
  const bool goes_out = ip && !leaves_ring;
  turn_off({.from = goes_out ? *ip : end.last,
            .to = ip.value_or(0),
            .cause = leaves_ring ? FlowCause::kSyscall : FlowCause::kFilter,
            .has_to = ip.has_value()});
  return Step::kDone;
}

// A FUP in front of a TIP or TIP.PGD: control went elsewhere before the
// instruction at its ip.
Step Follower::follow_fup(PacketScanner& scanner, const Packet& packet,
                          bool aborts) {
  if (!is_code(state_.node)) return Step::kTrouble;
  const std::optional<uint64_t> from = next_ip(packet.detail, packet.value);
  if (!from || !stop_at(*from)) return Step::kTrouble;
  ExecMode mode = this->mode();
  Packet next;
  for (;;) {
    if (!next_meaning(scanner, next)) return Step::kTrouble;
    if (next.type != PacketType::kModeExec) break;
    const std::optional<ExecMode> said = exec_mode(next);
    if (!said) return Step::kTrouble;
    mode = *said;
  }
  if (next.type == PacketType::kTipPgd && mode == this->mode()) {
    if (next.detail != 0 && !next_ip(next.detail, next.value)) {
      return Step::kTrouble;
    }
    turn_off({.from = *from, .cause = FlowCause::kAsync});
    return Step::kDone;
  }
  if (next.type != PacketType::kTip) return Step::kTrouble;
  const std::optional<uint64_t> to = next_ip(next.detail, next.value);
  if (!to) return Step::kTrouble;
  add_event({.from = *from,
             .to = *to,
             .kind = aborts ? RecordKind::kTxAbort : RecordKind::kAsync,
             .has_from = true,
             .has_to = true});
  state_.node = graph_.find(*to, mode);
  return Step::kDone;
}

Step Follower::follow_mode_exec(PacketScanner& scanner, const Packet& packet) {
  const std::optional<ExecMode> mode = exec_mode(packet);
  Packet next;
  if (!mode) return Step::kTrouble;
  if (!next_meaning(scanner, next)) return Step::kTrouble;
  if (next.type == PacketType::kTip) {
    const std::optional<uint64_t> ip = next_ip(next.detail, next.value);
    return ip ? follow_tip_to(*ip, *mode) : Step::kTrouble;
  }
  if (next.type != PacketType::kTipPge || is_code(state_.node) ||
      state_.node == kUnsynced) {
    return Step::kTrouble;
  }
  state_.node = kOffBase + mode_index(*mode);
  return follow_enable(next, *mode);
}

Step Follower::follow_mode_tsx(PacketScanner& scanner, const Packet& packet) {
  const bool aborts = (packet.value & 2) != 0;
  Packet next;
  if (!is_code(state_.node)) return Step::kTrouble;
  if (!next_meaning(scanner, next)) return Step::kTrouble;
  if (next.type != PacketType::kFup) return Step::kTrouble;
  if (aborts) return follow_fup(scanner, next, true);
  // A transaction begins or ends in front of the FUP's ip.
  const std::optional<uint64_t> ip = next_ip(next.detail, next.value);
  const ExecMode mode = this->mode();
  if (!ip || !stop_at(*ip)) return Step::kTrouble;
  state_.node = graph_.find(*ip, mode);
  return Step::kDone;
}

}  // namespace ptcap::decode::fast
