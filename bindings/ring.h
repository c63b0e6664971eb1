// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The reader's side of a ring that the kernel writes, without any system call:
// over memory of a test's own it works just as well.

#ifndef PTCAP_BINDINGS_RING_H_
#define PTCAP_BINDINGS_RING_H_

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "bindings/abi/perf_event_mmap_page.h"
#include "bindings/abi/record_structs.h"

namespace ptcap::bindings {

// A run of bytes that may go on at the start of the ring.
struct Slices {
  std::span<const uint8_t> first, second;

  size_t size() const { return first.size() + second.size(); }
  bool wrapped() const { return !second.empty(); }
  void copy_to(uint8_t* out) const {
    if (!first.empty()) std::memcpy(out, first.data(), first.size());
    if (wrapped())
      std::memcpy(out + first.size(), second.data(), second.size());
  }
};

// `size` (a power of two) bytes at `data`, with free-running offsets: what the
// kernel wrote ends at head, what is read ends at tail. One reader.
class Ring {
 public:
  // Borrows all of it.
  Ring(const uint8_t* data, size_t size, uint64_t& head, uint64_t& tail)
      : data_(data), size_(size), head_(&head), tail_(&tail) {
    assert(size && (size & (size - 1)) == 0);
  }

  size_t size() const { return size_; }

  // Pairs with the kernel's smp_wmb() before it publishes the head: what lies
  // before it can be read.
  uint64_t head() const {
    return std::atomic_ref(*head_).load(std::memory_order_acquire);
  }
  // Only this side writes it.
  uint64_t tail() const {
    return std::atomic_ref(*tail_).load(std::memory_order_relaxed);
  }
  // Gives the space before `offset` back. Pairs with the kernel's control
  // dependency on the tail: all reads of that space come before.
  void release(uint64_t offset) {
    std::atomic_ref(*tail_).store(offset, std::memory_order_release);
  }

  // REQUIRES: size <= this->size(). Valid until it is released and written
  // again.
  Slices slices(uint64_t offset, size_t size) const {
    assert(size <= size_);
    size_t at = offset & (size_ - 1);
    size_t first = std::min(size, size_ - at);
    return {{data_ + at, first}, {data_, size - first}};
  }

 private:
  const uint8_t* data_;
  size_t size_;
  uint64_t* head_;
  uint64_t* tail_;
};

// A record where it lies. Headers never wrap: records are multiples of 8.
struct RingRecord {
  abi::perf_event_header header = {};
  Slices bytes;  // header included

  // In one piece: where it lies, or copied into `scratch` if it wraps.
  std::span<const uint8_t> contiguous(std::vector<uint8_t>& scratch) const {
    if (!bytes.wrapped()) return bytes.first;
    scratch.resize(bytes.size());
    bytes.copy_to(scratch.data());
    return scratch;
  }
};

// Calls visit(const RingRecord&) for each record from the tail to the head,
// giving the space back behind each. Returns how many. Bytes that cannot be
// records (never from Linux) are skipped up to the head, and counted in
// `damaged_bytes`.
template <typename Visit>
size_t drain_records(Ring& ring, uint64_t& damaged_bytes, Visit&& visit) {
  const uint64_t head = ring.head();
  uint64_t tail = ring.tail();
  size_t count = 0;
  for (; tail != head; ++count) {
    RingRecord record;
    uint64_t left = head - tail;
    if (left > ring.size()) break;
    if (left >= sizeof(record.header))
      ring.slices(tail, sizeof(record.header))
          .copy_to(reinterpret_cast<uint8_t*>(&record.header));
    if (record.header.size < sizeof(record.header) || record.header.size > left)
      break;
    record.bytes = ring.slices(tail, record.header.size);
    visit(static_cast<const RingRecord&>(record));
    tail += record.header.size;
    ring.release(tail);
  }
  if (tail != head) {
    damaged_bytes += head - tail;
    ring.release(head);
  }
  return count;
}

// Of a ring that is written backward and overwritten (and is paused): calls
// visit for each whole record, newest first. Returns how many.
template <typename Visit>
size_t visit_backward(const Ring& ring, Visit&& visit) {
  const uint64_t head = ring.head();
  size_t count = 0;
  for (uint64_t done = 0; done + sizeof(abi::perf_event_header) <= ring.size();
       ++count) {
    RingRecord record;
    ring.slices(head + done, sizeof(record.header))
        .copy_to(reinterpret_cast<uint8_t*>(&record.header));
    // Never written, or half overwritten by the newest.
    if (record.header.size < sizeof(record.header) ||
        record.header.size > ring.size() - done)
      break;
    record.bytes = ring.slices(head + done, record.header.size);
    visit(static_cast<const RingRecord&>(record));
    done += record.header.size;
  }
  return count;
}

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_RING_H_
