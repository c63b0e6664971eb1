// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What was passed, in order: since the last PSB, so that it can be taken back,
// and in front of it until that was read.

#ifndef PTCAP_DECODE_FAST_JOURNAL_H_
#define PTCAP_DECODE_FAST_JOURNAL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "decode/fast/chunks.h"
#include "decode/fast/element.h"

namespace ptcap::decode::fast {

// A TSC is two entries of this many bits.
inline constexpr unsigned kTscBits = 29;

// Advances that are no bytes but marks: an event is here that is no step of the
// flow; libipt's window ends (twice, around what runs up to there).
inline constexpr uint32_t kMaxAdvance = Element::kMaxId - 2;
inline const Element kEventMark{ElementKind::kAdvance, Element::kMaxId - 1};
inline const Element kWindowEnd{ElementKind::kAdvance, Element::kMaxId};

class Journal {
 public:
  // `chunks` is borrowed: it says which of them begin with a PSB.
  explicit Journal(const Chunks& chunks)
      : chunks_(chunks), entries_(kFirstEntries) {}

  // Nothing is forgotten until take_settled(), which must come often.
  void keep_settled(bool keep = true) { keeps_settled_ = keep; }

  void add(Element element) {
    if (size_ == entries_.size()) [[unlikely]]
      make_room();
    entries_[size_++] = element;
  }
  // Bytes that no chunk holds.
  void advance(uint64_t bytes);
  // A PSB that no chunk holds comes next; the flow is at `node`.
  void psb(NodeId node) { add(Element(ElementKind::kPsb, node)); }
  void tsc(uint64_t tsc);

  // The entries from the last PSB on, in order; nullopt if there are so many
  // that they were forgotten.
  struct Tail {
    std::span<const Element> entries;
    uint64_t bytes = 0;
    NodeId node = 0;  // at which the flow was in front of the PSB
  };
  std::optional<Tail> since_psb() const;

  // Takes the last `count` entries back.
  void drop(size_t count) { size_ -= count; }
  void clear() { size_ = 0; }

  // All of it.
  std::span<const Element> entries() const { return {entries_.data(), size_}; }
  // Appends what stands in front of the last PSB to `out`, and forgets it here.
  void take_settled(std::vector<Element>& out);
  size_t size_bytes() const { return entries_.size() * sizeof(Element); }

 private:
  static constexpr size_t kFirstEntries = 1 << 12;
  // 64 MB: some gigabytes of trace without a PSB.
  static constexpr size_t kMaxEntries = 1 << 24;

  std::optional<size_t> find_psb() const;
  void make_room();
  void forget(size_t count);

  const Chunks& chunks_;
  bool keeps_settled_ = false;
  std::vector<Element> entries_;
  size_t size_ = 0;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_JOURNAL_H_
