// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The return addresses that compressed returns refer to (SDM vol. 3,
// 33.4.2.2), and what a piece of flow does to them.

#ifndef PTCAP_DECODE_FAST_RETURN_STACK_H_
#define PTCAP_DECODE_FAST_RETURN_STACK_H_

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "decode/fast/element.h"

namespace ptcap::decode::fast {

// What a memoised piece of flow does to the stack: `pops` entries that must be
// the ones recorded, then `pushes` new ones. The list (in a pool of node ids)
// holds the first in the order popped, then the second in the order pushed.
struct StackEffect {
  uint32_t list = 0;
  uint8_t pops = 0;
  uint8_t pushes = 0;
  // How far above its start the stack was at its highest.
  uint8_t max_height = 0;
};

// As libipt has it: 64 entries deep, a push onto a full one loses the oldest,
// only a compressed return pops. A PSB empties it, so that decoding can begin
// there.
class ReturnStack {
 public:
  static constexpr uint32_t kDepth = 64;
  static constexpr uint32_t kVector = 4;

  void clear() { top_ = floor_ = 0; }
  uint32_t depth() const { return top_ - floor_; }

  void push(NodeId site) {
    make_room();
    slots_[top_++] = site;
    raise_floor(top_);
  }

  // REQUIRES: depth() > 0.
  NodeId pop() { return slots_[--top_]; }
  NodeId& at_depth(uint32_t index) { return slots_[top_ - 1 - index]; }

  // Whether the top entries are those that `effect` pops.
  bool admits(const StackEffect& effect, const NodeId* list) const {
    if (depth() < effect.pops) return false;
    for (uint32_t i = 0; i < effect.pops; ++i) {
      if (slots_[top_ - 1 - i] != list[i]) return false;
    }
    return true;
  }

  // REQUIRES: admits(effect, list); kVector entries readable behind the list.
  void apply(const StackEffect& effect, const NodeId* list) {
    make_room();
    const uint32_t highest = top_ + effect.max_height;
    top_ -= effect.pops;
    // Whole vectors: both sides have room for more than is meant.
    for (uint32_t i = 0; i < effect.pushes; i += kVector) {
      std::memcpy(slots_ + top_ + i, list + effect.pops + i,
                  kVector * sizeof(NodeId));
    }
    top_ += effect.pushes;
    raise_floor(highest);
  }

 private:
  // Far above the depth, so that moving down is rare.
  static constexpr uint32_t kSlots = 4096;
  // More than an effect pushes.
  static constexpr uint32_t kHeadroom = 128;

  void raise_floor(uint32_t highest) {
    if (highest > floor_ + kDepth) floor_ = highest - kDepth;
  }

  void make_room() {
    if (top_ < kSlots - kHeadroom) [[likely]]
      return;
    const uint32_t kept = depth();
    std::memmove(slots_, slots_ + floor_, kept * sizeof(NodeId));
    floor_ = 0;
    top_ = kept;
  }

  uint32_t top_ = 0;
  uint32_t floor_ = 0;
  NodeId slots_[kSlots];
};

// Writes down what happens to the stack while a piece of flow is followed.
class StackEffectLog {
 public:
  StackEffectLog() = default;
  // Only what is in it: copies are made for each run that is learnt.
  StackEffectLog(const StackEffectLog& other) { *this = other; }
  StackEffectLog& operator=(const StackEffectLog& other) {
    if (this == &other) return *this;
    pops_ = other.pops_;
    pushes_ = other.pushes_;
    max_height_ = other.max_height_;
    overflow_ = other.overflow_;
    std::copy_n(other.popped_, pops_, popped_);
    std::copy_n(other.pushed_, pushes_, pushed_);
    return *this;
  }

  void clear() {
    pops_ = pushes_ = max_height_ = 0;
    overflow_ = false;
  }

  void push(NodeId site) {
    if (pushes_ == kMax) {
      overflow_ = true;
      return;
    }
    pushed_[pushes_++] = site;
    raise(pushes_, pops_);
  }

  void pop(NodeId site) {
    if (pushes_ > 0) {
      --pushes_;
    } else if (pops_ == kMax) {
      overflow_ = true;
    } else {
      popped_[pops_++] = site;
    }
  }

  void then(const StackEffect& effect, const NodeId* list) {
    raise(pushes_ + effect.max_height, pops_);
    for (uint32_t i = 0; i < effect.pops; ++i) pop(list[i]);
    for (uint32_t i = 0; i < effect.pushes; ++i) push(list[effect.pops + i]);
  }

  void overflow() { overflow_ = true; }

  // Whether this can be memoised: with a wider range the 64 entries of the
  // stack would matter in the middle of the piece.
  bool fits() const {
    return !overflow_ && max_height_ + pops_ < ReturnStack::kDepth;
  }
  bool empty() const { return pops_ == 0 && pushes_ == 0 && max_height_ == 0; }

  StackEffect effect(uint32_t list) const {
    return {list, static_cast<uint8_t>(pops_), static_cast<uint8_t>(pushes_),
            static_cast<uint8_t>(max_height_)};
  }
  const NodeId* popped() const { return popped_; }
  const NodeId* pushed() const { return pushed_; }
  uint32_t pops() const { return pops_; }
  uint32_t pushes() const { return pushes_; }

 private:
  static constexpr uint32_t kMax = 60;

  void raise(uint32_t above, uint32_t below) {
    if (above > below + max_height_) max_height_ = above - below;
  }

  uint32_t pops_ = 0;
  uint32_t pushes_ = 0;
  uint32_t max_height_ = 0;
  bool overflow_ = false;
  NodeId popped_[kMax];
  NodeId pushed_[kMax];
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_RETURN_STACK_H_
