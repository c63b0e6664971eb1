// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// One step of a path through the graph, in 32 bits.

#ifndef PTCAP_DECODE_FAST_ELEMENT_H_
#define PTCAP_DECODE_FAST_ELEMENT_H_

#include <cstdint>

namespace ptcap::decode::fast {

// Index of a Node; 0 is none.
using NodeId = uint32_t;

enum class ElementKind : uint8_t {
  kNotTaken,  // id is a node: its chain ran, its conditional branch fell
              // through
  kTaken,
  kRecord,
  kRun,
  kChunk,
  // Not of paths, but of the journal:
  kAdvance,  // so many bytes
  kPsb,      // a PSB stands here; id is the node that the flow was at
  kTsc,      // the next 29 bits of a TSC, two of them for each
};

class Element {
 public:
  // What an id may be at most.
  static constexpr uint32_t kMaxId = (1u << 29) - 1;

  Element() = default;
  Element(ElementKind kind, uint32_t id)
      : bits_(id << 3 | static_cast<uint32_t>(kind)) {}

  static Element cond(NodeId node, unsigned taken) {
    return Element(static_cast<ElementKind>(taken), node);
  }
  static Element record(uint32_t id) {
    return Element(ElementKind::kRecord, id);
  }

  ElementKind kind() const { return static_cast<ElementKind>(bits_ & 7); }
  uint32_t id() const { return bits_ >> 3; }

  bool operator==(const Element&) const = default;

 private:
  uint32_t bits_;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_ELEMENT_H_
