// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From flow items to the rows of `ptdec branches`.

#ifndef PTCAP_DECODE_BRANCH_ROWS_H_
#define PTCAP_DECODE_BRANCH_ROWS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "decode/flow.h"

namespace ptcap::decode {

enum class BranchKind : uint8_t {
  kJcc,
  kNotTaken,
  kJmp,
  kIndirectJmp,
  kCall,
  kIndirectCall,
  kRet,
  kSyscall,
  kSysret,
  kInt,
  kIret,
  kAsync,
  kFarJmp,
  kTxAbort,
  kVmEntry,
  kVmExit,
  kOn,
  kOff,
  kGap,
};

// As DESIGN, section 6 names them.
std::string_view branch_kind_name(BranchKind kind);
// Empty for kNone.
std::string_view flow_cause_name(FlowCause cause);

struct BranchRow {
  uint64_t time = 0;  // ns; 0 unknown
  uint64_t from = 0;
  uint64_t to = 0;
  uint64_t offset = 0;  // in the AUX stream
  uint64_t detail = 0;  // as in FlowItem
  uint32_t slice = 0;   // as in FlowItem
  BranchKind kind = BranchKind::kJmp;
  FlowCause cause = FlowCause::kNone;
  bool has_from = true;
  bool has_to = true;
};

// Makes the rows of one stream, whose items come in order.
class BranchRows {
 public:
  explicit BranchRows(bool not_taken) : not_taken_(not_taken) {}

  // Appends to `rows` what `items` complete; a branch is complete with the
  // item behind it.
  void add(std::span<const FlowItem> items, std::vector<BranchRow>& rows);

 private:
  void block(const FlowItem& item, std::vector<BranchRow>& rows);
  void event(const FlowItem& item, std::vector<BranchRow>& rows);
  void off(const FlowItem& item, std::vector<BranchRow>& rows);
  void resolve(uint64_t to, uint64_t time, std::vector<BranchRow>& rows);

  bool not_taken_;
  bool pending_ = false;  // last_ ends in a branch
  FlowItem last_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_BRANCH_ROWS_H_
