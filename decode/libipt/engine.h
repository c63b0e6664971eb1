// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The exact flow engine: libipt's decoders.

#ifndef PTCAP_DECODE_LIBIPT_ENGINE_H_
#define PTCAP_DECODE_LIBIPT_ENGINE_H_

#include <intel-pt.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "decode/flow.h"
#include "decode/insn_info.h"
#include "decode/libipt/aux_window.h"
#include "decode/libipt/cycle_counter.h"
#include "decode/libipt/decoder.h"
#include "decode/libipt/flow_builder.h"
#include "decode/libipt/foreign_packets.h"
#include "decode/libipt/section_cache.h"
#include "decode/stream.h"

namespace ptcap::decode {

// Decodes window after window, so that memory does not grow with the stream.
//
// A window ends in front of a PSB. libipt knows nothing of that PSB and runs
// on, past the ip that its FUP names, to the next branch that needs a packet:
// what it decoded from that ip on is dropped, because the next window begins
// there. In that last stretch the ip occurs at most once, as only direct
// branches are in it.
class LibiptEngine : public FlowEngine {
 public:
  static constexpr uint64_t kDefaultWindow = 1 << 20;

  // `sections` is borrowed. Throws std::bad_alloc.
  LibiptEngine(StreamInput input, SectionCache& sections,
               uint64_t window_size = kDefaultWindow,
               IptKind kind = IptKind::kBlock);
  ~LibiptEngine() override;

  bool next(FlowBatch& batch) override;

 private:
  // Windows.
  bool open_window();
  void start_decoder();
  void settle_start(bool on);
  void close_window();
  void leave_window_at_psb();
  void finish_stream();

  // Inside of one.
  void step();
  // `read` is the position in front of the packet that ends it.
  void take_block(const pt_block& block, uint64_t time, uint64_t read);
  bool loops(const pt_block& block);
  void take_event();
  void take_other(const pt_event& event, uint64_t time);
  void put_other(const StreamEvent& event, std::optional<uint64_t> ip,
                 uint64_t time);
  void put_foreign(uint64_t until);
  void take_overflow(const pt_event& event, uint64_t offset);
  void take_disabled(const pt_event& event);
  void fail(int error, const pt_block& block);
  void open_gap(FlowCause cause, std::optional<uint64_t> from, int error);
  void resume_at(uint64_t offset);
  void put(const FlowItem& item);
  void put_in_tail(const FlowItem& item);
  PsbHeader next_header() const;

  // The last stretch in front of a PSB.
  void find_next_psb();
  void release_tail();
  bool tail_is_on() const;
  std::optional<size_t> find_in_tail(uint64_t ip, bool open_end);
  std::optional<uint32_t> insns_before(const FlowItem& block, uint64_t ip);
  bool agrees_with_psb(const FlowItem& next);
  bool cut_tail(uint64_t ip);
  void cut_block(FlowItem& block, uint64_t ip);

  // Code and time.
  void set_code();
  void pass_time(uint64_t time);
  bool pass_slice(uint64_t time, uint64_t offset);
  void pass_slice_in_kernel(const pt_block& block, uint64_t time);
  void lose_slices(FlowItem gap, uint32_t from, std::optional<uint64_t> ip);
  void put_gap(FlowItem gap, std::optional<uint64_t> ip);
  uint64_t time_now();
  uint64_t event_time(const pt_event& event) const;
  uint64_t position() const;
  FlowItem event_item(FlowKind kind, uint64_t time) const;

  StreamInput input_;
  SectionCache& sections_;
  AuxWindows windows_;
  FlowBuilder builder_;
  InsnCache insns_;
  CycleCounter cycles_;
  const IptKind kind_;

  std::optional<AuxWindow> window_;
  uint64_t next_offset_;  // where to look for the next window
  bool started_ = false;  // a window was opened
  bool restart_ = false;  // the last window ended at a change of code
  std::optional<uint64_t> resume_ip_;  // the flow goes on there
  std::optional<FlowItem> gap_;        // not written yet: its `to` is open
  // The first PSB that the flow has not passed for sure, the end of the window
  // if that is one, else far away; the first packet behind it that the flow
  // needs (far away if none is in the window); and what came after libipt had
  // read that PSB, but not that packet.
  uint64_t next_psb_ = ~0ull;
  uint64_t next_flow_ = ~0ull;
  std::vector<FlowItem> tail_;

  ImagePtr image_;
  std::unique_ptr<IptDecoder> decoder_;
  ForeignEvents foreign_;  // of the window, not told yet
  // Of the states that each PSB repeats: what was told last.
  struct {
    std::optional<uint64_t> mode, cr3, vmcs, cbr;
  } told_;
  bool in_transaction_ = false;
  int status_ = 0;        // libipt's
  uint64_t shift_ = 0;    // bytes put in front of the window for libipt
  uint64_t time_ = 0;     // ns, of the last item
  uint64_t tsc_ = ~0ull;  // that time_ was made from
  ExecMode mode_;         // of the last block
  bool abort_ = false;    // the next asynchronous branch is a TSX abort
  uint64_t unmoved_ = 0;  // blocks since a branch that needed a packet
  uint64_t anchor_ = 0;   // where one of those began
  bool done_ = false;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_LIBIPT_ENGINE_H_
