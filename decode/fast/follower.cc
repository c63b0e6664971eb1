// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/follower.h"

#include <bit>

namespace ptcap::decode::fast {

namespace {

// Pushes of the first `links` links of a node.
template <typename Push>
void for_each_call(const Graph& graph, const Node& node, unsigned links,
                   Push push) {
  if (!node.calls) return;
  for (unsigned i = 0; i < links; ++i) {
    const NodeId site = graph.link(node, i).return_site;
    if (site != 0) push(site);
  }
}

constexpr uint64_t kTnt64Opcode = 0xa302;

}  // namespace

Step Follower::follow_tnt(uint64_t key, unsigned bytes) {
  if (!is_code(state_.node)) return Step::kTrouble;
  const NodeId* lists = pools_.lists.data();
  const auto fits = [&](const Run& run) {
    return run.key == key && run.node_in == state_.node &&
           (run.effect.pops == 0 ||
            (keeps_stack_ &&
             state_.stack.admits(run.effect, lists + run.effect.list)));
  };
  const uint64_t hash = Run::hash_of(state_.node, key);
  if (const uint32_t id = runs_.find(hash, fits)) {
    const Run& run = runs_[id];
    piece_.add(Element(ElementKind::kRun, id));
    if ((run.effect.pops | run.effect.pushes | run.effect.max_height) != 0) {
      const NodeId* list = lists + run.effect.list;
      if (keeps_stack_) state_.stack.apply(run.effect, list);
      piece_.effect.then(run.effect, list);
    }
    state_.node = run.node_out;
    return Step::kDone;
  }
  // The effect of the run alone, then of the piece with it.
  StackEffectLog before = piece_.effect;
  piece_.effect.clear();
  const NodeId from = state_.node;
  const uint32_t first = piece_.size;
  const Step step = walk_key(key, bytes);
  if (step != Step::kDone) return step;
  if (piece_.effect.fits() && runs_.has_room() &&
      pools_.paths.room(piece_.size) && pools_.lists.room(256)) {
    const uint32_t id = make_run(from, key, first);
    piece_.size = first;
    piece_.add(Element(ElementKind::kRun, id));
    const StackEffect effect = runs_[id].effect;
    before.then(effect, pools_.lists.data() + effect.list);
  } else {
    before.overflow();
  }
  piece_.effect = before;
  return Step::kDone;
}

uint32_t Follower::make_run(NodeId from, uint64_t key, uint32_t first) {
  const StackEffectLog& log = piece_.effect;
  const uint32_t list = pools_.lists.add(log.popped(), log.pops());
  pools_.lists.add(log.pushed(), log.pushes());
  Run run;
  run.key = key;
  run.node_in = from;
  run.node_out = state_.node;
  run.path_size = static_cast<uint16_t>(piece_.size - first);
  for (uint32_t i = first; i < piece_.size; ++i) {
    piece_.positions[i] -= piece_.position;
  }
  run.path = pools_.add_path(&piece_.elements[first], &piece_.positions[first],
                             run.path_size);
  run.effect = log.effect(list);
  return runs_.add(run);
}

Step Follower::walk_key(uint64_t key, unsigned bytes) {
  if ((key & 0xffff) == kTnt64Opcode) {
    const uint64_t payload = key >> 16;
    if (payload == 0) return Step::kTrouble;
    return walk(payload, 63 - std::countl_zero(payload));
  }
  const uint8_t position = piece_.position;
  for (unsigned i = 0; i < bytes; ++i) {
    const auto byte = static_cast<uint32_t>(key >> (8 * i) & 0xff);
    piece_.position = static_cast<uint8_t>(position + i);
    const Step step = walk(byte >> 1, 30 - std::countl_zero(byte));
    if (step != Step::kDone) return step;
  }
  piece_.position = position;
  return Step::kDone;
}

// The `count` low bits, the highest first.
Step Follower::walk(uint64_t bits, unsigned count) {
  for (; count > 0; --count) {
    const Node& node = graph_.resolved(state_.node);
    const unsigned taken = bits >> (count - 1) & 1;
    if (node.kind == NodeKind::kCond) [[likely]] {
      piece_.add(Element::cond(state_.node, taken));
      leave_node(node);
      state_.node = graph_.successor(state_.node, taken);
      continue;
    }
    // In front of an indirect branch the bits are for behind it (a deferred
    // TIP, which only old processors make).
    if (node.kind != NodeKind::kReturn || taken == 0) return Step::kTrouble;
    const Step step = take_compressed_return(node);
    if (step != Step::kDone) return step;
  }
  return Step::kDone;
}

Step Follower::take_compressed_return(const Node& node) {
  if (!keeps_stack_) return Step::kNeedsStack;
  leave_node(node);
  if (state_.stack.depth() == 0) return Step::kTrouble;
  const NodeId site = state_.stack.pop();
  piece_.effect.pop(site);
  const uint32_t id =
      graph_.branch_record(state_.node, graph_[site].ip, mode());
  piece_.add(Element::record(id));
  state_.node = graph_.record(id).next;
  return Step::kDone;
}

// The calls in the chain of a node that ran as a whole.
void Follower::leave_node(const Node& node) {
  for_each_call(graph_, node, node.links, [&](NodeId site) { push(site); });
}

void Follower::need_ip(IpNeed need) {
  if (piece_.sets_ip) return;
  piece_.ip_need = need;
  piece_.ip_needed = state_.last_ip & kIpNeedMasks[static_cast<int>(need)];
}

// nullopt where the packet has none, or is none.
std::optional<uint64_t> Follower::next_ip(unsigned ip_bytes, uint64_t payload) {
  const auto compression = static_cast<pt::IpCompression>(ip_bytes);
  switch (compression) {
    case pt::IpCompression::kSuppressed:
      return std::nullopt;
    case pt::IpCompression::kUpdate16:
      need_ip(IpNeed::kAbove16);
      break;
    case pt::IpCompression::kUpdate32:
      need_ip(IpNeed::kAbove32);
      break;
    case pt::IpCompression::kUpdate48:
      need_ip(IpNeed::kAbove48);
      break;
    case pt::IpCompression::kSext48:
    case pt::IpCompression::kFull:
      break;
    default:
      return std::nullopt;
  }
  const pt::Packet packet{
      .type = pt::PacketType::kTip, .detail = ip_bytes, .value = payload};
  state_.last_ip = pt::expand_ip(packet, state_.last_ip);
  piece_.sets_ip = true;
  return state_.last_ip;
}

Step Follower::follow_tip_to(uint64_t ip, ExecMode mode) {
  if (!is_code(state_.node)) return Step::kTrouble;
  const Node& node = graph_.resolved(state_.node);
  if (node.kind == NodeKind::kCond || node.kind == NodeKind::kStuck) {
    return Step::kTrouble;
  }
  const uint32_t id = graph_.branch_record(state_.node, ip, mode);
  piece_.add(Element::record(id));
  leave_node(node);
  if (node.kind == NodeKind::kIndirectCall) {
    push(graph_.end(state_.node).return_site);
  }
  state_.node = graph_.record(id).next;
  return Step::kDone;
}

// The part of the chain in front of `ip`, where the flow stops and goes on
// elsewhere. False if the chain does not get there.
bool Follower::stop_at(uint64_t ip) {
  const std::optional<Graph::Position> at = graph_.locate(state_.node, ip);
  if (!at) return false;
  for_each_call(graph_, graph_[state_.node], at->links,
                [&](NodeId site) { push(site); });
  add_event(Graph::stop_record(state_.node, *at, ip));
  return true;
}

void Follower::add_event(const Record& event) {
  piece_.add(Element::record(graph_.find_record(event)));
}

Step Follower::follow_end() {
  if (!is_code(state_.node)) return Step::kDone;
  const Node& node = graph_.resolved(state_.node);
  if (node.kind == NodeKind::kStuck) return Step::kTrouble;
  Record record;
  record.kind = RecordKind::kLeave;
  record.node = state_.node;
  record.links = node.links;
  piece_.add(Element::record(graph_.find_record(record)));
  return Step::kDone;
}

}  // namespace ptcap::decode::fast
