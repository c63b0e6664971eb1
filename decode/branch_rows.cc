// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/branch_rows.h"

#include <array>

namespace ptcap::decode {

namespace {

constexpr std::array<std::string_view, 19> kKindNames = {
    "jcc",     "nt",     "jmp", "ijmp", "call",  "icall",  "ret",
    "syscall", "sysret", "int", "iret", "async", "farjmp", "txabort",
    "vmentry", "vmexit", "on",  "off",  "gap"};

constexpr std::array<std::string_view, 13> kCauseNames = {
    "",    "syscall",  "async", "filter", "stop",   "switch", "disable",
    "end", "overflow", "lost",  "nocode", "desync", "corrupt"};

BranchKind kind_of(BranchClass branch) {
  switch (branch) {
    case BranchClass::kNone:
    case BranchClass::kJump:
      return BranchKind::kJmp;
    case BranchClass::kCondJump:
      return BranchKind::kJcc;
    case BranchClass::kIndirectJump:
      return BranchKind::kIndirectJmp;
    case BranchClass::kCall:
      return BranchKind::kCall;
    case BranchClass::kIndirectCall:
      return BranchKind::kIndirectCall;
    case BranchClass::kReturn:
      return BranchKind::kRet;
    case BranchClass::kSyscall:
      return BranchKind::kSyscall;
    case BranchClass::kSysret:
      return BranchKind::kSysret;
    case BranchClass::kInterrupt:
      return BranchKind::kInt;
    case BranchClass::kIret:
      return BranchKind::kIret;
    case BranchClass::kFarBranch:
      return BranchKind::kFarJmp;
    case BranchClass::kVmEntry:
      return BranchKind::kVmEntry;
    case BranchClass::kVmExit:
      return BranchKind::kVmExit;
  }
  return BranchKind::kJmp;
}

BranchRow event_row(BranchKind kind, const FlowItem& item) {
  BranchRow row;
  row.time = item.time;
  row.kind = kind;
  row.cause = item.cause;
  row.from = item.from;
  row.to = item.to;
  row.has_from = item.has_from;
  row.has_to = item.has_to;
  row.offset = item.offset;
  row.detail = item.detail;
  row.slice = item.slice;
  return row;
}

}  // namespace

std::string_view branch_kind_name(BranchKind kind) {
  return kKindNames[static_cast<size_t>(kind)];
}

std::string_view flow_cause_name(FlowCause cause) {
  return kCauseNames[static_cast<size_t>(cause)];
}

void BranchRows::add(std::span<const FlowItem> items,
                     std::vector<BranchRow>& rows) {
  for (const FlowItem& item : items) {
    if (item.kind == FlowKind::kBlock) [[likely]] {
      block(item, rows);
    } else {
      event(item, rows);
    }
  }
}

void BranchRows::block(const FlowItem& item, std::vector<BranchRow>& rows) {
  resolve(item.begin, item.time, rows);
  last_ = item;
  pending_ = item.branch != BranchClass::kNone;
}

// The branch that ends the last block led to `to`. A block has the time at its
// begin: `time`, that of what follows, is when the branch was taken.
void BranchRows::resolve(uint64_t to, uint64_t time,
                         std::vector<BranchRow>& rows) {
  if (!pending_) return;
  pending_ = false;
  BranchRow row;
  row.kind = kind_of(last_.branch);
  if (row.kind == BranchKind::kJcc && to == last_.end) {
    if (!not_taken_) return;
    row.kind = BranchKind::kNotTaken;
  }
  row.time = time;
  row.from = last_.last;
  row.to = to;
  row.offset = last_.offset;
  row.slice = last_.slice;
  rows.push_back(row);
}

void BranchRows::event(const FlowItem& item, std::vector<BranchRow>& rows) {
  switch (item.kind) {
    case FlowKind::kBlock:
    case FlowKind::kMode:
    case FlowKind::kOther:
      return;
    case FlowKind::kOn:
      rows.push_back(event_row(BranchKind::kOn, item));
      break;
    case FlowKind::kOff:
      off(item, rows);
      break;
    case FlowKind::kAsync:
    case FlowKind::kTxAbort:
      if (item.has_from) resolve(item.from, item.time, rows);
      rows.push_back(event_row(item.kind == FlowKind::kAsync
                                   ? BranchKind::kAsync
                                   : BranchKind::kTxAbort,
                               item));
      break;
    case FlowKind::kGap:
      // Otherwise a branch into code that is not there has no row: FROM is
      // where it led.
      if (item.end != 0) resolve(item.end, last_.time, rows);
      rows.push_back(event_row(BranchKind::kGap, item));
      break;
  }
  pending_ = false;
}

void BranchRows::off(const FlowItem& item, std::vector<BranchRow>& rows) {
  if (item.has_to) {
    resolve(item.to, item.time, rows);
  } else if (item.cause == FlowCause::kAsync && item.has_from) {
    resolve(item.from, item.time, rows);
  }
  BranchRow row = event_row(BranchKind::kOff, item);
  row.has_to = false;
  rows.push_back(row);
}

}  // namespace ptcap::decode
