// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/code_view.h"

#include <algorithm>
#include <cstring>

namespace ptcap::decode {

namespace {

uint64_t end_of(const CodeRange& range) {
  return range.address + range.bytes.size();
}

// The part of `range` in [begin, end).
CodeRange cut(const CodeRange& range, uint64_t begin, uint64_t end) {
  return {begin, range.bytes.subspan(begin - range.address, end - begin)};
}

}  // namespace

void CodeView::add(CodeRange range) {
  // No code wraps around the end of the address space.
  const uint64_t room = 0 - range.address;
  if (room != 0 && range.bytes.size() > room) {
    range.bytes = range.bytes.first(room);
  }
  if (range.bytes.empty()) return;
  const uint64_t begin = range.address;
  const uint64_t end = end_of(range);

  auto first = std::find_if(
      ranges_.begin(), ranges_.end(),
      [&](const CodeRange& other) { return end_of(other) > begin; });
  auto last = std::find_if(first, ranges_.end(), [&](const CodeRange& other) {
    return other.address >= end;
  });
  std::vector<CodeRange> replacement;
  if (first != last && first->address < begin) {
    replacement.push_back(cut(*first, first->address, begin));
  }
  replacement.push_back(range);
  if (first != last && end_of(last[-1]) > end) {
    replacement.push_back(cut(last[-1], end, end_of(last[-1])));
  }
  auto at = ranges_.erase(first, last);
  ranges_.insert(at, replacement.begin(), replacement.end());
}

const CodeRange* CodeView::find(uint64_t ip) const {
  auto after = std::upper_bound(
      ranges_.begin(), ranges_.end(), ip,
      [](uint64_t a, const CodeRange& range) { return a < range.address; });
  if (after == ranges_.begin()) return nullptr;
  const CodeRange& range = after[-1];
  return ip - range.address < range.bytes.size() ? &range : nullptr;
}

size_t CodeView::read(uint64_t ip, std::span<uint8_t> out) const {
  size_t done = 0;
  while (done < out.size()) {
    const CodeRange* range = find(ip + done);
    if (range == nullptr) break;
    const auto rest = range->bytes.subspan(ip + done - range->address);
    const size_t size = std::min(rest.size(), out.size() - done);
    std::memcpy(out.data() + done, rest.data(), size);
    done += size;
  }
  return done;
}

bool CodeView::holds(const CodeRange& range) const {
  uint64_t at = range.address;
  auto left = range.bytes;
  while (!left.empty()) {
    const CodeRange* mine = find(at);
    if (mine == nullptr) return false;
    const auto part = mine->bytes.subspan(at - mine->address);
    const size_t size = std::min(part.size(), left.size());
    if (part.data() != left.data() &&
        std::memcmp(part.data(), left.data(), size) != 0) {
      return false;
    }
    at += size;
    left = left.subspan(size);
  }
  return true;
}

bool CodeView::overlaps(const CodeRange& range) const {
  auto after = std::upper_bound(
      ranges_.begin(), ranges_.end(), range.address,
      [](uint64_t a, const CodeRange& r) { return a < r.address; });
  if (after != ranges_.end() &&
      after->address - range.address < range.bytes.size()) {
    return true;
  }
  return after != ranges_.begin() &&
         range.address - after[-1].address < after[-1].bytes.size();
}

}  // namespace ptcap::decode
