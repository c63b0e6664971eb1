// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Follows packets through the graph and writes down the way: what makes the
// entries of the levels above, and decodes what they do not hold.

#ifndef PTCAP_DECODE_FAST_FOLLOWER_H_
#define PTCAP_DECODE_FAST_FOLLOWER_H_

#include <array>
#include <cassert>
#include <cstdint>
#include <optional>
#include <span>

#include "decode/fast/arena.h"
#include "decode/fast/element.h"
#include "decode/fast/graph.h"
#include "decode/fast/return_stack.h"
#include "decode/fast/runs.h"
#include "decode/stream.h"
#include "formats/pt/packet.h"
#include "formats/pt/scanner.h"

namespace ptcap::decode::fast {

// Where paths and stack effects of memoised pieces are kept.
class Pools {
 public:
  static constexpr size_t bytes_for(size_t capacity) {
    return Arena<Element>::bytes_for(capacity) +
           Arena<NodeId>::bytes_for(capacity) +
           Arena<uint8_t>::bytes_for(capacity);
  }

  // The memory is borrowed.
  Pools(Reservation& memory, size_t capacity)
      : paths(memory, capacity),
        lists(memory, capacity),
        positions(memory, capacity) {}

  Arena<Element> paths;
  Arena<NodeId> lists;
  // Once they are kept, as long as `paths`: how many bytes into the chunk or
  // run the packet of an element begins.
  Arena<uint8_t> positions;

  // REQUIRES: `paths` is empty.
  void keep_positions() { keeps_positions_ = true; }
  bool keeps_positions() const { return keeps_positions_; }

  uint32_t add_path(const Element* elements, const uint8_t* places,
                    uint32_t size) {
    if (keeps_positions_) positions.add(places, size);
    return paths.add(elements, size);
  }
  void clear() {
    paths.shrink(0);
    lists.shrink(0);
    positions.shrink(0);
  }
  size_t size_bytes() const {
    return paths.size_bytes() + lists.size_bytes() + positions.size_bytes();
  }

 private:
  bool keeps_positions_ = false;
};

// The state of the flow between two packets.
struct FlowState {
  NodeId node = kUnsynced;
  uint64_t last_ip = 0;
  ReturnStack stack;
};

// How much of the last IP a piece depends on: the bits above its first
// compressed payload.
enum class IpNeed : uint8_t { kNone, kAbove16, kAbove32, kAbove48 };

inline constexpr uint64_t kIpNeedMasks[4] = {0, ~0ull << 16, ~0ull << 32,
                                             ~0ull << 48};

// What was followed since clear().
struct Piece {
  // 64 bytes of TNT-8 are 384 branches; other packets add a few each.
  static constexpr size_t kMaxElements = 1024;

  std::array<Element, kMaxElements> elements;
  std::array<uint8_t, kMaxElements> positions;  // as in Pools
  uint32_t size = 0;
  uint8_t position = 0;  // of the packet that is followed
  StackEffectLog effect;
  IpNeed ip_need = IpNeed::kNone;
  uint64_t ip_needed = 0;
  bool sets_ip = false;
  std::optional<uint64_t> tsc;  // the last one in it
  // In front of the first step is a packet that is none, but that libipt makes
  // an event of, which matters for time.
  bool event_first = false;

  void clear() {
    size = 0;
    position = 0;
    tsc.reset();
    event_first = false;
    effect.clear();
    ip_need = IpNeed::kNone;
    sets_ip = false;
  }
  void add(Element element) {
    assert(size < kMaxElements);
    positions[size] = position;
    elements[size++] = element;
  }
  void meet_event() {
    if (size == 0) event_first = true;
  }
};

enum class Step : uint8_t {
  kDone,
  kTrouble,     // what comes next cannot be followed exactly
  kEnd,         // no whole packet is left; nothing was done
  kNeedsStack,  // a compressed return, but the stack is not kept
};

// Erratum BDM70: a FUP in a PSB+ in front of a TIP.PGE means nothing.
bool has_bdm70(const PtSettings& settings);

// Where the flow is at the PSB that `bytes` begin with; nullopt if tracing is
// off.
std::optional<uint64_t> start_ip(std::span<const uint8_t> bytes, bool bdm70);

// Whether libipt, which reads ahead up to the next packet of consequence, finds
// no fault at the PSB that `bytes` begin with.
bool can_start(std::span<const uint8_t> bytes);

class Follower {
 public:
  struct Options {
    bool bdm70 = false;
    // Until a MODE.Exec says it.
    ExecMode mode = ExecMode::k64;
    // Time matters: what says it beside TSC is trouble.
    bool timed = false;
  };

  // All are borrowed.
  Follower(Graph& graph, Runs& runs, Pools& pools, Options options)
      : graph_(graph), runs_(runs), pools_(pools), options_(options) {}

  FlowState& state() { return state_; }
  const FlowState& state() const { return state_; }
  // Whether the return stack is kept, which costs a sixth of the speed and is
  // for nothing until the first compressed return.
  bool keeps_stack() const { return keeps_stack_; }
  void keep_stack() { keeps_stack_ = true; }
  Piece& piece() { return piece_; }
  const Piece& piece() const { return piece_; }

  // The bytes of a run, see Run::key, that hold `bytes` TNT-8 or one TNT-64.
  // Anything but kDone leaves the state undefined.
  Step follow_tnt(uint64_t key, unsigned bytes);

  // A TIP, tracing being on.
  Step follow_tip(unsigned ip_bytes, uint64_t payload) {
    const std::optional<uint64_t> ip = next_ip(ip_bytes, payload);
    return ip ? follow_tip_to(*ip, mode()) : Step::kTrouble;
  }

  // Any other packet, with those that belong to it. `size` is how many bytes
  // they were.
  Step follow_packet(std::span<const uint8_t> bytes, size_t& size);

  // The rest of the code that is known to have run when the trace ends: up to
  // the branch that needs a packet.
  Step follow_end();

 private:
  // TNT.
  Step walk(uint64_t bits, unsigned count);
  Step walk_key(uint64_t key, unsigned bytes);
  Step take_compressed_return(const Node& node);
  void push(NodeId site) {
    if (keeps_stack_) state_.stack.push(site);
    piece_.effect.push(site);
  }
  uint32_t make_run(NodeId from, uint64_t key, uint32_t first_element);

  // IPs.
  std::optional<uint64_t> next_ip(unsigned ip_bytes, uint64_t payload);
  void need_ip(IpNeed need);

  // Steps.
  Step follow_tip_to(uint64_t ip, ExecMode mode);
  void leave_node(const Node& node);
  bool stop_at(uint64_t ip);
  void add_event(const Record& event);
  void turn_off(Record off);

  // Packets.
  Step follow_first(pt::PacketScanner& scanner, const pt::Packet& packet);
  bool is_neutral(const pt::Packet& packet);
  bool next_meaning(pt::PacketScanner& scanner, pt::Packet& packet);
  Step follow_psb_plus(pt::PacketScanner& scanner);
  Step settle_psb_plus(pt::PacketScanner& scanner, std::optional<uint64_t> ip,
                       std::optional<ExecMode> mode);
  Step follow_enable(const pt::Packet& packet, ExecMode mode);
  Step follow_disable(const pt::Packet& packet);
  Step follow_fup(pt::PacketScanner& scanner, const pt::Packet& packet,
                  bool aborts);
  Step follow_mode_exec(pt::PacketScanner& scanner, const pt::Packet& packet);
  Step follow_mode_tsx(pt::PacketScanner& scanner, const pt::Packet& packet);

  // What the execution mode is, where the node says it.
  ExecMode mode() const { return graph_.end(state_.node).mode; }
  bool mode_known() const {
    return is_code(state_.node) || (state_.node - kOffBase) % 4 != 0;
  }

  Graph& graph_;
  Runs& runs_;
  Pools& pools_;
  Options options_;
  bool keeps_stack_ = false;
  FlowState state_;
  Piece piece_;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_FOLLOWER_H_
