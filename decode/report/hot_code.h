// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// How often each block and each branch of a process ran, for the views that
// show code.

#ifndef PTCAP_DECODE_REPORT_HOT_CODE_H_
#define PTCAP_DECODE_REPORT_HOT_CODE_H_

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "decode/branch_rows.h"
#include "decode/calls/function_map.h"
#include "decode/flow.h"

namespace ptcap::decode {

struct HotBlock {
  uint64_t begin = 0;
  uint64_t end = 0;
  uint32_t ninsn = 0;
  ExecMode mode = ExecMode::k64;
  uint64_t count = 0;
  FunctionPart part;  // when it first ran
};

struct HotBranch {
  uint64_t from = 0;
  BranchKind kind = BranchKind::kJmp;
  uint64_t taken = 0;
  uint64_t not_taken = 0;
  FunctionPart part;
};

// Of one address space.
class HotCode {
 public:
  // Branches are complete with what follows them: one for each thread.
  struct Thread {
    BranchRows rows{/*not_taken=*/true};
    std::vector<BranchRow> found;
  };

  void add(std::span<const FlowItem> items, FunctionMap& functions,
           Thread& thread);

  // By address.
  std::vector<HotBlock> blocks() const;
  // The ones that ran most, most first.
  std::vector<HotBranch> branches(size_t most) const;

 private:
  void add_block(const FlowItem& block, FunctionMap& functions);
  void add_branch(const BranchRow& row, FunctionMap& functions);

  std::unordered_map<uint64_t, HotBlock> blocks_;
  std::unordered_map<uint64_t, HotBranch> branches_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_REPORT_HOT_CODE_H_
