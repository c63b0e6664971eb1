// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/edge_order.h"

#include <algorithm>

#include "decode/fast/journal.h"

namespace ptcap::decode::fast {

void EdgeOrder::begin(EdgeWriter& out,
                      std::span<const StrippedTrace::Mark> marks,
                      uint64_t offset) {
  out_ = &out;
  marks_ = marks;
  mark_ = 0;
  out.set_cycles(0);
  seek(offset);
}

void EdgeOrder::seek(uint64_t offset) {
  offset_ = offset;
  pass_marks(offset);
}

// Those in front of what is at `offset`.
void EdgeOrder::pass_marks(uint64_t offset) {
  while (mark_ < marks_.size() && marks_[mark_].offset <= offset) {
    out_->set_cycles(marks_[mark_++].cycles);
  }
}

void EdgeOrder::expand(std::span<const Element> entries) {
  lists_.resize(std::max<size_t>(lists_.size(), memo_.chunks.size()));
  for (const Element entry : entries) {
    const uint32_t id = entry.id();
    switch (entry.kind()) {
      case ElementKind::kChunk:
        put_chunk(id);
        break;
      case ElementKind::kAdvance:
        if (id <= kMaxAdvance) seek(offset_ + id);
        break;
      case ElementKind::kPsb:
      case ElementKind::kTsc:
        break;
      case ElementKind::kNotTaken:
      case ElementKind::kTaken:
      case ElementKind::kRecord:
      case ElementKind::kRun:
        some_edges_.clear();
        some_positions_.clear();
        fill(entry, 0);
        put(some_edges_, some_positions_.data(), sizeof(Run::key));
        break;
    }
  }
}

void EdgeOrder::put_chunk(uint32_t id) {
  List& list = lists_[id];
  const uint64_t size = memo_.chunks[id].size;
  if (list.known || (list.seen && learn(id, list))) [[likely]] {
    put_known(list, size);
  } else if (!has_positions()) {  // it may never come again
    memo_.visit_edges(
        Element(ElementKind::kChunk, id),
        [&](uint64_t from, uint64_t to) { out_->write(from, to); });
  } else {
    some_edges_.clear();
    some_positions_.clear();
    fill(Element(ElementKind::kChunk, id), 0);
    put(some_edges_, some_positions_.data(), size);
  }
  list.seen = true;
  offset_ += size;
}

// Those of a chunk of `bytes` bytes.
void EdgeOrder::put_known(const List& list, uint64_t bytes) {
  const std::span<const Edge> edges(edges_.data() + list.begin, list.size);
  if (!has_positions()) return out_->write(edges);
  pass_marks(offset_);
  const auto now = [&] { return out_->cycles(); };
  const uint16_t* firsts = firsts_.data() + list.firsts;
  uint64_t* cycles = out_->wants_cycles() ? out_->append(edges) : nullptr;
  size_t at = 0;
  // Four at a time, some of them too many: most are few.
  const auto put_until = [&](size_t next) {
    if (cycles == nullptr) return out_->write(edges.subspan(at, next - at));
    for (; at < next; at += EdgeWriter::kSlack) {
      std::fill_n(cycles + at, EdgeWriter::kSlack, now());
    }
  };
  while (mark_ < marks_.size() && marks_[mark_].offset < offset_ + bytes) {
    const size_t next = firsts[marks_[mark_].offset - offset_];
    if (next == edges.size()) break;
    put_until(next);
    at = next;
    out_->set_cycles(marks_[mark_++].cycles);
  }
  put_until(edges.size());
}

// Edges whose packets are within the next `bytes` bytes.
void EdgeOrder::put(std::span<const Edge> edges, const uint8_t* positions,
                    uint64_t bytes) {
  size_t at = 0;
  pass_marks(offset_);
  while (mark_ < marks_.size() && marks_[mark_].offset < offset_ + bytes) {
    const uint64_t position = marks_[mark_].offset - offset_;
    size_t next = at;
    while (next < edges.size() && positions[next] < position) ++next;
    // An element's end is not known: what is behind its last edge is of the
    // next one.
    if (next == edges.size()) break;
    out_->write(edges.subspan(at, next - at));
    out_->set_cycles(marks_[mark_++].cycles);
    at = next;
  }
  out_->write(edges.subspan(at));
}

// The edges of `element`, the first byte of which is at `position`.
void EdgeOrder::fill(Element element, uint8_t position) {
  const auto fill_path = [&](uint32_t path, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      const uint8_t inside =
          has_positions() ? memo_.pools.positions[path + i] : 0;
      fill(memo_.pools.paths[path + i],
           static_cast<uint8_t>(position + inside));
    }
  };
  const uint32_t id = element.id();
  if (element.kind() == ElementKind::kRun) {
    fill_path(memo_.runs[id].path, memo_.runs[id].path_size);
  } else if (element.kind() == ElementKind::kChunk) {
    fill_path(memo_.chunks[id].path, memo_.chunks[id].path_size);
  } else {
    memo_.visit_edges(element, [&](uint64_t from, uint64_t to) {
      some_edges_.push_back({from, to});
      if (has_positions()) some_positions_.push_back(position);
    });
  }
}

// False if there are too many to remember.
bool EdgeOrder::learn(uint32_t id, List& list) {
  constexpr size_t kMost = 0xffff;
  some_edges_.clear();
  some_positions_.clear();
  fill(Element(ElementKind::kChunk, id), 0);
  if (some_edges_.size() > kMost) return false;
  list.begin = static_cast<uint32_t>(edges_.size());
  list.size = static_cast<uint32_t>(some_edges_.size());
  list.firsts = static_cast<uint32_t>(firsts_.size());
  list.known = true;
  edges_.insert(edges_.end(), some_edges_.begin(), some_edges_.end());
  if (!has_positions()) return true;
  size_t first = 0;
  for (unsigned position = 0; position < memo_.chunks[id].size; ++position) {
    while (first < some_positions_.size() &&
           some_positions_[first] < position) {
      ++first;
    }
    firsts_.push_back(static_cast<uint16_t>(first));
  }
  return true;
}

void EdgeOrder::clear() {
  lists_ = {};
  edges_ = {};
  firsts_ = {};
}

}  // namespace ptcap::decode::fast
