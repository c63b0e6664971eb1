// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/report/hot_code.h"

#include <algorithm>

namespace ptcap::decode {

void HotCode::add(std::span<const FlowItem> items, FunctionMap& functions,
                  Thread& thread) {
  for (const FlowItem& item : items) {
    if (item.kind == FlowKind::kBlock) add_block(item, functions);
  }
  thread.found.clear();
  thread.rows.add(items, thread.found);
  for (const BranchRow& row : thread.found) {
    if (row.kind < BranchKind::kSyscall) add_branch(row, functions);
  }
}

void HotCode::add_block(const FlowItem& block, FunctionMap& functions) {
  // A block may end early where something interrupted it.
  const uint64_t key = block.begin * 0x9e3779b97f4a7c15 ^ block.ninsn;
  HotBlock& hot = blocks_[key];
  if (hot.count++ != 0) return;
  hot.begin = block.begin;
  hot.end = block.end;
  hot.ninsn = block.ninsn;
  hot.mode = block.mode;
  hot.part = functions.at(block.begin, block.time);
}

void HotCode::add_branch(const BranchRow& row, FunctionMap& functions) {
  HotBranch& hot = branches_[row.from];
  if (hot.part.function == nullptr) {
    hot.from = row.from;
    hot.part = functions.at(row.from, row.time);
  }
  if (row.kind == BranchKind::kNotTaken) {
    hot.kind = BranchKind::kJcc;
    ++hot.not_taken;
  } else {
    hot.kind = row.kind;
    ++hot.taken;
  }
}

std::vector<HotBlock> HotCode::blocks() const {
  std::vector<HotBlock> blocks;
  for (const auto& [key, block] : blocks_) blocks.push_back(block);
  std::sort(blocks.begin(), blocks.end(),
            [](const HotBlock& a, const HotBlock& b) {
              return a.begin != b.begin ? a.begin < b.begin : a.ninsn < b.ninsn;
            });
  return blocks;
}

std::vector<HotBranch> HotCode::branches(size_t most) const {
  std::vector<HotBranch> branches;
  for (const auto& [from, branch] : branches_) branches.push_back(branch);
  std::sort(branches.begin(), branches.end(),
            [](const HotBranch& a, const HotBranch& b) {
              const uint64_t x = a.taken + a.not_taken;
              const uint64_t y = b.taken + b.not_taken;
              return x != y ? x > y : a.from < b.from;
            });
  if (branches.size() > most) branches.resize(most);
  return branches;
}

}  // namespace ptcap::decode
