// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/libipt/foreign_packets.h"

#include <algorithm>
#include <utility>

#include "formats/pt/packet.h"
#include "formats/pt/packet_writer.h"
#include "formats/pt/scanner.h"

namespace ptcap::decode {

namespace {

using pt::PacketType;

// SDM vol. 3, table 33-46.
enum CfeType : unsigned {
  kInterrupt = 1,
  kIret = 2,
  kSmi = 3,
  kRsm = 4,
  kSipi = 5,
  kInit = 6,
  kVmEntry = 7,
  kVmExit = 8,
  kVmExitInterrupt = 9,
  kShutdown = 10,
  kUserInterrupt = 12,
  kUiret = 13,
};

const char* cfe_name(uint64_t type) {
  switch (type) {
    case kInterrupt:
      return "interrupt";
    case kIret:
      return "iret";
    case kSmi:
      return "smi";
    case kRsm:
      return "rsm";
    case kSipi:
      return "sipi";
    case kInit:
      return "init";
    case kVmEntry:
      return "vmentry";
    case kVmExit:
      return "vmexit";
    case kVmExitInterrupt:
      return "vmexit-interrupt";
    case kShutdown:
      return "shutdown";
    case kUserInterrupt:
      return "user-interrupt";
    case kUiret:
      return "uiret";
    default:
      return "cfe";
  }
}

// The TIP behind it is that of an instruction, to which no FUP belongs.
bool is_synchronous(uint64_t type) {
  return type == kIret || type == kRsm || type == kVmEntry || type == kUiret;
}

const char* evd_name(uint32_t type) {
  switch (type) {
    case 0:
      return "page-fault";
    case 1:
      return "vmx-qualification";
    case 2:
      return "vmx-reason";
    default:
      return "evd";
  }
}

class Hider {
 public:
  explicit Hider(std::span<uint8_t> bytes) : bytes_(bytes), scanner_(bytes) {}

  ForeignEvents run() {
    for (uint64_t at = 0; scanner_.next(packet_); at = scanner_.offset()) {
      take(at);
    }
    return std::move(events_);
  }

 private:
  void take(uint64_t at) {
    switch (packet_.type) {
      case PacketType::kPsb:
        add(at, {"psb", {}});
        return;
      case PacketType::kPwre:
        if (packet_.flag) bytes_[at + 2] |= 1 << 3;
        return;
      case PacketType::kExstop:
        events_.stops.push_back({"exstop", {}});
        return;
      case PacketType::kCfe:
        return take_cfe(at);
      case PacketType::kEvd:
        add(at, {evd_name(packet_.detail), {{"payload", packet_.value, true}}});
        hide(at);
        return;
      case PacketType::kBbp:
        pebs_type_ = packet_.value;
        pebs_items_ = 0;
        hide(at);
        return;
      case PacketType::kBip:
        ++pebs_items_;
        hide(at);
        return;
      case PacketType::kBep:
        hide(at);
        put(at, {"pebs", {{"type", pebs_type_}, {"items", pebs_items_}}},
            packet_.flag && fup_follows());
        return;
      case PacketType::kUnknown:
        add(at, {"unknown", {{"bytes", packet_.size}}});
        return;
      default:
        return;
    }
  }

  void take_cfe(uint64_t at) {
    const pt::Packet cfe = packet_;
    StreamEvent event(cfe_name(cfe.value), {});
    if (cfe.value == kInterrupt || cfe.value == kUserInterrupt ||
        cfe.value == kVmExitInterrupt || cfe.value == kSipi) {
      event.fields[0] = {"vector", cfe.detail};
    } else if (cfe.value == kVmExit) {
      event.fields[0] = {"reason", cfe.detail};
    }
    hide(at);
    const uint64_t fup = scanner_.offset();
    put(at, event,
        cfe.flag && fup_follows() &&
            (is_synchronous(cfe.value) || !branch_follows(fup)));
  }

  // With the FUP behind the packet that was hidden, or without one.
  void put(uint64_t at, const StreamEvent& event, bool with_fup) {
    if (!with_fup) return add(at, event);
    events_.stops.push_back(event);
    pt::put_exstop(&bytes_[at + packet_.size - 2], /*fup_follows=*/true);
  }

  bool fup_follows() const {
    pt::PacketScanner ahead = scanner_;
    pt::Packet next;
    return ahead.next(next) && next.type == PacketType::kFup;
  }

  // Whether the FUP there is that of an asynchronous branch.
  bool branch_follows(uint64_t fup) const {
    pt::PacketScanner ahead(bytes_, fup);
    pt::Packet next;
    ahead.next(next);
    while (ahead.next(next)) {
      switch (next.type) {
        case PacketType::kTip:
        case PacketType::kTipPgd:
          return true;
        case PacketType::kPad:
        case PacketType::kCyc:
        case PacketType::kMtc:
        case PacketType::kTsc:
        case PacketType::kTma:
        case PacketType::kCbr:
        case PacketType::kEvd:
        case PacketType::kModeExec:
        case PacketType::kModeTsx:
        case PacketType::kPip:
        case PacketType::kVmcs:
          break;
        default:
          return false;
      }
    }
    return false;
  }

  void hide(uint64_t at) {
    std::fill_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), packet_.size,
                uint8_t{0});
  }

  void add(uint64_t at, const StreamEvent& event) {
    events_.by_offset.push_back({at, event});
  }

  std::span<uint8_t> bytes_;
  pt::PacketScanner scanner_;
  pt::Packet packet_;
  ForeignEvents events_;
  uint64_t pebs_type_ = 0;
  uint64_t pebs_items_ = 0;
};

}  // namespace

ForeignEvents hide_foreign_packets(std::span<uint8_t> bytes) {
  return Hider(bytes).run();
}

}  // namespace ptcap::decode
