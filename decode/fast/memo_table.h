// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What both levels of memory are kept in: entries by hash, open addressing.

#ifndef PTCAP_DECODE_FAST_MEMO_TABLE_H_
#define PTCAP_DECODE_FAST_MEMO_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "decode/fast/arena.h"

namespace ptcap::decode::fast {

// Entries never move; 0 is the id of none. An Entry says its own hash(), whose
// upper half tells entries apart without looking at them.
template <typename Entry>
class MemoTable {
 public:
  static constexpr size_t bytes_for(size_t max_entries) {
    return Arena<Entry>::bytes_for(max_entries);
  }

  // The memory is borrowed.
  MemoTable(Reservation& memory, size_t max_entries)
      : entries_(memory, max_entries), slots_(kFirstSlots) {
    entries_.add(Entry{});
  }

  Entry& operator[](uint32_t id) { return entries_[id]; }
  const Entry& operator[](uint32_t id) const { return entries_[id]; }

  // The first entry with this hash for which `fits(entry)`; 0 is none.
  template <typename Fits>
  uint32_t find(uint64_t hash, Fits fits) const {
    const size_t mask = slots_.size() - 1;
    const uint32_t tag = tag_of(hash);
    for (size_t at = first_slot(hash) & mask; slots_[at].id != 0;
         at = (at + 1) & mask) {
      if (slots_[at].tag == tag && fits(entries_[slots_[at].id])) [[likely]] {
        return slots_[at].id;
      }
    }
    return 0;
  }

  // REQUIRES: has_room().
  uint32_t add(const Entry& entry) {
    const uint32_t id = entries_.add(entry);
    if (entries_.size() * 2 <= slots_.size()) {
      insert(id);
      return id;
    }
    slots_.assign(slots_.size() * 4, {});
    for (uint32_t i = 1; i <= id; ++i) insert(i);
    return id;
  }

  // With the first one, which is none.
  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  bool has_room() const { return entries_.room(2); }
  size_t size_bytes() const {
    return entries_.size_bytes() + slots_.size() * sizeof(Slot);
  }

  void clear() {
    entries_.shrink(0);
    entries_.add(Entry{});
    slots_.assign(kFirstSlots, {});
    slots_.shrink_to_fit();
  }

 private:
  static constexpr size_t kFirstSlots = 1024;

  struct Slot {
    uint32_t tag = 0;
    uint32_t id = 0;
  };

  static uint32_t tag_of(uint64_t hash) {
    return static_cast<uint32_t>(hash >> 32);
  }
  static size_t first_slot(uint64_t hash) { return hash >> 20; }

  void insert(uint32_t id) {
    const uint64_t hash = entries_[id].hash();
    const size_t mask = slots_.size() - 1;
    size_t at = first_slot(hash) & mask;
    while (slots_[at].id != 0) at = (at + 1) & mask;
    slots_[at] = {tag_of(hash), id};
  }

  Arena<Entry> entries_;
  std::vector<Slot> slots_;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_MEMO_TABLE_H_
