// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// All calls that had the same stack as one: what flame graphs show.

#ifndef PTCAP_DECODE_CALLS_CALL_TREE_H_
#define PTCAP_DECODE_CALLS_CALL_TREE_H_

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "decode/calls/call.h"

namespace ptcap::decode {

class CallTree {
 public:
  struct Node {
    uint32_t parent = 0;
    uint32_t label = 0;  // in labels()
    uint64_t calls = 0;
    uint64_t insns = 0;  // with those of its children
    uint64_t ns = 0;     // likewise
  };

  CallTree() : nodes_(1) { label_id("all"); }

  // A parent comes before its children; node 0 is the root.
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<std::string>& labels() const { return labels_; }
  uint32_t label_id(const std::string& label);

  uint32_t child(uint32_t parent, uint32_t label);
  Node& node(uint32_t index) { return nodes_[index]; }

 private:
  std::vector<Node> nodes_;
  std::unordered_map<uint64_t, uint32_t> children_;  // parent and label
  std::vector<std::string> labels_;
  std::unordered_map<std::string, uint32_t> label_ids_;
};

// Adds the calls of one stack to a tree, below a node of their own.
class TreeStack : public CallSink {
 public:
  // Stacks deeper than that end there: a tree of deep recursion would grow
  // with the square of its depth.
  static constexpr size_t kMaxDepth = 1000;

  TreeStack(CallTree& tree, uint32_t root) : tree_(tree), path_{root} {}

  void enter(const Call& call) override;
  void leave(const Call& call) override;
  void gap(uint64_t /*time_ns*/, FlowCause /*cause*/) override {}

 private:
  uint32_t label_of(const Call& call);

  CallTree& tree_;
  std::vector<uint32_t> path_;
  size_t too_deep_ = 0;
  std::vector<uint32_t> labels_;  // by Function::id, + 1; 0 unknown
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CALLS_CALL_TREE_H_
