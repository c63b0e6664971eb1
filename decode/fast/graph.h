// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Level 1: the program's blocks by index, made from its code on demand.

#ifndef PTCAP_DECODE_FAST_GRAPH_H_
#define PTCAP_DECODE_FAST_GRAPH_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "decode/code_view.h"
#include "decode/fast/arena.h"
#include "decode/fast/element.h"
#include "decode/flow.h"

namespace ptcap::decode::fast {

enum class NodeKind : uint8_t {
  kUnresolved,
  kCond,
  kIndirectJump,
  kIndirectCall,
  kReturn,
  kFar,
  // Nothing can be followed from here: tracing is off, or the code is missing,
  // undecodable, or an endless loop of direct jumps.
  kStuck,
};

// From an ip up to the next branch that needs a packet. Direct jumps and calls
// on the way are folded into a chain of links.
struct Node {
  NodeId next[2] = {};  // of kCond, not taken and taken; 0 until known
  NodeKind kind = NodeKind::kUnresolved;
  bool calls = false;  // a link pushes a return site
  uint16_t links = 0;
  uint32_t first_link = 0;
  uint64_t ip = 0;
};

// The rest of a node, which only cold paths ask for.
struct NodeEnd {
  uint64_t last = 0;       // the branch; of kStuck where the code ends
  uint64_t end = 0;        // behind it
  uint64_t target = 0;     // of kCond
  NodeId return_site = 0;  // of kIndirectCall
  uint32_t ninsn = 0;      // of the last block of the chain
  BranchClass branch = BranchClass::kNone;
  ExecMode mode = ExecMode::k64;
  bool writes_cr3 = false;  // somewhere in the chain
};

// A direct jump or call, and the block that it ends.
struct Link {
  uint64_t from = 0;
  uint64_t to = 0;
  NodeId return_site = 0;  // 0 for jumps and `call +0`
  uint32_t ninsn = 0;
  uint8_t size = 0;  // of the branch
  bool is_call = false;
};

enum class RecordKind : uint8_t {
  kBranch,     // the chain, then its last branch went to `to`
  kBranchOut,  // the same, out of what is traced; kOff is next
  kLeave,      // the chain and its last branch, which went nobody knows where
  kStop,       // `links` links, then up to `from`, exclusive, and no further;
               // `to` is the last instruction
  // Events: no code ran.
  kOn,       // at `to`
  kSync,     // the same, as a PSB+ says it of which nothing was known before
  kOff,      // FlowItem's fields
  kStopped,  // a TraceStop made the kOff that came before it
  kAsync,    // from, to
  kTxAbort,
};

constexpr bool has_edge(RecordKind kind) {
  return kind <= RecordKind::kBranchOut;
}
constexpr bool ran_code(RecordKind kind) { return kind <= RecordKind::kStop; }

// A step that is not a conditional branch.
struct Record {
  uint64_t from = 0;
  uint64_t to = 0;
  NodeId node = 0;
  NodeId next = 0;
  uint32_t ninsn = 0;  // of kStop: of the unfinished block
  uint16_t links = 0;
  RecordKind kind = RecordKind::kBranch;
  FlowCause cause = FlowCause::kNone;
  bool has_from = false;
  bool has_to = false;

  bool operator==(const Record&) const = default;
};

// Where tracing is off, one node says so, for each execution mode; 0 is an
// unknown mode, then 16, 32, 64 bits.
inline constexpr NodeId kUnsynced = 1;  // up to the next PSB
inline constexpr NodeId kOffBase = 2;
// A PSB+ had a FUP though tracing is off, which erratum BDM70 does in front of
// a TIP.PGE: nothing but that may come next.
inline constexpr NodeId kOffExpectPgeBase = 6;
inline constexpr NodeId kFirstCodeNode = 10;

constexpr bool is_code(NodeId node) { return node >= kFirstCodeNode; }
constexpr unsigned mode_index(ExecMode mode) {
  return 1 + static_cast<unsigned>(mode);
}

// Counts are kept beside what they count, so that a step costs one addition.
class Graph {
 public:
  // Of a reservation.
  static size_t bytes_for(size_t max_nodes);

  // `code` and the memory are borrowed. `max_nodes` bounds the memory (about
  // 150 bytes each).
  Graph(const CodeView& code, Reservation& memory, size_t max_nodes);

  const CodeView& code() const { return *code_; }
  // Call clear() next.
  void set_code(const CodeView& code) {
    code_ = &code;
    last_range_ = nullptr;
  }

  // The node at `ip`.
  NodeId find(uint64_t ip, ExecMode mode);

  const Node& operator[](NodeId id) const { return nodes_[id]; }
  const NodeEnd& end(NodeId id) const { return ends_[id]; }
  const Link& link(const Node& node, unsigned index) const {
    return links_[node.first_link + index];
  }
  const Record& record(uint32_t id) const { return records_[id]; }

  // The node with its kind known.
  const Node& resolved(NodeId id) {
    if (nodes_[id].kind == NodeKind::kUnresolved) [[unlikely]]
      resolve(id);
    return nodes_[id];
  }
  // REQUIRES: kCond.
  NodeId successor(NodeId id, unsigned taken) {
    const NodeId next = nodes_[id].next[taken];
    return next != 0 ? next : link_successor(id, taken);
  }

  uint32_t find_record(const Record& record);
  // Of the branch at the end of `node` that went to `ip`: remembers the last
  // one of each node.
  uint32_t branch_record(NodeId node, uint64_t ip, ExecMode mode) {
    const LastTarget& last = last_targets_[node];
    if (last.record != 0 && last.ip == ip && last.mode == mode) [[likely]] {
      return last.record;
    }
    return find_branch_record(node, ip, mode);
  }

  // How far the chain of a node is when the next instruction is at `ip`;
  // nullopt if it never is.
  struct Position {
    uint16_t links = 0;
    uint32_t ninsn = 0;  // behind the last link
    uint64_t last = 0;   // the last of these
  };
  std::optional<Position> locate(NodeId id, uint64_t ip);
  // Of the chain up to there.
  static Record stop_record(NodeId id, const Position& at, uint64_t ip) {
    return {.from = ip,
            .to = at.last,
            .node = id,
            .ninsn = at.ninsn,
            .links = at.links,
            .kind = RecordKind::kStop};
  }

  uint64_t& count(NodeId id, unsigned taken) { return counts_[id].n[taken]; }
  uint64_t& record_count(uint32_t id) { return record_counts_[id]; }

  size_t nodes() const { return nodes_.size(); }
  size_t records() const { return records_.size(); }
  size_t size_bytes() const;
  // Whether the next piece of flow finds room in any case. Without it nodes
  // become kStuck, but never anything else wrong.
  bool has_room() const;
  // Forgets everything but the special nodes.
  void clear();

  uint64_t instructions_decoded() const { return instructions_decoded_; }

 private:
  struct Slot {
    uint64_t ip = 0;
    NodeId node = 0;  // 0 is empty
    ExecMode mode = ExecMode::k16;
  };
  struct Counts {
    uint64_t n[2] = {};
  };
  struct LastTarget {
    uint64_t ip = 0;
    uint32_t record = 0;
    ExecMode mode = ExecMode::k64;
  };

  NodeId link_successor(NodeId id, unsigned taken);
  uint32_t find_branch_record(NodeId node, uint64_t ip, ExecMode mode);
  void resolve(NodeId id);
  bool add_link(NodeId id, const Link& link);
  void finish(NodeId id, uint64_t ip, const struct BranchAt& branch);
  std::span<const uint8_t> code_at(uint64_t ip, std::span<uint8_t> buffer);
  void add_special_nodes();
  void grow_slots();
  void grow_record_slots();

  const CodeView* code_;
  const CodeRange* last_range_ = nullptr;
  Arena<Node> nodes_;
  Arena<NodeEnd> ends_;
  Arena<Counts> counts_;
  Arena<LastTarget> last_targets_;
  Arena<Link> links_;
  Arena<Record> records_;
  Arena<uint64_t> record_counts_;
  std::vector<Slot> slots_;             // by ip and mode, open addressing
  std::vector<uint32_t> record_slots_;  // 0 is empty
  uint64_t instructions_decoded_ = 0;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_GRAPH_H_
