// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The decompressed frames used last.

#ifndef PTCAP_FORMATS_PTZ_FRAME_CACHE_H_
#define PTCAP_FORMATS_PTZ_FRAME_CACHE_H_

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "formats/io/byte_writer.h"

namespace ptcap::formats::ptz {

// May be used from several threads: what one has is not made twice, unless
// two ask for it in the same moment.
class FrameCache {
 public:
  using Content = std::shared_ptr<const Buffer>;

  explicit FrameCache(uint64_t limit_bytes) : limit_(limit_bytes) {}

  // make() runs unlocked; what it throws passes through.
  Content get(uint64_t key, const std::function<Buffer()>& make) {
    if (Content known = find(key)) return known;
    auto made = std::make_shared<const Buffer>(make());
    insert(key, made);
    return made;
  }

 private:
  struct Entry {
    uint64_t key;
    Content content;
  };

  Content find(uint64_t key) {
    const std::lock_guard lock(mutex_);
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, known->second);
    return known->second->content;
  }

  void insert(uint64_t key, Content content) {
    const std::lock_guard lock(mutex_);
    if (by_key_.contains(key)) return;
    size_ += content->size();
    entries_.push_front({key, std::move(content)});
    by_key_[key] = entries_.begin();
    while (size_ > limit_ && entries_.size() > 1) {
      size_ -= entries_.back().content->size();
      by_key_.erase(entries_.back().key);
      entries_.pop_back();
    }
  }

  const uint64_t limit_;
  std::mutex mutex_;
  std::list<Entry> entries_;  // the one used last first
  std::unordered_map<uint64_t, std::list<Entry>::iterator> by_key_;
  uint64_t size_ = 0;
};

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_FRAME_CACHE_H_
