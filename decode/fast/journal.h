// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What was counted since the last PSB, so that it can be taken back.

#ifndef PTCAP_DECODE_FAST_JOURNAL_H_
#define PTCAP_DECODE_FAST_JOURNAL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "decode/fast/chunks.h"
#include "decode/fast/element.h"

namespace ptcap::decode::fast {

class Journal {
 public:
  // `chunks` is borrowed: it says which of them begin with a PSB.
  explicit Journal(const Chunks& chunks)
      : chunks_(chunks), entries_(kFirstEntries) {}

  void add(Element element) {
    if (size_ == entries_.size()) [[unlikely]]
      make_room();
    entries_[size_++] = element;
  }
  // Bytes that no chunk holds.
  void advance(uint64_t bytes);
  // A PSB that no chunk holds comes next; the flow is at `node`.
  void psb(NodeId node) { add(Element(ElementKind::kPsb, node)); }

  // The entries from the last PSB on, in order; nullopt if there are so many
  // that they were forgotten.
  struct Tail {
    std::span<const Element> entries;
    uint64_t bytes = 0;
    NodeId node = 0;  // at which the flow was in front of the PSB
  };
  std::optional<Tail> since_psb() const;

  void clear() { size_ = 0; }
  size_t size_bytes() const { return entries_.size() * sizeof(Element); }

 private:
  static constexpr size_t kFirstEntries = 1 << 12;
  // 64 MB: some gigabytes of trace without a PSB.
  static constexpr size_t kMaxEntries = 1 << 24;

  std::optional<size_t> find_psb() const;
  void make_room();

  const Chunks& chunks_;
  std::vector<Element> entries_;
  size_t size_ = 0;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_JOURNAL_H_
