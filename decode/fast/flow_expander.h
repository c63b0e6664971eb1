// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From elements of a walk to the items of the flow.

#ifndef PTCAP_DECODE_FAST_FLOW_EXPANDER_H_
#define PTCAP_DECODE_FAST_FLOW_EXPANDER_H_

#include <cstdint>
#include <optional>

#include "decode/fast/element.h"
#include "decode/fast/memo.h"
#include "decode/fast/part_joiner.h"
#include "decode/flow.h"
#include "decode/stream.h"

namespace ptcap::decode::fast {

// Time is as LibiptEngine has it: a block has that of the last packet or event
// in front of the packet that ends it.
class FlowExpander {
 public:
  // `memo` and `joiner` are borrowed.
  FlowExpander(const Memo& memo, const std::optional<TimeConversion>& clock,
               PartJoiner& joiner)
      : memo_(memo), clock_(clock), joiner_(joiner) {}

  // Elements come in the order of the journal.
  void expand(Element element);

  // The stream goes on at `offset`.
  void set_offset(uint64_t offset) { offset_ = offset; }
  // Of the last item that came from elsewhere.
  void set_time(uint64_t time) { time_ = last_time_ = time; }

  // An event here and now.
  FlowItem event(FlowKind kind, FlowCause cause) const;

 private:
  void expand_path(uint32_t path, unsigned size);
  void expand_node(NodeId id);
  void expand_record(const Record& record);
  void put_chain(NodeId id, unsigned links);
  void put_end(NodeId id);
  void put_stop(const Record& record);
  void put_block(const FlowItem& block);
  void put_event(const Record& record);
  void take_tsc(uint32_t bits);
  void meet_event();

  const Memo& memo_;
  std::optional<TimeConversion> clock_;
  PartJoiner& joiner_;
  uint64_t offset_ = 0;     // the walk has read up to there
  uint64_t time_ = 0;       // of the next packet
  uint64_t last_time_ = 0;  // of the last one
  uint64_t tsc_ = 0;        // the half that was read
  bool in_tsc_ = false;
  bool at_window_end_ = false;
  ExecMode mode_ = ExecMode::k64;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_FLOW_EXPANDER_H_
