// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/calls/call_tree.h"

#include <algorithm>

namespace ptcap::decode {

uint32_t CallTree::label_id(const std::string& label) {
  const auto [at, is_new] =
      label_ids_.try_emplace(label, static_cast<uint32_t>(labels_.size()));
  if (is_new) labels_.push_back(label);
  return at->second;
}

uint32_t CallTree::child(uint32_t parent, uint32_t label) {
  const uint64_t key = uint64_t{parent} << 32 | label;
  const auto [at, is_new] =
      children_.try_emplace(key, static_cast<uint32_t>(nodes_.size()));
  if (is_new) nodes_.push_back({parent, label, 0, 0, 0});
  return at->second;
}

uint32_t TreeStack::label_of(const Call& call) {
  if (call.function == nullptr || call.function->name.empty()) {
    return tree_.label_id(shown_name(call));
  }
  const uint32_t id = call.function->id;
  if (id >= labels_.size()) {
    labels_.resize(std::max<size_t>(id + 1, labels_.size() * 2));
  }
  if (labels_[id] == 0) labels_[id] = tree_.label_id(call.function->name) + 1;
  return labels_[id] - 1;
}

void TreeStack::enter(const Call& call) {
  if (too_deep_ != 0 || path_.size() > kMaxDepth) {
    ++too_deep_;
    return;
  }
  path_.push_back(tree_.child(path_.back(), label_of(call)));
  ++tree_.node(path_.back()).calls;
}

void TreeStack::leave(const Call& call) {
  if (too_deep_ != 0) {
    --too_deep_;
    return;
  }
  CallTree::Node& node = tree_.node(path_.back());
  node.insns += call.total_insns;
  node.ns += call.duration_ns();
  path_.pop_back();
  if (path_.size() != 1) return;
  // Down to the root, what has no caller counts.
  for (uint32_t at = path_.back();; at = tree_.node(at).parent) {
    tree_.node(at).insns += call.total_insns;
    tree_.node(at).ns += call.duration_ns();
    if (at == 0) break;
  }
}

}  // namespace ptcap::decode
