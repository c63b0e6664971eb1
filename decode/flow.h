// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The reconstructed flow: what every flow engine produces and every sink
// reads. One stream (a thread, or a CPU) at a time, in execution order.

#ifndef PTCAP_DECODE_FLOW_H_
#define PTCAP_DECODE_FLOW_H_

#include <cstdint>
#include <vector>

namespace ptcap::decode {

enum class ExecMode : uint8_t { k16, k32, k64 };

// What the last instruction of a block is (SDM vol. 1, 7.3.8 and 7.3.16).
enum class BranchClass : uint8_t {
  kNone,  // not a branch: the block ends at an event
  kCondJump,
  kJump,
  kIndirectJump,
  kCall,
  kIndirectCall,
  kReturn,
  kSyscall,    // SYSCALL, SYSENTER
  kSysret,     // SYSRET, SYSEXIT
  kInterrupt,  // INT n, INT3, INTO
  kIret,
  kFarBranch,  // far JMP, CALL, RET
  kVmEntry,
  kVmExit,
};

enum class FlowKind : uint8_t {
  kBlock,  // instructions that ran
  kOn,     // tracing starts or resumes at `to`
  kOff,    // tracing leaves; `from` and `cause` as DESIGN section 6 says
  kAsync,  // interrupt, exception: from (would have run next), to
  kGap,    // from (last known or 0), to (resumes there with tracing on or 0)
  kTxAbort,
  kMode,   // `mode` changes
  kOther,  // further events of the stream: decode/events.h
};

enum class FlowCause : uint8_t {
  kNone,
  // of kOff
  kSyscall,
  kAsync,
  kFilter,
  kStop,
  kSwitch,
  kDisable,
  kEnd,
  // of kGap
  kOverflow,
  kLost,
  kNoCode,
  kDesync,
  kCorrupt,
};

// 56 bytes, plain: engines make hundreds of millions of them.
//
// kBlock: [begin, end) holds `ninsn` instructions, the last one at `last`; a
// block ends at every branch instruction, taken or not, and at every event,
// and nowhere else. Where it went is the `begin`/`to` of the next item.
// kOff: with has_to the last block's branch led to `to`; for cause kFilter that
// is out of the traced range.
// kGap: with a non-zero `end` the last block's branch led to `end`.
struct FlowItem {
  FlowKind kind = FlowKind::kBlock;
  FlowCause cause = FlowCause::kNone;
  BranchClass branch = BranchClass::kNone;
  ExecMode mode = ExecMode::k64;
  bool has_from = false;  // of events: `from` is known
  bool has_to = false;    // of events: `to` is known
  uint32_t ninsn = 0;
  uint32_t slice = 0;  // of a stream per CPU: TraceStream::lane()
  union {
    uint64_t begin;
    uint64_t to = 0;
  };
  union {
    uint64_t last;
    uint64_t from = 0;
  };
  uint64_t end = 0;
  uint64_t time = 0;    // perf clock in ns; 0 where unknown
  uint64_t offset = 0;  // in the AUX stream, of the packet reached
  // Of kGap: libipt's error code. Of kBlock: the core cycles that CYC packets
  // count for it (and blocks before it, where there was none), 0 unknown.
  uint64_t detail = 0;
};

using FlowBatch = std::vector<FlowItem>;

// Decodes one stream. Errors in the stream are kGap items, never exceptions;
// exceptions are for what no trace can cause (out of memory, I/O).
class FlowEngine {
 public:
  virtual ~FlowEngine() = default;

  // Replaces the content of `batch` by the next items, up to about its
  // capacity. False, with an empty batch, at the end of the stream.
  virtual bool next(FlowBatch& batch) = 0;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_FLOW_H_
