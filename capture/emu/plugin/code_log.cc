// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/plugin/code_log.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "capture/emu/plugin/maps.h"
#include "capture/emu/plugin/process.h"

namespace ptcap::capture::emu::plugin {

namespace {

constexpr uint64_t kPageSize = 4096;

// The code bytes seen in a page, as they were last.
struct CodePage {
  uint64_t number = 0;
  CodePage* next = nullptr;
  uint32_t epoch = 0;  // of its last change
  uint32_t mapping_epoch = 0;
  uint8_t bytes[kPageSize];
  uint64_t known[kPageSize / 64] = {};

  bool is_known(uint64_t i) const { return known[i / 64] >> (i % 64) & 1; }
  void set_known(uint64_t i) { known[i / 64] |= uint64_t{1} << (i % 64); }
};

constexpr size_t kBuckets = 1 << 14;
CodePage* buckets[kBuckets];

CodePage& page_of(uint64_t address) {
  const uint64_t number = address / kPageSize;
  CodePage*& bucket = buckets[number % kBuckets];
  for (CodePage* page = bucket; page != nullptr; page = page->next) {
    if (page->number == number) return *page;
  }
  auto* page = static_cast<CodePage*>(calloc(1, sizeof(CodePage)));
  if (page == nullptr) abort();
  page->number = number;
  page->next = bucket;
  bucket = page;
  return *page;
}

struct Difference {
  bool is_new = false;
  bool is_changed = false;
};

void compare(CodePage& page, uint64_t offset, const uint8_t* bytes,
             uint64_t count, Difference& difference) {
  for (uint64_t i = 0; i < count; ++i) {
    uint8_t& seen = page.bytes[offset + i];
    if (!page.is_known(offset + i)) {
      page.set_known(offset + i);
      difference.is_new = true;
    } else if (seen != bytes[i]) {
      difference.is_changed = true;
    }
    seen = bytes[i];
  }
}

// Calls `visit(page, offset in it, bytes, count)` for each page touched.
template <typename Visit>
void for_each_page(uint64_t ip, const uint8_t* bytes, uint32_t size,
                   Visit visit) {
  while (size > 0) {
    const uint64_t offset = ip % kPageSize;
    const auto count =
        static_cast<uint32_t>(std::min<uint64_t>(size, kPageSize - offset));
    visit(page_of(ip), offset, bytes, count);
    ip += count;
    bytes += count;
    size -= count;
  }
}

void note_mapping(CodePage& page) {
  const uint32_t epoch = mapping_epoch();
  if (page.mapping_epoch == epoch) return;
  page.mapping_epoch = epoch;
  tell_mapping_of(page.number * kPageSize);
}

void send_code(MessageKind kind, uint64_t ip, const uint8_t* bytes,
               uint32_t size, uint32_t epoch) {
  CodeMessage message;
  message.address = ip;
  message.epoch = epoch;
  send(kind, message, bytes, size);
}

}  // namespace

uint32_t note_code(uint64_t ip, const uint8_t* bytes, uint32_t size) {
  Difference difference;
  for_each_page(ip, bytes, size,
                [&](CodePage& page, uint64_t offset, const uint8_t* part,
                    uint32_t count) {
                  note_mapping(page);
                  compare(page, offset, part, count, difference);
                });
  uint32_t epoch = process.epoch.load(std::memory_order_relaxed);
  if (difference.is_changed) {
    ++epoch;
    send_code(MessageKind::kChangedCode, ip, bytes, size, epoch);
    // Whoever sees the number finds the code behind it in the messages.
    process.epoch.store(epoch, std::memory_order_release);
  } else if (difference.is_new) {
    send_code(MessageKind::kCode, ip, bytes, size, 0);
  }
  uint32_t last_change = 0;
  for_each_page(ip, bytes, size,
                [&](CodePage& page, uint64_t, const uint8_t*, uint32_t) {
                  if (difference.is_changed) page.epoch = epoch;
                  last_change = std::max(last_change, page.epoch);
                });
  return last_change;
}

void note_mapping_change(uint64_t begin, uint64_t size) {
  forget_mappings(begin, size);
}

void repeat_code_in_child() {
  forget_mappings_in_child();
  for (CodePage* page : buckets) {
    for (; page != nullptr; page = page->next) {
      note_mapping(*page);
      uint32_t end = 0;
      for (uint32_t begin = 0; begin < kPageSize; begin = end + 1) {
        for (end = begin; end < kPageSize && page->is_known(end);) ++end;
        if (end == begin) continue;
        send_code(MessageKind::kCode, page->number * kPageSize + begin,
                  page->bytes + begin, end - begin, 0);
      }
    }
  }
}

}  // namespace ptcap::capture::emu::plugin
