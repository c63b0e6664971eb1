// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/libipt/aux_window.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "formats/pt/packet.h"
#include "formats/pt/scanner.h"

namespace ptcap::decode {

namespace {

constexpr size_t kHeadroom = 16;

}  // namespace

bool is_flow(pt::PacketType type) {
  switch (type) {
    case pt::PacketType::kTnt8:
    case pt::PacketType::kTnt64:
    case pt::PacketType::kTip:
    case pt::PacketType::kTipPge:
    case pt::PacketType::kTipPgd:
    case pt::PacketType::kFup:
    case pt::PacketType::kOvf:
    case pt::PacketType::kUnknown:
      return true;
    default:
      return false;
  }
}

bool holds_flow(const AuxBytes& aux, uint64_t begin, uint64_t end) {
  uint8_t chunk[4096];
  while (begin < end) {
    const uint64_t size = aux.read(
        begin, {chunk, std::min<uint64_t>(sizeof(chunk), end - begin)});
    if (size == 0) return true;
    pt::PacketScanner scanner(std::span<const uint8_t>(chunk, size));
    pt::Packet packet;
    while (scanner.next(packet)) {
      if (is_flow(packet.type)) return true;
    }
    begin += size;
  }
  return false;
}

AuxWindows::AuxWindows(const AuxBytes& aux, uint64_t window_size)
    : aux_(aux), window_size_(window_size), runs_(aux) {}

// Makes bytes [begin, end) of the run, as far as it has them, the content of
// the buffer; reads only what is not in it yet.
std::span<uint8_t> AuxWindows::load(size_t run, uint64_t begin, uint64_t end) {
  end = std::min(end, runs_[run].end);
  uint64_t kept_end = begin;
  if (begin >= loaded_begin_ && begin <= loaded_end_ && !buffer_.empty()) {
    kept_end = std::min(end, loaded_end_);
    const uint64_t kept = loaded_end_ - begin;
    if (begin != loaded_begin_) {
      std::memmove(buffer_.data() + kHeadroom,
                   buffer_.data() + kHeadroom + (begin - loaded_begin_), kept);
    }
    loaded_begin_ = begin;
  } else {
    loaded_begin_ = loaded_end_ = begin;
  }
  if (end > loaded_end_) {
    if (buffer_.size() < kHeadroom + (end - begin)) {
      buffer_.resize(kHeadroom + (end - begin));
    }
    kept_end = loaded_end_;
    while (kept_end < end) {
      const uint64_t size = aux_.read(
          kept_end,
          {buffer_.data() + kHeadroom + (kept_end - begin), end - kept_end});
      if (size == 0) {
        runs_.split(run, kept_end);
        break;
      }
      kept_end += size;
    }
    loaded_end_ = kept_end;
  }
  return {buffer_.data() + kHeadroom, std::min(end, loaded_end_) - begin};
}

std::optional<uint64_t> AuxWindows::find_start(size_t run, uint64_t from) {
  while (from < runs_[run].end) {
    const auto bytes = load(run, from, from + window_size_);
    if (bytes.empty()) return std::nullopt;
    if (const auto at = find_sync(bytes, 0)) return from + *at;
    if (from + bytes.size() >= runs_[run].end) return std::nullopt;
    from += bytes.size() - (pt::kPsbSize - 1);
  }
  return std::nullopt;
}

void AuxWindows::choose_end(size_t run, AuxWindow& window, uint64_t limit) {
  uint64_t size = window_size_;
  for (;;) {
    const uint64_t want = window.offset + size + kMaxPsbHeaderSize;
    window.bytes = load(run, window.offset, want);
    const bool all = want >= runs_[run].end;
    std::optional<uint64_t> cut;
    if (limit - window.offset < window.bytes.size()) {
      cut = find_sync(window.bytes,
                      std::max(limit - window.offset, pt::kPsbSize));
    } else if (!all) {
      cut = find_last_sync(window.bytes, 0, size);
    }
    if (cut) {
      window.next = parse_psb_header(window.bytes.subspan(*cut));
      window.bytes = window.bytes.first(*cut);
      window.end = AuxWindow::End::kPsb;
      return;
    }
    if (all) {
      window.end = runs_[run].lost_behind ? AuxWindow::End::kHole
                                          : AuxWindow::End::kStream;
      return;
    }
    size *= 2;
  }
}

std::optional<AuxWindow> AuxWindows::next(uint64_t from,
                                          std::optional<uint64_t> change,
                                          uint64_t limit) {
  for (size_t run = runs_.find(from); run < runs_.size();
       run = runs_.find(from)) {
    from = std::max(from, runs_[run].begin);
    const auto start = find_start(run, from);
    if (!start) {
      from = runs_[run].end;
      continue;
    }
    if (*start >= limit) return std::nullopt;
    AuxWindow window;
    window.offset = *start;
    choose_end(run, window, limit);
    window.header = parse_psb_header(window.bytes);
    if (change && *change > window.offset && *change < window.end_offset()) {
      window.bytes = window.bytes.first(*change - window.offset);
      window.end = AuxWindow::End::kChange;
      window.next = {};
    } else if (change && *change == window.end_offset() &&
               window.end == AuxWindow::End::kPsb) {
      window.end = AuxWindow::End::kChange;
    }
    return window;
  }
  return std::nullopt;
}

}  // namespace ptcap::decode
