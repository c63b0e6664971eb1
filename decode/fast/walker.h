// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Follows a stream's bytes by memory, from the top level down: chunks.h, else
// runs.h, else graph.h. Under the engine that counts and the one in order.

#ifndef PTCAP_DECODE_FAST_WALKER_H_
#define PTCAP_DECODE_FAST_WALKER_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "decode/code_view.h"
#include "decode/fast/engine_options.h"
#include "decode/fast/follower.h"
#include "decode/fast/journal.h"
#include "decode/fast/memo.h"

namespace ptcap::decode::fast {

// Counts what it passes in the memo and writes it into the journal. One thread.
class Walker {
 public:
  enum class End : uint8_t {
    kLimit,       // it came to where it was told to stop
    kPartial,     // a packet is cut short by the end of the bytes
    kTrouble,     // what comes next cannot be followed exactly
    kNeedsStack,  // a compressed return, but the stack is not kept
    kFull,        // memory is; the next byte is that of a PSB
    kChange,      // a TSC says that the code has changed by then
  };

  // `code` is borrowed.
  Walker(const CodeView& code, const EngineOptions& options, bool timed);

  // The code is another one from here on; what was learnt of the old one goes.
  // REQUIRES: as evict().
  void set_code(const CodeView& code);
  // Stop (kChange) where a TSC says that it is this time, in ns, or later.
  void set_change(uint64_t time_ns) { change_ns_ = time_ns; }

  Memo& memo() { return memo_; }
  const Memo& memo() const { return memo_; }
  FlowState& state() { return follower_.state(); }
  const FlowState& state() const { return follower_.state(); }
  Journal& journal() { return journal_; }
  const Journal& journal() const { return journal_; }
  EngineStats& stats() { return stats_; }
  const EngineStats& stats() const { return stats_; }

  // Nothing is known of the flow; it begins at the next PSB.
  void start();

  // The bytes to walk; the first one is at offset `base` of the stream.
  void set_bytes(std::span<const uint8_t> bytes, uint64_t base) {
    bytes_ = bytes;
    base_ = base;
  }
  uint64_t end_offset() const { return base_ + bytes_.size(); }

  // From `offset` on until it is at or behind `limit`. Behind anything but
  // kLimit and kFull the state is undefined: call retreat().
  End run(uint64_t& offset, uint64_t limit);

  // Whether the flow, as it is now, can go on across the PSB that `psb` begins
  // with.
  bool meets_psb(std::span<const uint8_t> psb);

  // The code that ran behind the last packet. False if there is trouble.
  bool finish();

  // libipt's window would end here, in front of a PSB that says `ip`: goes on
  // from there, which only matters for time.
  void end_window(std::optional<uint64_t> ip);

  // Takes back what was passed since the last PSB in front of `offset`, or at
  // it; nullopt if that is too far away.
  struct Retreat {
    uint64_t begin = 0;  // where that PSB is
    NodeId node = 0;     // at which the flow was in front of it
  };
  std::optional<Retreat> retreat(uint64_t offset);
  void keep_stack() { follower_.keep_stack(); }

  // For EdgeOrder with marks. Forgets chunks and runs. REQUIRES: as evict().
  void keep_positions();

  // Makes room; the flow stays where it is. REQUIRES: the journal was read and
  // the counts were taken.
  void evict();

  // What belongs to the memory but is kept elsewhere.
  void set_other_bytes(size_t bytes) { other_bytes_ = bytes; }
  size_t size_bytes() const {
    return memo_.size_bytes() + journal_.size_bytes();
  }

 private:
  // From the start of a piece on so many bytes can be read: a chunk, and a word
  // behind it.
  static constexpr size_t kReadable = kChunkBytes + 16;

  // The bytes that are being walked: all, or a padded copy of their end.
  struct Window {
    const uint8_t* begin = nullptr;
    const uint8_t* end = nullptr;
    uint64_t offset = 0;  // of `begin` in the stream

    uint64_t offset_of(const uint8_t* at) const {
      return offset + static_cast<uint64_t>(at - begin);
    }
  };

  // What was followed from `begin` on, packet by packet.
  struct FollowedPiece {
    const uint8_t* begin = nullptr;
    const uint8_t* end = nullptr;
    NodeId from = 0;
    bool begins_with_psb = false;
    bool fits = true;  // into a chunk
    Step step = Step::kDone;
  };

  // Two consecutive chunks: the last one, and the one that came behind it the
  // last time. 0 is none.
  struct Prediction {
    uint32_t last = 0;
    uint32_t next = 0;
  };

  End run(const Window& window, const uint8_t*& at, const uint8_t* stop);
  template <bool kKeepsStack>
  const uint8_t* run_predicted(Prediction& prediction, const uint8_t* at,
                               const uint8_t* stop, const uint8_t* end);
  template <bool kKeepsStack>
  bool fits(const Chunk& chunk, const uint8_t* at, const uint8_t* end,
            uint64_t last_ip) const;
  uint32_t find(const uint8_t* at, const uint8_t* end) const;
  void apply(uint32_t id);
  bool is_full(const uint8_t* at) const;
  bool meets_change() const;
  void clear(bool all);

  FollowedPiece follow_piece(const uint8_t* begin, const uint8_t* end);
  void follow_one(FollowedPiece& piece, const uint8_t* end);
  void follow_other(FollowedPiece& piece, const uint8_t* end);
  uint32_t keep(const FollowedPiece& followed, const uint8_t* end);
  uint32_t add_chunk(const FollowedPiece& followed, const uint8_t* end);
  void count_directly(const FollowedPiece& followed);
  bool psb_at(uint64_t offset) const;

  size_t limit_bytes_;
  size_t other_bytes_ = 0;
  std::optional<TimeConversion> clock_;
  uint64_t change_ns_ = ~0ull;
  Memo memo_;
  Follower follower_;
  Journal journal_;
  std::span<const uint8_t> bytes_;
  uint64_t base_ = 0;
  std::array<uint8_t, 2 * kReadable> tail_ = {};
  NodeId piece_from_ = 0;  // where the last piece that was followed began
  bool evicted_ = false;   // and nothing was followed since
  EngineStats stats_;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_WALKER_H_
