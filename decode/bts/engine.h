// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Flow from BTS records: one for each branch that was taken (SDM vol. 3,
// 18.4.9).

#ifndef PTCAP_DECODE_BTS_ENGINE_H_
#define PTCAP_DECODE_BTS_ENGINE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "decode/flow.h"
#include "decode/insn_info.h"
#include "decode/stream.h"

namespace ptcap::decode {

inline constexpr uint64_t kBtsRecordSize = 3 * uint64_t{8};  // from, to, flags

// What ran between two records is read from the code: from the target of one
// to the source of the next one, where branches fell through. Records that
// name kernel addresses say that tracing of user code ended or resumed. There
// is no time, and code changes are not followed. Of a CPU, the slices of its
// timeline say whose records they are.
class BtsEngine : public FlowEngine {
 public:
  explicit BtsEngine(StreamInput input);

  bool next(FlowBatch& batch) override;

 private:
  struct Branch {
    uint64_t from = 0;
    uint64_t to = 0;
  };

  std::optional<Branch> read();
  bool refill();
  void take(const Branch& branch);
  void leave(const Branch& branch);
  bool walk(uint64_t from, bool inclusive);
  void enter(uint64_t ip);
  void pass_slice();
  void gap(FlowCause cause, uint64_t to);
  void block(uint64_t begin, uint64_t last, uint32_t ninsn);
  FlowItem item(FlowKind kind) const;
  const InsnInfo& insn(uint64_t ip);

  StreamInput input_;
  InsnCache insns_;
  FlowBatch* batch_ = nullptr;
  std::vector<uint8_t> chunk_;
  size_t chunk_at_ = 0;
  size_t piece_ = 0;     // that the chunk is of
  size_t loss_ = 0;      // the next one
  uint64_t offset_ = 0;  // of the next chunk in the stream
  uint64_t at_ = 0;      // of the record taken last in the stream
  bool hole_ = false;    // records are lost in front of the next one
  bool started_ = false;
  std::optional<uint64_t> ip_;  // where the flow is; nullopt: not in user code
  uint64_t last_ = 0;           // last instruction known
  bool done_ = false;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_BTS_ENGINE_H_
