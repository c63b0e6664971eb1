// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/graph.h"

#include <array>

#include "formats/x86/insn.h"

namespace ptcap::decode::fast {

// A branch at an ip, with its direct target where it has one.
struct BranchAt {
  uint64_t ip = 0;
  uint64_t end = 0;
  uint64_t target = 0;
  x86::InsnClass kind = x86::InsnClass::kOther;
};

namespace {

// Chains longer than this are not code that a compiler made; libipt follows
// them at its own pace.
constexpr size_t kMaxLinks = 1000;
constexpr uint32_t kMaxInstructions = 1 << 16;

constexpr size_t kFirstSlots = 1024;

// What is kept free so that nothing in the middle of a piece of flow runs out:
// branches and events of 64 bytes of trace, and the chain of one node.
constexpr size_t kReserve = 4096;

uint64_t mix(uint64_t value) {
  value *= 0x9e3779b97f4a7c15;
  return value ^ value >> 32;
}

uint64_t hash_of(uint64_t ip, ExecMode mode) {
  return mix(ip + static_cast<uint64_t>(mode));
}

uint64_t hash_of(const Record& record) {
  const uint64_t where = record.from * 0xd6e8feb86659fd93 + record.node;
  return mix(mix(record.to + where) + record.next +
             (static_cast<uint64_t>(record.kind) << 40) +
             (static_cast<uint64_t>(record.links) << 44));
}

BranchClass branch_class(x86::InsnClass kind) {
  switch (kind) {
    case x86::InsnClass::kCondJump:
      return BranchClass::kCondJump;
    case x86::InsnClass::kJump:
      return BranchClass::kJump;
    case x86::InsnClass::kCall:
      return BranchClass::kCall;
    case x86::InsnClass::kIndirectJump:
      return BranchClass::kIndirectJump;
    case x86::InsnClass::kIndirectCall:
      return BranchClass::kIndirectCall;
    case x86::InsnClass::kReturn:
      return BranchClass::kReturn;
    case x86::InsnClass::kSyscall:
      return BranchClass::kSyscall;
    case x86::InsnClass::kSysret:
      return BranchClass::kSysret;
    case x86::InsnClass::kInterrupt:
      return BranchClass::kInterrupt;
    case x86::InsnClass::kIret:
      return BranchClass::kIret;
    case x86::InsnClass::kFarBranch:
      return BranchClass::kFarBranch;
    case x86::InsnClass::kVmEntry:
      return BranchClass::kVmEntry;
    case x86::InsnClass::kVmExit:
      return BranchClass::kVmExit;
    case x86::InsnClass::kOther:
    case x86::InsnClass::kMovToCr3:
    case x86::InsnClass::kPtwrite:
      return BranchClass::kNone;
  }
  return BranchClass::kNone;
}

NodeKind node_kind(BranchClass branch) {
  switch (branch) {
    case BranchClass::kCondJump:
      return NodeKind::kCond;
    case BranchClass::kIndirectJump:
      return NodeKind::kIndirectJump;
    case BranchClass::kIndirectCall:
      return NodeKind::kIndirectCall;
    case BranchClass::kReturn:
      return NodeKind::kReturn;
    case BranchClass::kSyscall:
    case BranchClass::kSysret:
    case BranchClass::kInterrupt:
    case BranchClass::kIret:
    case BranchClass::kFarBranch:
    case BranchClass::kVmEntry:
    case BranchClass::kVmExit:
      return NodeKind::kFar;
    case BranchClass::kNone:
    case BranchClass::kJump:
    case BranchClass::kCall:
      return NodeKind::kStuck;
  }
  return NodeKind::kStuck;
}

x86::Mode insn_mode(ExecMode mode) {
  return mode == ExecMode::k64 ? x86::Mode::k64 : x86::Mode::k32;
}

// Where code wraps around the end of a 32-bit segment, libipt decides.
bool wraps(uint64_t ip, ExecMode mode) {
  return mode != ExecMode::k64 && ip >> 32 != 0;
}

}  // namespace

namespace {

constexpr size_t max_links(size_t max_nodes) {
  return 2 * max_nodes + 8 * kMaxLinks;
}

}  // namespace

size_t Graph::bytes_for(size_t max_nodes) {
  return Arena<Node>::bytes_for(max_nodes) +
         Arena<NodeEnd>::bytes_for(max_nodes) +
         Arena<Counts>::bytes_for(max_nodes) +
         Arena<LastTarget>::bytes_for(max_nodes) +
         Arena<Link>::bytes_for(max_links(max_nodes)) +
         Arena<Record>::bytes_for(max_nodes) +
         Arena<uint64_t>::bytes_for(max_nodes);
}

Graph::Graph(const CodeView& code, Reservation& memory, size_t max_nodes)
    : code_(&code),
      nodes_(memory, max_nodes),
      ends_(memory, max_nodes),
      counts_(memory, max_nodes),
      last_targets_(memory, max_nodes),
      links_(memory, max_links(max_nodes)),
      records_(memory, max_nodes),
      record_counts_(memory, max_nodes),
      slots_(kFirstSlots),
      record_slots_(kFirstSlots) {
  add_special_nodes();
}

void Graph::add_special_nodes() {
  for (NodeId id = 0; id < kFirstCodeNode; ++id) {
    Node node;
    node.kind = NodeKind::kStuck;
    nodes_.add(node);
    NodeEnd end;
    const unsigned index = (id - kOffBase) % 4;
    end.mode = static_cast<ExecMode>(index == 0 ? 2 : index - 1);
    ends_.add(end);
    counts_.add_zero();
    last_targets_.add_zero();
  }
  records_.add(Record{});
  record_counts_.add_zero();
}

bool Graph::has_room() const {
  return nodes_.room(2 * kReserve) && records_.room(kReserve);
}

size_t Graph::size_bytes() const {
  return nodes_.size_bytes() + ends_.size_bytes() + counts_.size_bytes() +
         last_targets_.size_bytes() + links_.size_bytes() +
         records_.size_bytes() + record_counts_.size_bytes() +
         slots_.size() * sizeof(Slot) +
         record_slots_.size() * sizeof(record_slots_[0]);
}

void Graph::clear() {
  nodes_.shrink(0);
  ends_.shrink(0);
  counts_.shrink(0);
  last_targets_.shrink(0);
  links_.shrink(0);
  records_.shrink(0);
  record_counts_.shrink(0);
  slots_.assign(kFirstSlots, {});
  slots_.shrink_to_fit();
  record_slots_.assign(kFirstSlots, 0);
  record_slots_.shrink_to_fit();
  add_special_nodes();
}

NodeId Graph::find(uint64_t ip, ExecMode mode) {
  size_t mask = slots_.size() - 1;
  size_t at = hash_of(ip, mode) & mask;
  for (; slots_[at].node != 0; at = (at + 1) & mask) {
    if (slots_[at].ip == ip && slots_[at].mode == mode) return slots_[at].node;
  }
  Node node;
  node.ip = ip;
  const NodeId id = nodes_.add(node);
  NodeEnd end;
  end.mode = mode;
  ends_.add(end);
  counts_.add_zero();
  last_targets_.add_zero();
  slots_[at] = {ip, id, mode};
  if (nodes_.size() * 2 > slots_.size()) grow_slots();
  return id;
}

void Graph::grow_slots() {
  std::vector<Slot> old = std::move(slots_);
  slots_.assign(old.size() * 4, {});
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.node == 0) continue;
    size_t at = hash_of(slot.ip, slot.mode) & mask;
    while (slots_[at].node != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

NodeId Graph::link_successor(NodeId id, unsigned taken) {
  const NodeEnd& end = ends_[id];
  const NodeId next = find(taken != 0 ? end.target : end.end, end.mode);
  nodes_[id].next[taken] = next;
  return next;
}

uint32_t Graph::find_record(const Record& record) {
  size_t mask = record_slots_.size() - 1;
  size_t at = hash_of(record) & mask;
  for (; record_slots_[at] != 0; at = (at + 1) & mask) {
    if (records_[record_slots_[at]] == record) return record_slots_[at];
  }
  const uint32_t id = records_.add(record);
  record_counts_.add_zero();
  record_slots_[at] = id;
  if (records_.size() * 2 > record_slots_.size()) grow_record_slots();
  return id;
}

void Graph::grow_record_slots() {
  record_slots_.assign(record_slots_.size() * 4, 0);
  const size_t mask = record_slots_.size() - 1;
  for (uint32_t id = 1; id < records_.size(); ++id) {
    size_t at = hash_of(records_[id]) & mask;
    while (record_slots_[at] != 0) at = (at + 1) & mask;
    record_slots_[at] = id;
  }
}

uint32_t Graph::find_branch_record(NodeId node, uint64_t ip, ExecMode mode) {
  Record record;
  record.kind = RecordKind::kBranch;
  record.node = node;
  record.links = nodes_[node].links;
  record.to = ip;
  record.next = find(ip, mode);
  const uint32_t id = find_record(record);
  last_targets_[node] = {ip, id, mode};
  return id;
}

// Bytes from `ip` on: in place where the code goes on for long enough, else
// copied into `buffer`, across ranges.
std::span<const uint8_t> Graph::code_at(uint64_t ip,
                                        std::span<uint8_t> buffer) {
  if (last_range_ == nullptr ||
      ip - last_range_->address >= last_range_->bytes.size()) {
    last_range_ = code_->find(ip);
    if (last_range_ == nullptr) return {};
  }
  const auto rest = last_range_->bytes.subspan(ip - last_range_->address);
  if (rest.size() >= x86::kMaxInsnSize) return rest;
  return buffer.first(code_->read(ip, buffer));
}

void Graph::resolve(NodeId id) {
  const ExecMode mode = ends_[id].mode;
  nodes_[id].first_link = static_cast<uint32_t>(links_.size());
  uint64_t ip = nodes_[id].ip;
  uint32_t ninsn = 0;
  uint32_t total = 0;
  std::array<uint8_t, x86::kMaxInsnSize> buffer;
  const bool full = !nodes_.room(kReserve) || !links_.room(kMaxLinks);
  for (;; ++total) {
    x86::Insn insn;
    if (full || mode == ExecMode::k16 || wraps(ip, mode) ||
        total == kMaxInstructions ||
        !decode_insn(code_at(ip, buffer), insn_mode(mode), insn)) {
      break;
    }
    const uint64_t next = ip + insn.length;
    ++ninsn;
    if (insn.kind == x86::InsnClass::kOther ||
        insn.kind == x86::InsnClass::kPtwrite) {
      ip = next;
      continue;
    }
    if (insn.kind == x86::InsnClass::kMovToCr3) {
      ends_[id].writes_cr3 = true;
      ip = next;
      continue;
    }
    const uint64_t target = next + static_cast<int64_t>(insn.displacement);
    ends_[id].ninsn = ninsn;
    if (insn.kind != x86::InsnClass::kJump &&
        insn.kind != x86::InsnClass::kCall) {
      instructions_decoded_ += total + 1;
      finish(id, ip, {ip, next, target, insn.kind});
      return;
    }
    Link link{.from = ip,
              .to = target,
              .ninsn = ninsn,
              .size = insn.length,
              .is_call = insn.kind == x86::InsnClass::kCall};
    if (link.is_call && insn.displacement != 0) {
      link.return_site = find(next, mode);
    }
    if (!add_link(id, link)) break;
    ip = target;
    ninsn = 0;
  }
  instructions_decoded_ += total;
  ends_[id].ninsn = ninsn;
  finish(id, ip, {});
}

// False if the chain comes back to itself or is too long.
bool Graph::add_link(NodeId id, const Link& link) {
  Node& node = nodes_[id];
  links_.add(link);
  ++node.links;
  if (link.return_site != 0) node.calls = true;
  if (link.to == node.ip || node.links == kMaxLinks) return false;
  for (unsigned i = 0; i + 1 < node.links; ++i) {
    if (this->link(node, i).to == link.to) return false;
  }
  return true;
}

void Graph::finish(NodeId id, uint64_t ip, const BranchAt& branch) {
  NodeEnd& end = ends_[id];
  end.last = ip;
  end.branch = branch_class(branch.kind);
  end.end = branch.end;
  end.target = branch.target;
  const NodeKind kind =
      wraps(branch.target, end.mode) || wraps(branch.end, end.mode)
          ? NodeKind::kStuck
          : node_kind(end.branch);
  if (kind == NodeKind::kIndirectCall) {
    const NodeId site = find(branch.end, end.mode);
    end.return_site = site;
  }
  nodes_[id].kind = kind;
}

std::optional<Graph::Position> Graph::locate(NodeId id, uint64_t ip) {
  const Node& node = resolved(id);
  const NodeEnd& end = ends_[id];
  uint64_t begin = node.ip;
  std::array<uint8_t, x86::kMaxInsnSize> buffer;
  for (uint16_t links = 0; links <= node.links; ++links) {
    const uint64_t last =
        links < node.links ? link(node, links).from : end.last;
    if (ip >= begin && ip <= last) {
      uint64_t at = begin;
      uint64_t previous = 0;
      uint32_t ninsn = 0;
      x86::Insn insn;
      while (at < ip &&
             decode_insn(code_at(at, buffer), insn_mode(end.mode), insn)) {
        previous = at;
        at += insn.length;
        ++ninsn;
      }
      if (at == ip) return Position{links, ninsn, previous};
    }
    if (links < node.links) begin = link(node, links).to;
  }
  return std::nullopt;
}

}  // namespace ptcap::decode::fast
